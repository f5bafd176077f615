/// The engine: groups that applications talk to, and the loops that move their messages.
@NullMarked
package tofu.engine;

import org.jspecify.annotations.NullMarked;
