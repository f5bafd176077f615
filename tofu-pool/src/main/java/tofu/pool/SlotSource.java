package tofu.pool;

/// Whoever delivered a message to an inbox and is told when an application takes it.
@FunctionalInterface
public interface SlotSource {
    /// Called on the application's thread; may not block.
    ///
    /// @param frameLength length of the frame that was taken, in bytes
    void taken(int frameLength);

    /// Likewise, for a frame with others behind it that came together, so that it is enough if the
    /// world hears of it with the last of them.
    ///
    /// @param frameLength length of the frame that was taken, in bytes
    default void takenOfMany(int frameLength) {
        taken(frameLength);
    }
}
