package tofu.engine.loop;

/// What another thread asks of a loop, once; the control plane.
public interface Command {
    /// Does it. Called on the loop; may not block, and may not throw.
    ///
    /// @param nowNanos the time of this turn
    void run(long nowNanos);

    /// Lets go of all that the command holds, and of whoever waits for it: the loop has ended, and
    /// will not run it, or not to its end. Called on any thread; called again if it throws, so it
    /// does no harm to do it twice.
    void drop();
}
