package tofu.engine.loop;

/// What a loop calls upwards: whoever lives on it has a part in its turns, and in its end.
///
/// Called on the loop, except [#fail(Throwable)].
public interface Turn {
    /// The pool has memory again.
    ///
    /// @param nowNanos the time of this turn
    void onRefill(long nowNanos);

    /// Hands over what was collected in this turn for those who wait for messages.
    void publish();

    /// Everything else of this turn is done.
    ///
    /// @param nowNanos the time of this turn
    void endOfTurn(long nowNanos);

    /// Closes everything without any ado, and lets everybody go who waits, as nobody drives the
    /// loop any more. To let go takes no memory, and comes first; what fails does not keep the rest
    /// from being done.
    ///
    /// @return false if something is left: to be called again
    boolean abandon();

    /// The loop has a bug, and cannot go on. Any thread that acts as the loop, or drives it.
    ///
    /// @param bug what was thrown
    void fail(Throwable bug);

    /// The loop begins to do what there is to do: a turn begins, or its wait is over.
    default void onBusy() {}

    /// The loop has done that, or waits for more. Meanwhile nobody else was served.
    default void onIdle() {}
}
