package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdriftTest {
    private static final int SLOTS = 4;

    private final MessageCount count = new MessageCount(100);
    private final Adrift adrift = new Adrift(count);
    private final SlotPool pool = Pools.ample();
    private final SizeClass sizeClass = new SizeClass(pool, 128, SLOTS, 0, count);
    private final List<Slot> out = new ArrayList<>();

    @BeforeEach
    void takeAll() {
        sizeClass.slabs.grow();
        for (Slot slot = sizeClass.take(); slot != null; slot = sizeClass.take()) {
            count.add();
            out.add(slot.handOver(Slot.Owner.FREE, Slot.Owner.LEASE));
        }
        assertThat(out).hasSize(SLOTS);
    }

    @AfterEach
    void freeMemory() {
        out.forEach(slot -> sizeClass.giveBack(slot, slot));
        assertThat(sizeClass.slabs.trim(SLOTS, 0)).isEqualTo(SLOTS);
        pool.close();
    }

    private void salvage() {
        adrift.any = true;
        adrift.salvage(new SizeClass[] {sizeClass});
        assertThat(adrift.any).isFalse();
    }

    @Test
    void whatIsAdriftIsFreeAndDoesNotCount() {
        Slot lost = out.remove(1);
        lost.adrift = true;

        salvage();

        assertThat(lost.owner()).isEqualTo(Slot.Owner.FREE);
        assertThat(count.out()).isEqualTo(SLOTS - 1);
        assertThat(sizeClass.take()).isSameAs(lost);
        assertThat(sizeClass.take()).isNull();
        out.add(lost);
        salvage();
        assertThat(sizeClass.take()).as("found once").isNull();
    }

    @Test
    void whatWasCountedAndIsNotOutCountsNoMore() {
        adrift.overcounted = 3;

        salvage();

        assertThat(count.out()).isEqualTo(SLOTS - 3);
        salvage();
        assertThat(count.out()).as("once").isEqualTo(SLOTS - 3);
        count.subtract(-3);
    }

    @Test
    void whatWasOutAndNotCountedIsCountedBack() {
        count.subtract();
        Slot lost = out.remove(0);
        lost.adrift = true;
        adrift.overcounted = -1;

        salvage();

        assertThat(count.out()).isEqualTo(SLOTS - 1);
    }
}
