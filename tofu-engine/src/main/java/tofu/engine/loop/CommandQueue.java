package tofu.engine.loop;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What other threads have asked of a loop and it has not done.
///
/// A command is run to its end, or let go of; whatever is thrown, and wherever: somebody may wait
/// for it, and nobody else knows of it. One that is parted by an Error may have done both.
///
/// Threads: any may add and drop; the loop runs.
final class CommandQueue {
    /// So many are run before the loop looks at its sockets and deadlines again: others may ask for
    /// more as fast as it goes.
    private static final int MOST_AT_ONCE = 256;

    private final Queue<Command> commands = new ConcurrentLinkedQueue<>();

    /// Is being run, or was when something was thrown.
    private volatile @Nullable Command begun;

    /// Kept, so that failing allocates nothing.
    @SuppressWarnings("UnnecessaryLambda")
    private final Predicate<Command> drop = CommandQueue::isDropped;

    void add(Command command) {
        commands.add(command);
    }

    boolean isEmpty() {
        return commands.isEmpty();
    }

    /// Does what was asked for, up to a bound; nothing once something was thrown. What is left is
    /// for the next turn, before which the loop does not sleep, as the queue is not empty.
    ///
    /// @return how many there were
    int runAll(long nowNanos) {
        if (begun != null) {
            return 0; // somebody else takes a last turn, and this is still to be let go of
        }
        int count = 0;
        Command command = commands.peek();
        while (command != null && count < MOST_AT_ONCE) {
            begun = command; // before it leaves the queue: any call may be the last one
            if (commands.remove(command)) { // else it was dropped just now
                command.run(nowNanos);
                count++;
            }
            begun = null;
            command = commands.peek();
        }
        return count;
    }

    /// Lets go of all that was asked for and is not begun.
    ///
    /// @return false if something is left
    boolean dropAll() {
        commands.removeIf(drop);
        return commands.isEmpty();
    }

    /// Lets go of what was begun, and could not be done. Nobody runs anything any more.
    ///
    /// @return false if it is left
    boolean dropBegun() {
        Command broken = begun;
        if (broken != null && !isDropped(broken)) {
            return false;
        }
        begun = null;
        return true;
    }

    private static boolean isDropped(Command command) {
        try {
            command.drop();
            return true;
        } catch (RuntimeException | Error again) {
            return false;
        }
    }
}
