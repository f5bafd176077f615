package tofu.api;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A bounded queue between the thread that receives and the one that reads a [MessageInputStream].
///
/// Threads: one feeds, one reads and closes.
final class FedParts implements MessageInputStream.Parts {
    private final int capacity;
    private final Duration timeout;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final Condition emptied = lock.newCondition();

    // Under the lock; 0 <= parts.size() <= capacity, and one more at the channel's end.
    private final Queue<MessageInputStream.Part> parts = new ArrayDeque<>();
    private boolean ended;
    private boolean closed;

    /// Makes an empty queue.
    ///
    /// @param capacity how many parts may wait
    /// @param timeout how long the reader waits at most
    FedParts(int capacity, Duration timeout) {
        this.capacity = capacity;
        this.timeout = Objects.requireNonNull(timeout, "timeout");
    }

    @Override
    public void feed(MessageInputStream.Part part, Duration timeout) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = NANOSECONDS.convert(timeout);
            // A channel's end waits for nobody: one slow reader would keep it from all others.
            while (!part.endsChannel() && parts.size() >= capacity) {
                if (left <= 0) {
                    throw new AmpeException(
                            Status.INBOX_FULL, capacity + " messages wait to be read");
                }
                left = emptied.awaitNanos(left);
            }
            if (!closed && !ended) {
                parts.add(part);
                ended = part.endsChannel();
                filled.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public MessageInputStream.Part next() throws IOException {
        try {
            lock.lockInterruptibly();
            try {
                long left = NANOSECONDS.convert(timeout);
                while (parts.isEmpty()) {
                    if (left <= 0) {
                        throw MessageInputStream.late(timeout);
                    }
                    left = filled.awaitNanos(left);
                }
                emptied.signal();
                return parts.remove();
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            throw MessageInputStream.interrupted(e);
        }
    }

    @Override
    public void close(MessageInputStream.Part last) {
        lock.lock();
        try {
            closed = true;
            parts.clear();
            emptied.signal();
        } finally {
            lock.unlock();
        }
    }
}
