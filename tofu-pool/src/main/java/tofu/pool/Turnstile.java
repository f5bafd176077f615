package tofu.pool;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;

/// Where slots go out of a pool and come back, one by one, and each is counted.
///
/// A slot that is nobody's goes out by way of the calling thread's magazine, where it is counted
/// already, or of [Slabs], where it is counted here: before it is taken if there is a limit, else
/// behind that. It comes back the same ways, first to its place, then off the count; only then
/// those who wait are told, and memory may go back to the system. Slots of the reserve do not
/// count.
///
/// Threads: any. What is written to a slot before it is given back is published to whoever takes it
/// next by the free list, or the magazine, that it goes through.
///
/// Errors: between the calls here an application's stack may end. Up to its place a slot is adrift
/// then, and behind that only the count is wrong; [Adrift] has both.
final class Turnstile {
    private static final long POISON = 0xA5A5_A5A5_A5A5_A5A5L;

    private final SlotPool pool;
    private final MessageCount count;
    private final Refill refill;
    private final Adrift adrift;
    private final Slabs slabs;
    private final SizeClass reserve;
    private final boolean forLogs;

    /// Somebody was refused as too many messages were out, maybe one that was only counted.
    private volatile boolean crowded;

    /// @param forLogs whether the pool is one of chunks
    Turnstile(
            SlotPool pool,
            MessageCount count,
            Refill refill,
            Adrift adrift,
            Slabs slabs,
            boolean forLogs) {
        this.pool = pool;
        this.count = count;
        this.refill = refill;
        this.adrift = adrift;
        this.slabs = slabs;
        this.reserve = slabs.reserve();
        this.forLogs = forLogs;
    }

    /// Takes a slot, which is out then, and nobody's yet: the caller's `try` begins at once.
    ///
    /// @param strategy whether to go beyond the limit
    /// @return `null` when there is none within the limits
    @SuppressWarnings("NonAtomicVolatileUpdate") // see there
    @Nullable Slot take(SizeClass sizeClass, AllocationStrategy strategy) {
        Slot near = sizeClass.takeNear();
        if (near != null) {
            return near;
        }
        boolean limited = strategy == AllocationStrategy.POOL_ONLY;
        if (limited && !count.addWithinLimit()) {
            crowded = true; // before the second try: pairs with the look at it below
            slabs.recall();
            if (!count.addWithinLimit()) {
                return null;
            }
        }
        Slot slot = null;
        try {
            slot = slabs.take(sizeClass);
            if (slot == null && limited) {
                count.subtract();
            } else if (slot != null && !limited) {
                count.add();
            }
        } catch (Throwable noRoom) {
            if (limited) {
                adrift.overcounted++;
                adrift.any = true;
            } else if (slot != null) {
                adrift.overcounted--; // what is adrift is counted back
                slot.adrift = true;
                adrift.any = true;
            }
            throw noRoom;
        }
        // Only then: a loop that waits for memory would tell itself, and try for ever.
        if (slot == null && limited && crowded) {
            crowded = false;
            refill.tell(); // somebody may have been refused because of this one
        }
        return slot;
    }

    /// Moves a frame, or the message that has it, to a larger slot, and takes the smaller one back.
    ///
    /// @param lease the message, if it is one
    /// @return `null` when there is none within the limits; nothing is changed then
    @Nullable Slot replace(
            Slot slot, Slot.Owner owner, int length, int capacity, @Nullable SlabMessage lease) {
        Objects.checkIndex(length, slot.capacity() + 1);
        StackRoom.ask();
        SizeClass sizeClass = pool.classFor(capacity);
        if (forLogs && !pool.loans().mayLend(sizeClass.stride())) {
            return null;
        }
        Slot near = sizeClass.takeNear();
        Slot larger = near == null ? slabs.take(sizeClass) : near;
        if (larger == null) {
            return null;
        }
        larger.handOver(Slot.Owner.FREE, owner);
        Slot unneeded = larger;
        try {
            larger.source(slot.source());
            larger.copyFrom(slot, length);
            if (forLogs) {
                larger.chunk().borrow(pool);
            }
            if (lease != null && !lease.replace(slot, larger)) {
                throw new IllegalStateException("the message is used by two threads");
            }
            unneeded = slot;
        } finally {
            if (near != null) {
                // What was in a magazine counted as out, and goes on so as the message.
                giveBack(unneeded, owner, null);
            } else {
                giveBackUncounted(unneeded, owner);
            }
        }
        return larger;
    }

    /// Takes a slot back whose message goes on in another one, which did not count.
    private void giveBackUncounted(Slot slot, Slot.Owner owner) {
        SizeClass from = slot.slab.sizeClass;
        if (from == reserve) {
            // The message now counts among those that are out, as it will when it is released.
            count.add();
        }
        prepareForReturn(slot, owner);
        from.giveBack(slot, slot);
        refill.tell();
    }

    /// Takes a slot back.
    ///
    /// @param from its owner until now
    /// @param lease the message that has it, which is emptied; `null` if it is none's
    @SuppressWarnings("NonAtomicVolatileUpdate") // see there
    void giveBack(Slot slot, Slot.Owner from, @Nullable SlabMessage lease) {
        SizeClass sizeClass = slot.slab.sizeClass;
        if (lease != null) {
            lease.claim(slot); // here, so that no call can fail between this and what follows
        }
        int spilled;
        try {
            prepareForReturn(slot, from);
            spilled = sizeClass.keepNear(slot);
            if (spilled < 0) {
                sizeClass.giveBack(slot, slot);
            }
        } catch (VirtualMachineError noRoom) {
            slot.adrift = true;
            adrift.any = true;
            throw noRoom;
        }
        // The slot is in its place from here on, whatever fails.
        if (spilled > 0) {
            afterReturn(sizeClass, count.out());
        } else if (spilled < 0) {
            int left;
            try {
                left = sizeClass == reserve ? count.out() : count.subtract();
            } catch (VirtualMachineError noRoom) {
                adrift.overcounted += sizeClass == reserve ? 0 : 1;
                adrift.any = true;
                throw noRoom;
            }
            afterReturn(sizeClass, left);
        }
    }

    /// What follows when slots have come back to the free list.
    ///
    /// @param left how many messages are out
    private void afterReturn(SizeClass sizeClass, int left) {
        refill.tell();
        if (pool.isClosed() || slabs.isTooMuch(left)) {
            slabs.trim(left);
        } else if (sizeClass == reserve && forLogs) {
            slabs.trimReserve();
        }
    }

    private static void prepareForReturn(Slot slot, Slot.Owner from) {
        slot.handOver(from, Slot.Owner.FREE);
        slot.source(null);
        slot.endLoan();
        assert poison(slot);
    }

    /// Makes a use after the release visible in tests.
    private static boolean poison(Slot slot) {
        slot.segment().fill((byte) POISON);
        slot.words(POISON, POISON);
        return true;
    }
}
