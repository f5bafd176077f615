package tofu.pool;

/// What an Error has kept from its place, until somebody who finds the pool empty looks for it:
/// slots that are [Slot#adrift], and messages that count as out and are not.
///
/// Whoever catches the Error assigns to the fields here, and calls nothing, as there may be no
/// stack for a call; to [#any] last. A slot is adrift only if it is nobody's: neither in the free
/// list, nor in a magazine, nor with an owner who could give it back.
///
/// Threads: any; [#salvage] one at a time, under the lock of all slabs. What was written before
/// [#any] is seen by whoever reads it there.
final class Adrift {
    private final MessageCount count;

    /// There may be something.
    volatile boolean any;

    /// How many count as out and are not, less those that do not count and are. Added to without a
    /// call: two that do so at once count as one.
    volatile int overcounted;

    Adrift(MessageCount count) {
        this.count = count;
    }

    /// Puts all into their free lists, and the count right.
    void salvage(SizeClass[] sizes) {
        any = false;
        int over = overcounted;
        overcounted = 0;
        count.subtract(over);
        for (SizeClass sizeClass : sizes) {
            for (int i = 0; i < sizeClass.slabsEnd(); i++) {
                Slot[] slots = sizeClass.slots(i);
                for (int j = 0; slots != null && j < slots.length; j++) {
                    salvage(sizeClass, slots[j]);
                }
            }
        }
    }

    private void salvage(SizeClass sizeClass, Slot slot) {
        if (slot.adrift) {
            slot.adrift = false;
            slot.endLoan();
            slot.reset();
            sizeClass.giveBack(slot, slot);
            if (!sizeClass.isReserve()) {
                count.subtract();
            }
        }
    }
}
