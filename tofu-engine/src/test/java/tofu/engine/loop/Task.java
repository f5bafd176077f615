package tofu.engine.loop;

import java.util.concurrent.atomic.AtomicInteger;

/// A task that counts its calls, and does what a test says in them.
final class Task implements LoopTask {
    /// Waits for nothing, and drives nothing.
    private static final Leader NOBODY =
            new Leader(
                    new Waiter() {
                        @Override
                        public boolean hasMail() {
                            return false;
                        }

                        @Override
                        public boolean isRefusing() {
                            return false;
                        }
                    },
                    () -> 0,
                    null);

    final ReadyQueue.Entry entry = new ReadyQueue.Entry(this, NOBODY);
    final AtomicInteger calls = new AtomicInteger();
    int ticks;
    long lastNanos;
    long deadline = DeadlineQueue.NEVER;
    Runnable onCall = () -> {};
    Runnable onTick = () -> deadline = DeadlineQueue.NEVER;

    @Override
    public void onScheduled(long nowNanos) {
        calls.incrementAndGet();
        lastNanos = nowNanos;
        onCall.run();
    }

    @Override
    public void onTick(long nowNanos) {
        ticks++;
        lastNanos = nowNanos;
        onTick.run();
    }

    @Override
    public long deadlineNanos() {
        return deadline;
    }
}
