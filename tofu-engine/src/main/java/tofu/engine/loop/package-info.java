/// Who runs when: event loops, the threads that drive them, and the receivers that do so while they
/// wait. Knows tasks and commands; no channel, and no group.
@NullMarked
package tofu.engine.loop;

import org.jspecify.annotations.NullMarked;
