package tofu.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;

/// A small pool, whose listener counts how often it was told of a refill; goes back to its shelf
/// once all slots are home.
///
/// Threads: any.
public final class PoolRig {
    /// Room for some small slabs, but not for a slot of 64 KiB.
    static final long CAP = 64 << 10;

    final SlotPool pool;
    private final AtomicInteger told = new AtomicInteger();

    /// A pool that gives out so many messages.
    ///
    /// @param maxMessages the limit
    public PoolRig(int maxMessages) {
        pool = StressPools.small(maxMessages, CAP);
        pool.onRefill(told::incrementAndGet);
    }

    /// Takes a slot if the limit allows it.
    @Nullable Slot take() {
        return pool.take(HeaderLayout.LENGTH, AllocationStrategy.POOL_ONLY, Slot.Owner.QUEUE);
    }

    /// Takes a slot that must be there.
    ///
    /// @return a slot of [Slot.Owner#QUEUE]
    public Slot taken() {
        return Objects.requireNonNull(take());
    }

    /// Takes a slot, or asks to be told, as a loop does whose pool is empty.
    @Nullable Slot takeOrAsk() {
        Slot slot = take();
        if (slot == null) {
            pool.awaitRefill();
            slot = take();
        }
        return slot;
    }

    /// How many messages are out.
    ///
    /// @return 0 once all are home
    public int out() {
        return pool.messagesOut();
    }

    int told() {
        return told.get();
    }

    /// Checks that the pool gives out as many different slots as it may, and is empty then.
    ///
    /// @return "whole", or what is wrong
    String books(int maxMessages) {
        List<Slot> out = new ArrayList<>();
        for (Slot slot = take(); slot != null && out.size() <= maxMessages; slot = take()) {
            if (out.contains(slot)) {
                return "a slot twice";
            }
            out.add(slot);
        }
        out.forEach(slot -> slot.release(Slot.Owner.QUEUE));
        if (out.size() != maxMessages) {
            return out.size() + " slots";
        }
        told.set(0);
        return pool.messagesOut() == 0 ? "whole" : pool.messagesOut() + " out";
    }

    /// Releases what may be there.
    static void release(@Nullable Slot slot) {
        if (slot != null) {
            slot.release(Slot.Owner.QUEUE);
        }
    }
}
