package tofu.engine.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// What other threads have asked of a loop and it has not done.
///
/// Threads: any may add and drop; the loop runs.
final class CommandQueue {
    private final Queue<Command> commands = new ConcurrentLinkedQueue<>();

    void add(Command command) {
        commands.add(command);
    }

    boolean isEmpty() {
        return commands.isEmpty();
    }

    /// Does all that was asked for.
    ///
    /// @return how many there were
    int runAll(long nowNanos) {
        int count = 0;
        for (Command command = commands.poll(); command != null; command = commands.poll()) {
            command.run(nowNanos);
            count++;
        }
        return count;
    }

    /// Lets go of all that was asked for.
    ///
    /// @return false if something is left
    boolean dropAll() {
        List<Command> left = null;
        for (Command command = commands.poll(); command != null; command = commands.poll()) {
            try {
                command.drop();
            } catch (RuntimeException | Error again) {
                left = left == null ? new ArrayList<>() : left;
                left.add(command);
            }
        }
        return left == null || !commands.addAll(left);
    }
}
