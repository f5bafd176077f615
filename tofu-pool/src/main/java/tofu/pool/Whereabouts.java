package tofu.pool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import tofu.api.Statistics;

/// Where the slots of a pool are: counted when somebody asks, slot by slot, so that no message
/// costs anything for it.
///
/// Threads: any. Takes no lock, so that nobody waits for it, and orders nothing: an owner that is
/// read here is one that the slot has had, and slabs that are made or freed meanwhile may be left
/// out. Exact only while nothing moves.
final class Whereabouts {
    private final SizeClass[] sizes;

    /// @param sizes each size of the pool, smallest first, and the reserve
    Whereabouts(SizeClass[] sizes) {
        this.sizes = sizes;
    }

    /// How many slots each owner has.
    Map<Slot.Owner, Integer> byOwner() {
        Map<Slot.Owner, Integer> counts = new EnumMap<>(Slot.Owner.class);
        forEachSlot(slot -> counts.merge(slot.owner(), 1, Integer::sum));
        return counts;
    }

    /// How many messages applications have.
    int leases() {
        StackRoom.ask();
        return byOwner().getOrDefault(Slot.Owner.LEASE, 0);
    }

    /// How much memory those have. What is of a reserve counts whoever has it: else spare slots
    /// that an application keeps as updates, or to open channels, would be made without end.
    long leasedBytes() {
        StackRoom.ask();
        AtomicLong sum = new AtomicLong();
        forEachSlot(
                slot -> {
                    boolean out = slot.isOfReserve() && slot.owner() != Slot.Owner.FREE;
                    if (out || slot.owner() == Slot.Owner.LEASE) {
                        sum.addAndGet(slot.capacity());
                    }
                });
        return sum.get();
    }

    /// Counts size by size.
    List<Statistics.PerSize> bySize() {
        List<Statistics.PerSize> figures = new ArrayList<>();
        for (SizeClass sizeClass : sizes) {
            figures.add(SizeFigures.of(sizeClass));
        }
        return List.copyOf(figures);
    }

    /// Who has messages, in words.
    String words() {
        int[] counts = new int[4];
        forEachSlot(
                slot -> {
                    switch (slot.owner()) {
                        case FREE -> {}
                        case LEASE -> counts[0]++;
                        case QUEUE -> counts[slot.source() == null ? 1 : 2]++;
                        case CHANNEL -> counts[3]++;
                        case LOG -> {} // of another pool, which has no messages
                    }
                });
        return "the application holds "
                + counts[0]
                + ", to be sent are "
                + counts[1]
                + ", in inboxes "
                + counts[2]
                + ", of listeners "
                + counts[3];
    }

    private void forEachSlot(Consumer<Slot> visitor) {
        for (SizeClass sizeClass : sizes) {
            for (int i = 0; i < sizeClass.slabsEnd(); i++) {
                Slot[] slots = sizeClass.slots(i);
                if (slots != null) {
                    Arrays.stream(slots).forEach(visitor);
                }
            }
        }
    }
}
