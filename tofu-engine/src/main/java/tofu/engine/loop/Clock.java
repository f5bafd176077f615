package tofu.engine.loop;

import java.util.concurrent.locks.LockSupport;

/// The time, and the ways in which a thread lets it pass; a simulation has its own.
///
/// Threads: any.
public interface Clock {
    /// The time.
    ///
    /// @return nanoseconds, as [System#nanoTime()] counts them
    long nanoTime();

    /// Waits until the thread is unparked, the time is over, or for no reason.
    ///
    /// @param blocker what the thread waits for
    /// @param nanos how long at most, more than 0
    default void park(Object blocker, long nanos) {
        LockSupport.parkNanos(blocker, nanos);
    }

    /// Whether there is only one processor: then nobody gets on with his own work while the caller
    /// does his.
    ///
    /// @return false if that is not known
    default boolean isUniprocessor() {
        return false;
    }

    /// Passes the moment between two looks for events, of a thread that does not sleep yet. The
    /// time has to go on.
    default void spin() {
        Thread.onSpinWait();
    }
}
