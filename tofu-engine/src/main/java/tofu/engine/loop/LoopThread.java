package tofu.engine.loop;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/// Keeps one loop: drives it whenever nobody else does, until it stops.
public final class LoopThread {
    /// Whoever has the loop, and is asked when it ends.
    public interface Owner {
        /// Ends a loop that nobody drives any more.
        ///
        /// @param loop the loop
        /// @return false if something is left: to be called again
        boolean end(Reactor loop);

        /// Says in the log why the loop has failed, if it has; it may take its time.
        void logFailure();
    }

    /// How long the loop is left to senders that do its work. The last of their messages wait as
    /// long; to wake the loop for each batch would cost the senders more.
    private static final long PAUSE_NANOS = 50_000;

    /// How often the end is tried, while there is not enough memory for it, and how soon again.
    private static final int MOST_TRIES = 1_000;

    private static final long TRY_NANOS = 20_000_000;

    private final Owner owner;
    private final Reactor loop;
    private final Thread thread;
    private final CountDownLatch ended = new CountDownLatch(1);

    /// A thread that is yet to be started, and drives the loop from then on.
    ///
    /// @param name its name
    /// @param loop what it keeps
    /// @param owner who has the loop
    public LoopThread(String name, Reactor loop, Owner owner) {
        this.owner = owner;
        this.loop = loop;
        this.thread = EngineThread.unstarted(name, this::run);
        loop.keep(thread);
    }

    /// Starts it.
    public void start() {
        thread.start();
    }

    /// Waits until the loop has ended, or for a while. Not for the thread: the log, which it tells
    /// last, may be waiting for the caller. A thread that was never started has ended.
    ///
    /// @param nanos how long to wait at most
    /// @return whether the loop has ended, or was never begun
    public boolean awaitEnd(long nanos) {
        return thread.getState() == Thread.State.NEW || Uninterruptibly.await(ended, nanos);
    }

    private void run() {
        try {
            keep();
        } catch (IOException | RuntimeException | Error bug) {
            loop.fail(bug);
        } finally {
            end();
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // a hint; nothing relies on it
    private void keep() throws IOException {
        while (!loop.isStopped()) {
            loop.attend();
            Thread.interrupted(); // left standing, it would end every wait at once
            if (loop.isFedBySenders()) {
                // They leave nothing but the last few messages, and what comes in.
                LockSupport.parkNanos(this, PAUSE_NANOS);
                loop.step(0);
            } else {
                if (loop.isBursting()) {
                    Thread.yield(); // to the senders, if they need this processor to send more
                }
                loop.step(Reactor.LOOK_NANOS);
            }
            loop.cede();
        }
    }

    private void end() {
        try {
            for (int i = 0; i < MOST_TRIES && !tryEnd(); i++) {
                LockSupport.parkNanos(this, TRY_NANOS);
            }
        } finally {
            ended.countDown();
            tellLog();
        }
    }

    /// Lets everybody go, and closes everything.
    ///
    /// @return false if something is left
    private boolean tryEnd() {
        Thread.interrupted(); // left standing, it would keep us from waiting for whoever acts as it
        try {
            return owner.end(loop);
        } catch (RuntimeException | Error again) {
            return false;
        }
    }

    private void tellLog() {
        try {
            owner.logFailure();
        } catch (RuntimeException | Error outOfOrder) {
            // What is out of order may be out of order for the log, too.
        }
    }
}
