package tofu.engine.link;

import tofu.pool.Slot;
import tofu.pool.SlotBatch;

/// What one loop has collected for one group, so that the group gets one batch and one wake-up.
///
/// Thread: the loop. Owns the slots in it.
public final class Outbox {
    private final Mailbox mailbox;
    private final Deliveries deliveries;
    private final SlotBatch batch = new SlotBatch();

    /// An empty one.
    ///
    /// @param mailbox whose messages it collects
    /// @param bench the loop's
    public Outbox(Mailbox mailbox, Workbench bench) {
        this.mailbox = mailbox;
        this.deliveries = bench.deliveries;
    }

    /// Whose messages these are.
    Mailbox mailbox() {
        return mailbox;
    }

    void add(Slot slot) {
        if (batch.isEmpty()) {
            deliveries.touched(this);
        }
        batch.add(slot);
    }

    void publish() {
        mailbox.deliver(batch);
    }
}
