package tofu.tests.rigs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tofu.api.AmpeException;
import tofu.api.Status;

/// Something that runs in a thread of its own, whose result, or failure, is asked for.
///
/// Threads: any.
public final class Running<T> {
    private static final List<Thread.State> WAITING =
            List.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

    private final FutureTask<T> task;
    private final Thread thread;

    private Running(FutureTask<T> task, Thread thread) {
        this.task = task;
        this.thread = thread;
    }

    /// What may fail.
    @FunctionalInterface
    public interface Action {
        void run() throws Exception;
    }

    /// Starts what has a result.
    public static <T> Running<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        return new Running<>(task, Thread.ofPlatform().daemon().start(task));
    }

    /// Starts what has none.
    public static Running<Boolean> run(Action work) {
        return start(
                () -> {
                    work.run();
                    return true;
                });
    }

    /// Whether it has ended, well or not.
    public boolean isDone() {
        return task.isDone();
    }

    /// Interrupts its thread.
    public void interrupt() {
        thread.interrupt();
    }

    /// Whether the thread drives an engine's loop.
    public boolean drivesLoop() {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().endsWith(".Reactor"));
    }

    /// In a lock, or for the sockets of a loop that it drives.
    private boolean isWaiting() {
        return WAITING.contains(thread.getState()) || drivesLoop();
    }

    /// Waits until the thread has nothing to do but wait.
    public Running<T> awaitWaiting() {
        Eventually.holds("a thread that waits", () -> isWaiting());
        return this;
    }

    /// Waits until the thread has nothing to do but wait, or nothing at all.
    public Running<T> awaitWaitingOrDone() {
        Eventually.holds("a thread that waits, or has ended", () -> isWaiting() || task.isDone());
        return this;
    }

    /// Waits for the end.
    public T result() {
        try {
            return task.get(Peer.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return fail("does not end, is at " + List.of(thread.getStackTrace()));
        } catch (ExecutionException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Waits for the end, which must be this exception.
    public <E extends Throwable> E failure(Class<E> type) {
        try {
            T result = task.get(Peer.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return fail("did not fail, but gave " + result);
        } catch (TimeoutException e) {
            return fail("does not end, is at " + List.of(thread.getStackTrace()));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(type);
            return type.cast(e.getCause());
        }
    }

    /// Waits for the end, which must be a refusal for this reason.
    public void expectRefusal(Status reason) {
        assertThat(failure(AmpeException.class).status()).isEqualTo(reason);
    }
}
