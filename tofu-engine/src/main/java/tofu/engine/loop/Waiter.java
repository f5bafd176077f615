package tofu.engine.loop;

/// Somebody who waits for messages, and may drive the loop meanwhile.
public interface Waiter {
    /// Whether there is a message to take. The receiver's.
    ///
    /// @return true if it need not wait
    boolean hasMail();

    /// Whether waiting is pointless, as every call is refused. Any thread.
    ///
    /// @return true once it is
    boolean isRefusing();
}
