package tofu.engine;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.Status;
import tofu.engine.link.Notices;
import tofu.engine.loop.Leader;
import tofu.pool.HeaderLayout;
import tofu.pool.MessageIds;
import tofu.pool.SlabMessage;
import tofu.pool.Slot;
import tofu.pool.SlotPool;
import tofu.pool.SlotSource;

/// What a group's application tells its own receiver; bounded like what is received.
///
/// Threads: any.
final class Updates {
    private final Gate gate;
    private final SlotPool pool;
    private final int most;
    private final Inbox inbox;
    private final Leader leader;

    /// Updates that wait in the inbox.
    private final AtomicInteger updates = new AtomicInteger();

    private final SlotSource onUpdateTaken = frameLength -> updates.getAndDecrement();

    /// @param most how many wait in the inbox at most
    Updates(Gate gate, SlotPool pool, int most, Inbox inbox, Leader leader) {
        this.gate = gate;
        this.pool = pool;
        this.most = most;
        this.inbox = inbox;
        this.leader = leader;
    }

    /// Adds one, see [tofu.api.ChannelGroup#updateReceiver(Message)].
    void add(@Nullable Message message) {
        gate.check();
        SlabMessage lease = message == null ? null : SlabMessage.present(message);
        if (updates.get() >= most) {
            throw inboxFull();
        }
        Slot slot = lease == null ? newUpdate() : lease.slot();
        if (lease != null) {
            lease.claim(slot);
        }
        boolean counted = false;
        boolean offered = false;
        try {
            // Counted when there is nothing left that it may fail for: nobody else is to be refused
            // for an update that is none.
            counted = countUpdate();
            if (counted) {
                if (lease != null) {
                    slot.handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE);
                    slot.channel(0);
                    slot.markApplication(Status.RECEIVER_UPDATE);
                }
                slot.source(onUpdateTaken);
                offered = inbox.offer(slot);
            }
        } finally {
            if (!offered) {
                takeBack(slot, lease, counted);
            }
        }
        if (offered) {
            if (lease != null) {
                lease.moved();
            }
            nudge();
            return;
        }
        gate.check();
        throw inboxFull();
    }

    /// The update is in the inbox, so that nothing may be thrown any more. A receiver that could
    /// not be told looks by itself before long.
    private void nudge() {
        try {
            inbox.wakeIfUnwoken();
            leader.nudge();
        } catch (RuntimeException | Error kept) {
            // as said
        }
    }

    private boolean countUpdate() {
        int before = updates.get();
        while (before < most) {
            if (updates.compareAndSet(before, before + 1)) {
                return true;
            }
            before = updates.get();
        }
        return false;
    }

    private void takeBack(Slot slot, @Nullable SlabMessage lease, boolean counted) {
        if (counted) {
            updates.getAndDecrement();
        }
        slot.source(null);
        if (lease == null) {
            slot.release(Slot.Owner.QUEUE);
            return;
        }
        if (slot.owner() == Slot.Owner.QUEUE) {
            slot.handOver(Slot.Owner.QUEUE, Slot.Owner.LEASE);
        }
        lease.restore(slot);
    }

    private AmpeException inboxFull() {
        return new AmpeException(Status.INBOX_FULL, most + " updates wait already");
    }

    private Slot newUpdate() {
        Slot slot = pool.take(HeaderLayout.LENGTH, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE);
        if (slot == null) {
            slot = pool.takeForNotice();
        }
        if (slot == null) {
            throw new AmpeException(Status.ALLOCATION_FAILED, "no memory for an update");
        }
        Notices.write(slot, 0, Status.RECEIVER_UPDATE, MessageIds.next());
        return slot;
    }
}
