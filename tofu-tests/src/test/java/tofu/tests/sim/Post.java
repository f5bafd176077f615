package tofu.tests.sim;

import tofu.api.OpCode;

/// One message that an application has enqueued, and what has become of it.
///
/// Thread: one.
final class Post {
    final long id;
    static final int NOT_ACCEPTED = -1;

    final Way way;
    final OpCode opCode;
    final boolean urgent;
    final boolean more;
    final int length;

    /// Position among the posts of its way that keep their order with it; set when it is accepted.
    int position = NOT_ACCEPTED;

    boolean sent;
    boolean returned;
    boolean delivered;

    Post(long id, Way way, OpCode opCode, boolean urgent, boolean more, int length) {
        this.id = id;
        this.way = way;
        this.opCode = opCode;
        this.urgent = urgent;
        this.more = more;
        this.length = length;
    }

    boolean isAccepted() {
        return position >= 0;
    }

    boolean isEnded() {
        return sent || returned;
    }

    @Override
    public String toString() {
        return opCode
                + " "
                + id
                + (urgent ? " out of band" : "")
                + (isAccepted() ? " at " + position : " refused")
                + (sent ? ", sent" : "")
                + (returned ? ", returned" : "")
                + (delivered ? ", delivered" : "");
    }
}
