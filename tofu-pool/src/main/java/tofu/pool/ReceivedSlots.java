package tofu.pool;

import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;

/// Finds memory for messages on their way to an application.
///
/// They are bytes of a log until then. If send queues and inboxes have all messages, or all memory,
/// what waits in an inbox would wait for what is behind it: so as long as it is not applications
/// that have so much, there is some beyond the pool's limits.
///
/// Threads: any.
final class ReceivedSlots {
    /// Whoever is refused something for what applications have, or granted it, may look at so many
    /// slots for that; if there are more, only some do.
    private static final int SLOTS_LOOKED_AT = 512;

    private final SlotPool pool;
    private final int maxMessages;
    private final long maxBytes;

    /// How many messages more may be received beyond `maxMessages`.
    private final Allowance beyond = new Allowance();

    /// How many more spare slots may be made.
    private final Allowance spares = new Allowance();

    /// @param pool the pool of messages
    /// @param maxMessages its limit
    /// @param maxBytes its limit
    ReceivedSlots(SlotPool pool, int maxMessages, long maxBytes) {
        this.pool = pool;
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    /// Takes a slot for a message that came from a peer. Goes beyond `maxPoolMessages` as long as
    /// applications have fewer.
    ///
    /// @param frameLength 16 to 131,086, in bytes
    /// @param logs where the message is
    /// @return a slot of [Slot.Owner#LEASE], or `null` if applications have all messages, or as
    ///     [#takeBack]
    @Nullable Slot take(int frameLength, SlotPool logs) {
        if (beyond.isKnown() && pool.isAtEase()) {
            beyond.forget(); // counted when others had the messages, applications may have them now
        }
        // Last, as a slot would be lost if the stack ended in a call behind it.
        Slot slot = pool.take(frameLength, AllocationStrategy.POOL_ONLY, Slot.Owner.LEASE);
        return slot == null && mayGoBeyond(logs) ? takeBack(frameLength, logs) : slot;
    }

    /// Takes a slot for a message that comes back to its application. Goes beyond `maxPoolBytes`:
    /// into what is left for logs, as long as more than half of that is free; then by spare slots,
    /// as long as applications have less than half of `maxPoolBytes`.
    ///
    /// @param frameLength 16 to 131,086, in bytes
    /// @param logs where the message is, and will have left memory by and by; it has spare slots,
    ///     too
    /// @return a slot of [Slot.Owner#LEASE], or `null` if there is no memory, and applications have
    ///     half of what there may be
    @Nullable Slot takeBack(int frameLength, SlotPool logs) {
        Slot slot = pool.take(frameLength, AllocationStrategy.ALWAYS, Slot.Owner.LEASE);
        if (slot == null) {
            slot = logs.loans().takeForMessage(frameLength);
        }
        if (slot == null) {
            slot = logs.loans().takeSpare();
        }
        if (slot == null && spares.take(() -> possibleSpares(logs), refusals())) {
            slot = logs.loans().makeSpare();
        }
        return slot;
    }

    private boolean mayGoBeyond(SlotPool logs) {
        return beyond.take(() -> atOnce(maxMessages - leases(logs)), refusals());
    }

    private int leases(SlotPool logs) {
        return pool.whereabouts().leases() + logs.whereabouts().leases();
    }

    private long leasedBytes(SlotPool logs) {
        return pool.whereabouts().leasedBytes() + logs.whereabouts().leasedBytes();
    }

    /// Who had it then may not have it when it is used, but an application: so no more is granted
    /// at a time than is refused.
    private int atOnce(int most) {
        return Math.min(most, 1 + refusals());
    }

    /// One there may be in any case.
    private int possibleSpares(SlotPool logs) {
        long left = maxBytes / 2 - leasedBytes(logs);
        int some = atOnce((int) Math.min(left / Loans.SPARE_STRIDE, Integer.MAX_VALUE));
        return logs.loans().hasNoSpare() ? Math.max(some, 1) : some;
    }

    private int refusals() {
        return pool.slabs().slotCount() / SLOTS_LOOKED_AT;
    }

    /// Counts again when next there is none.
    void countAgain() {
        beyond.forget();
        spares.forget();
    }
}
