/// The deterministic simulation: engines, their applications and the network between them, in one
/// thread, in virtual time, from one seed.
@NullMarked
package tofu.tests.sim;

import org.jspecify.annotations.NullMarked;
