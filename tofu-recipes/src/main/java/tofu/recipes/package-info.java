/// Runnable examples: an echo server, a client that checks it, and a demo that measures both
/// transports.
@NullMarked
package tofu.recipes;

import org.jspecify.annotations.NullMarked;
