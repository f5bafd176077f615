package tofu.engine.channel;

/// What one loop has delivered to one group whose application has not taken it, of all channels
/// together. It is groups that share the memory for that: a receiver that does not take is behind
/// with all of its channels, of which there may be any number.
///
/// Threads: what is delivered belongs to the loop, what is taken to the group's receiver, each with
/// the counters of a [ReceiveWindow], which order memory. The loop may see less taken than is; it
/// sees all before it is told that memory came back.
public final class Backlog {
    private long deliveredBytes;

    /// Changed by the receiver's window, by a store: there may be no stack for a call.
    long takenBytes;

    /// Nothing was delivered yet.
    public Backlog() {}

    /// Loop: frames go to the inbox.
    void delivered(int bytes) {
        deliveredBytes += bytes;
    }

    /// Loop: how many bytes were delivered and not taken.
    long bytes() {
        return deliveredBytes - takenBytes;
    }
}
