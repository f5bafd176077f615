/// The kit against peers that break the protocol, and peers that are killed.
@NullMarked
package tofu.tests.kit;

import org.jspecify.annotations.NullMarked;
