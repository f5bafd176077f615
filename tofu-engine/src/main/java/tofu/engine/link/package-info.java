/// Sockets with their channels, and what all that live on one loop share.
@NullMarked
package tofu.engine.link;

import org.jspecify.annotations.NullMarked;
