/// What tests of several packages stand on: stages, peers and raw sockets, slow sockets, names,
/// processes, and probes of what a process holds. What only one package uses is in that package.
@NullMarked
package tofu.tests.rigs;

import org.jspecify.annotations.NullMarked;
