package tofu.api;

/// How closely the engine watches for messages that become unreachable while they own memory.
///
/// A leak is reported once, as a warning of [System.Logger] `tofu.leak`, with the stack that got
/// the message where that is known.
///
/// More may come: a `switch` over them needs a `default`.
public enum LeakDetection {
    /// Only counts: closing the engine reports how many messages did not come back.
    OFF,
    /// Watches one message in 1,024.
    SAMPLED,
    /// Watches every message, and takes a stack trace for each: for tests.
    PARANOID
}
