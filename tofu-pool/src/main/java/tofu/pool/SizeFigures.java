package tofu.pool;

import tofu.api.Statistics;

/// How many slots of one size there are, and who has them.
///
/// Threads: any.
record SizeFigures(int slotBytes, long free, long inMagazines, long leased, long queued, long slabs)
        implements Statistics.PerSize {
    /// Looks at each slot, without a lock: what is made or freed meanwhile may be left out.
    static SizeFigures of(SizeClass sizeClass) {
        long free = 0;
        long leased = 0;
        long queued = 0;
        long slabs = 0;
        for (int i = 0; i < sizeClass.slabsEnd(); i++) {
            Slot[] slots = sizeClass.slots(i);
            if (slots == null) {
                continue;
            }
            slabs++;
            for (Slot slot : slots) {
                switch (slot.owner()) {
                    case FREE -> free++;
                    case LEASE -> leased++;
                    case QUEUE, CHANNEL, LOG -> queued++;
                }
            }
        }
        long kept = Math.min(sizeClass.kept(), free);
        return new SizeFigures(sizeClass.stride(), free - kept, kept, leased, queued, slabs);
    }

    @Override
    public long slots() {
        return free + inMagazines + leased + queued;
    }

    @Override
    public long bytes() {
        return slots() * slotBytes;
    }
}
