/// The contract of a net, which real sockets and the simulation's both keep.
@NullMarked
package tofu.tests.net;

import org.jspecify.annotations.NullMarked;
