package tofu.engine;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/// Keeps one loop: drives it whenever nobody else does, until it stops.
final class LoopThread {
    /// How long the loop is left to senders that do its work. The last of their messages wait as
    /// long; to wake the loop for each batch would cost the senders more.
    private static final long PAUSE_NANOS = 50_000;

    private final Engine engine;
    private final Reactor loop;
    private final Thread thread;

    LoopThread(Engine engine, Reactor loop) {
        this.engine = engine;
        this.loop = loop;
        this.thread =
                Thread.ofPlatform().daemon().name("tofu-loop-" + loop.index()).unstarted(this::run);
        loop.keep(thread);
    }

    void start() {
        thread.start();
    }

    void awaitEnd() {
        Uninterruptibly.join(thread);
    }

    @SuppressWarnings("ThreadPriorityCheck") // a hint; nothing relies on it
    private void run() {
        try {
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
                    loop.step(Long.MAX_VALUE);
                }
                loop.cede();
            }
        } catch (IOException | RuntimeException | Error bug) {
            engine.fail(bug);
        } finally {
            loop.abandon();
        }
    }
}
