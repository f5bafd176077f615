/// What the flight recorder gets of engines.
@NullMarked
package tofu.tests.flight;

import org.jspecify.annotations.NullMarked;
