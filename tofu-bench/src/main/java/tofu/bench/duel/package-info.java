/// Two processes, one connection: measures tofu and other systems side by side.
@NullMarked
package tofu.bench.duel;

import org.jspecify.annotations.NullMarked;
