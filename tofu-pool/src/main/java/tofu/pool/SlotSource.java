package tofu.pool;

/// Whoever delivered a slot to an inbox and is told when an application takes it.
@FunctionalInterface
public interface SlotSource {
    /// Called on the application's thread; may not block.
    ///
    /// @param frameLength length of the frame that was taken, in bytes
    void taken(int frameLength);
}
