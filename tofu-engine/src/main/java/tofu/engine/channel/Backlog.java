package tofu.engine.channel;

/// What one loop has delivered to one group whose application has not taken it, and what has begun
/// to come for it, of all channels together. It is groups that share the memory for that: a
/// receiver that does not take is behind with all of its channels, of which there may be any
/// number; and so may there be of those whose peers begin a frame and do not end it.
///
/// Threads: what is delivered belongs to the loop, what is taken to the group's receiver, each with
/// the counters of a [ReceiveWindow], which order memory. The loop may see less taken than is; it
/// sees all before it is told that memory came back.
public final class Backlog {
    private long deliveredBytes;
    private long begunBytes;

    /// Changed by the receiver's window, by a store: there may be no stack for a call.
    long takenBytes;

    /// Nothing was delivered yet.
    public Backlog() {}

    /// Loop: frames go to the inbox.
    void delivered(int bytes) {
        deliveredBytes += bytes;
    }

    /// Loop: how many bytes were delivered and not taken.
    long untakenBytes() {
        return deliveredBytes - takenBytes;
    }

    /// Loop: frames that have begun have more memory than before.
    ///
    /// @param bytes how much more, below 0 for less
    void begun(int bytes) {
        begunBytes += bytes;
    }

    /// Loop: how much memory the group has.
    ///
    /// @return what was delivered and not taken, and what frames that have begun have, in bytes
    long bytes() {
        return untakenBytes() + begunBytes;
    }
}
