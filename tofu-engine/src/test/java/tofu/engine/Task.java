package tofu.engine;

import java.util.concurrent.atomic.AtomicInteger;
import tofu.engine.channel.Deadline;

/// A task that counts its calls, and does what a test says in them.
final class Task implements LoopTask {
    final AtomicInteger calls = new AtomicInteger();
    int ticks;
    long lastNanos;
    long deadline = Deadline.NONE;
    Runnable onCall = () -> {};
    Runnable onTick = () -> deadline = Deadline.NONE;

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
