package tofu.pool;

import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;

/// Slots that one thread takes together, as it will most likely need more of the same size in a
/// moment: one visit to its magazine for many. It begins with one, and doubles.
///
/// Thread: one at a time. Owns the slots in it until [#flush()], which must follow soon: others
/// cannot have them meanwhile.
public final class SlotSupply {
    private static final int MOST = 32;

    private final SlotPool pool;

    /// Of what size they are; `null` before the first.
    private @Nullable SizeClass sizeClass;

    /// Linked by [Slot#next].
    private @Nullable Slot first;

    /// How many to take the next time.
    private int wanted = 1;

    /// An empty supply.
    ///
    /// @param pool where the slots come from
    public SlotSupply(SlotPool pool) {
        this.pool = pool;
    }

    /// Takes a slot with room for a frame; its content is arbitrary.
    ///
    /// @param frameLength 16 to 131,086, in bytes
    /// @param owner the slot's owner from now on
    /// @return a slot, or `null` when there is none within the pool's limits
    public @Nullable Slot take(int frameLength, Slot.Owner owner) {
        SizeClass needed = pool.classFor(frameLength);
        if (needed != sizeClass) {
            flush();
            sizeClass = needed;
        }
        Slot slot = first;
        if (slot == null) {
            slot = pool.takeNear(needed, wanted);
            wanted = Math.min(2 * wanted, MOST);
            if (slot == null) {
                return pool.take(frameLength, AllocationStrategy.POOL_ONLY, owner);
            }
        }
        first = (Slot) slot.next;
        slot.next = null;
        return slot.handOver(Slot.Owner.FREE, owner);
    }

    /// Gives back what is left.
    public void flush() {
        Slot rest = first;
        first = null;
        wanted = 1;
        if (rest != null) {
            pool.giveBackAll(rest);
        }
    }
}
