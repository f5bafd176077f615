package tofu.engine.net;

/// Told by [Net#poll(long, Runnable)] that its stream or acceptor is ready.
///
/// The callee may read, write, change interest, and close any stream; it may not call `poll`,
/// block, or throw.
@FunctionalInterface
public interface NetHandler {
    /// Called on the loop. Readiness may be spurious.
    ///
    /// @param ops bits of [Net#READ], [Net#WRITE], [Net#CONNECT], [Net#ACCEPT], among those of
    ///     interest
    void onReady(int ops);
}
