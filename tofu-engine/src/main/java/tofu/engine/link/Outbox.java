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

    Outbox(Mailbox mailbox, Deliveries deliveries) {
        this.mailbox = mailbox;
        this.deliveries = deliveries;
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
