package tofu.tests.sim;

import org.jspecify.annotations.Nullable;

/// One channel as the application at one end of it sees it.
///
/// Thread: one.
final class Talk {
    final int number;

    /// What this end says, and what it hears.
    final Way said;

    final Way heard;

    /// The same channel at the other end, once that knows of it; `null` for a rude peer.
    @Nullable Talk peer;

    /// This end has dialled.
    boolean dialler;

    /// A HelloResponse has not been said yet.
    boolean helloOwed;

    boolean byeSaid;
    boolean byeHeard;
    boolean answerOwed;
    boolean ended;

    /// An enqueue was refused for want of room, and nobody has said since that there is room.
    boolean refused;

    Talk(int number, Way said, Way heard) {
        this.number = number;
        this.said = said;
        this.heard = heard;
    }

    /// Whether something may be enqueued.
    boolean isTalkative() {
        return !byeSaid && !ended;
    }
}
