package tofu.engine.link;

import org.jspecify.annotations.Nullable;
import tofu.engine.loop.Leader;
import tofu.pool.MailBatch;
import tofu.pool.MailChain;
import tofu.pool.MailQueue;

/// A group that does not listen: what is delivered to it goes back to the pool.
///
/// Thread: the test's.
final class DeafGroup implements Mailbox {
    private final MailQueue closed = new MailQueue();
    private final Leader leader = new Leader(this, () -> 0, null);
    private final Totals totals = Totals.ofEngine().ofGroup(0);

    /// What a delivery throws.
    @Nullable Error failure;

    DeafGroup() {
        closed.closeTo(new MailChain());
    }

    @Override
    public void deliver(MailBatch batch) {
        if (failure != null) {
            throw failure;
        }
        batch.moveTo(closed);
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
        return false;
    }

    @Override
    public boolean isRefusing() {
        return true;
    }
}
