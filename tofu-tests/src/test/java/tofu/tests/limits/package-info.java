/// Several real threads at the bounds of an engine, and raw peers that flood one: what a simulation
/// with one thread cannot see.
@NullMarked
package tofu.tests.limits;

import org.jspecify.annotations.NullMarked;
