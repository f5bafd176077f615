package tofu.engine.link;

import java.util.ArrayList;
import java.util.List;
import tofu.api.Status;
import tofu.engine.loop.Leader;
import tofu.pool.MailBatch;
import tofu.pool.MailChain;
import tofu.pool.MailQueue;
import tofu.pool.SlabMessage;
import tofu.pool.Slot;

/// A group that keeps what is delivered to it until the test takes it.
///
/// Thread: the test's.
final class KeepingGroup implements Mailbox {
    private final MailQueue mail = new MailQueue();
    private final Leader leader = new Leader(this, () -> 0, null);
    private final Totals totals = Totals.ofEngine().ofGroup(0);

    /// How many batches were delivered.
    int deliveries;

    /// Takes all that there is.
    ///
    /// @return the status, channel and id of each signal, and the cause if it has one
    List<String> take() {
        MailChain chain = new MailChain();
        mail.drainTo(chain);
        List<String> taken = new ArrayList<>();
        while (chain.pollFirst() instanceof Slot slot) {
            SlabMessage message = SlabMessage.view(slot);
            String cause = message.headers().first(Status.CAUSE);
            taken.add(
                    message.status()
                            + (slot.endsChannel() ? " and the end" : "")
                            + " of "
                            + slot.channel()
                            + ", id "
                            + slot.id()
                            + (cause == null ? "" : ": " + cause));
            slot.discard();
        }
        return taken;
    }

    @Override
    public void deliver(MailBatch batch) {
        deliveries++;
        batch.moveTo(mail);
    }

    @Override
    public Leader leader() {
        return leader;
    }

    @Override
    public Totals totals() {
        return totals;
    }

    @Override
    public boolean hasMail() {
        return !mail.isEmpty();
    }

    @Override
    public boolean isRefusing() {
        return false;
    }
}
