package tofu.engine.channel;

import tofu.api.Status;
import tofu.pool.SlotSource;

/// A notice that the application has once at most: what it has not taken is not told again.
///
/// Threads: the loop tells, the receiver takes.
final class SoleNotice implements SlotSource {
    private final Outlet outlet;
    private final Status status;

    /// The application has not taken it.
    private volatile boolean out;

    SoleNotice(Outlet outlet, Status status) {
        this.outlet = outlet;
        this.status = status;
    }

    /// Loop: tells it, unless it is out.
    void tell(long id) {
        if (!out) {
            out = true;
            outlet.signal(status, id, this);
        }
    }

    /// Receiver: has it, or nobody ever will.
    @Override
    public void taken(int frameLength) {
        out = false;
    }
}
