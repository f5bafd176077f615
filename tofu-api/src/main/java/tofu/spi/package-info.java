/// What an engine implements so that [tofu.api.Ampe#open(tofu.api.Options)] finds it.
@NullMarked
package tofu.spi;

import org.jspecify.annotations.NullMarked;
