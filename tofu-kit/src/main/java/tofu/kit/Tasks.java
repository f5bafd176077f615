package tofu.kit;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// What other threads want the loop to do, in order.
///
/// Threads: any adds, one takes.
final class Tasks {
    /// How many may wait at a time.
    static final int MAX_TASKS = 65_536;

    private final Queue<Runnable> queue = new ArrayDeque<>();
    private boolean closed;

    /// Adds a task.
    ///
    /// @throws RejectedExecutionException at [#MAX_TASKS], and once closed
    synchronized void add(Runnable task) {
        if (closed) {
            throw new RejectedExecutionException("the dispatcher has ended");
        }
        if (queue.size() >= MAX_TASKS) {
            throw new RejectedExecutionException(MAX_TASKS + " tasks wait already");
        }
        queue.add(task);
    }

    synchronized @Nullable Runnable poll() {
        return queue.poll();
    }

    synchronized int size() {
        return queue.size();
    }

    /// From now on nothing is added.
    synchronized void close() {
        closed = true;
    }
}
