package tofu.tests.rigs;

import static org.assertj.core.api.Assertions.assertThat;

/// What became of one kind of messages that one side enqueued on a channel, with the ids 1, 2, 3, …
///
/// ```
/// 0 <= answered <= arrived < firstReturned <= accepted + 1
/// ```
///
/// Thread: one at a time.
public final class Books {
    private final String kind;
    private long accepted;
    private long answered;
    private long lastReturned;
    private long firstReturned;
    private boolean anyReturned;

    /// @param kind what a failure calls the messages
    public Books(String kind) {
        this.kind = kind;
    }

    /// The id of the next one.
    public long next() {
        return accepted + 1;
    }

    /// The engine has taken it.
    public void accept(long id) {
        assertThat(id).as(kind + " accepted").isEqualTo(accepted + 1);
        accepted = id;
    }

    /// The peer's application has said that it has it.
    public void answer(long id) {
        assertThat(id).as(kind + " answered in order, and once").isEqualTo(answered + 1);
        answered = id;
    }

    /// It came back with a status.
    public void takeBack(long id) {
        if (anyReturned) {
            assertThat(id).as(kind + " returned in order, and once").isEqualTo(lastReturned + 1);
        } else {
            firstReturned = id;
            anyReturned = true;
        }
        lastReturned = id;
    }

    /// How many were accepted and are not answered yet.
    public long unanswered() {
        return accepted - answered;
    }

    /// How many were answered.
    public long answered() {
        return answered;
    }

    /// How many came back.
    public long returned() {
        return anyReturned ? lastReturned - firstReturned + 1 : 0;
    }

    /// How many were accepted.
    public long accepted() {
        return accepted;
    }

    /// The channel is closed: checks that what came back is the tail of what was accepted, and that
    /// what arrived is neither less than what was answered, nor anything that came back.
    ///
    /// @param arrived how many arrived, from the first on
    public void close(long arrived) {
        if (anyReturned) {
            assertThat(lastReturned).as(kind + " returned last").isEqualTo(accepted);
        }
        long firstUnsent = anyReturned ? firstReturned : accepted + 1;
        assertThat(arrived)
                .as(
                        "%s: %d accepted, %d answered, returned from %d",
                        kind, accepted, answered, firstUnsent)
                .isBetween(answered, firstUnsent - 1);
    }
}
