package tofu.kit;

/// What becomes of news for a subscriber that does not keep up: its send queue is full, and as much
/// waits for room as may, in messages or in bytes.
///
/// More may come: a `switch` over them needs a `default`.
public enum Slow {
    /// What has waited longest makes room: the subscriber has the latest, with gaps.
    DROP_OLDEST,
    /// What comes is dropped: the subscriber has the earliest, with gaps.
    DROP_NEWEST,
    /// The subscriber is cut off: it has everything, or notices that it has not.
    DISCONNECT,
    /// The publisher waits: its request is answered when every subscriber has the news in its send
    /// queue, and is refused if as much waits as may. Signals are dropped for who has no room;
    /// [Topics#publish] is never refused either: who has no room misses it.
    WAIT
}
