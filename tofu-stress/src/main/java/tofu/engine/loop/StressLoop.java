package tofu.engine.loop;

import java.io.IOException;
import java.io.UncheckedIOException;

/// A loop of its own on a [StressNet], and a task and a command that note that they were called.
///
/// Threads: one drives the loop, any others may ask for something.
final class StressLoop implements LoopTask, Turn, Command {
    /// Waits for nothing, and drives nothing.
    static final Leader NOBODY =
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

    final StressNet net = new StressNet();
    final Reactor loop = new Reactor(this, net, () -> 0, new FirstFailure(), true, 0);
    final ReadyQueue.Entry entry = new ReadyQueue.Entry(this, NOBODY);
    private int calls;

    StressLoop() {
        loop.keep(Thread.currentThread()); // who only has to be somebody
    }

    @Override
    public void onScheduled(long nowNanos) {
        calls++;
    }

    @Override
    public void onTick(long nowNanos) {}

    @Override
    public long deadlineNanos() {
        return DeadlineQueue.NEVER;
    }

    @Override
    public void run(long nowNanos) {
        calls++;
    }

    @Override
    public void drop() {}

    @Override
    public void onRefill(long nowNanos) {}

    @Override
    public void publish() {}

    @Override
    public void endOfTurn(long nowNanos) {}

    @Override
    public boolean abandon() {
        return true;
    }

    @Override
    public void fail(Throwable bug) {
        throw new IllegalStateException("the loop has failed", bug);
    }

    /// How often the loop has called the task or run the command.
    int calls() {
        return calls;
    }

    /// Drives the loop until it has called as often as expected, or sleeps for ever.
    ///
    /// @return "called", or "asleep for ever"
    String driveUntilCalled(int expected) {
        try {
            while (calls < expected && !net.sleptInVain()) {
                loop.step(Long.MAX_VALUE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return calls == expected ? "called" : calls > expected ? "called twice" : "asleep for ever";
    }
}
