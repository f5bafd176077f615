package tofu.engine.channel;

/// Something that lasts, and of which a record is being made.
///
/// Whoever has begun it ends it, on any thread, or forgets it: then nothing is recorded.
public interface Span {
    /// It is over. Called once.
    void end();
}
