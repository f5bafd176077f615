package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.Status;
import tofu.pool.Slot.Owner;

/// Several threads on one pool, with memory that comes and goes.
class SlotPoolThreadsTest {
    private static final int THREADS = 3;

    private SlotPool pool = Pools.pool(50, Pools.MEBIBYTE);

    @AfterEach
    void everythingComesHome() {
        assertThat(pool.messagesOut()).isZero();
        assertThat(pool.census()).containsOnlyKeys(Owner.FREE);
        pool.close();
        assertThat(pool.bytesAllocated()).isZero();
    }

    @Test
    void noTwoThreadsEverHoldOneSlot() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger working = new AtomicInteger(THREADS);
        Crew crew = new Crew();
        for (int i = 0; i < THREADS; i++) {
            long seed = i;
            crew.add(
                    () -> {
                        try {
                            useMessages(seed, 10_000);
                        } finally {
                            done.set(working.decrementAndGet() == 0);
                        }
                    });
        }
        crew.add(
                () -> {
                    while (!done.get()) {
                        assertThat(pool.bytesAllocated()).isLessThanOrEqualTo(Pools.MEBIBYTE);
                    }
                });

        crew.work();
    }

    @Test
    void poolOnlyNeverGivesMoreThanMaxPoolMessages() throws Exception {
        int max = 4;
        pool = Pools.pool(max, Pools.MEBIBYTE);
        AtomicInteger out = new AtomicInteger();
        Crew crew = new Crew();
        for (int i = 0; i < THREADS; i++) {
            crew.add(
                    () -> {
                        List<SlabMessage> held = new ArrayList<>();
                        for (int turn = 0; turn < 20_000; turn++) {
                            SlabMessage lease = pool.get(AllocationStrategy.POOL_ONLY);
                            if (lease != null) {
                                assertThat(out.incrementAndGet()).isLessThanOrEqualTo(max);
                                held.add(lease);
                            }
                            if (lease == null || held.size() > turn % 3) {
                                out.addAndGet(-held.size());
                                held.forEach(SlabMessage::close);
                                held.clear();
                            }
                        }
                        out.addAndGet(-held.size());
                        held.forEach(SlabMessage::close);
                    });
        }

        crew.work();
    }

    @Test
    void whoeverIsRefusedMeanwhileDoesNotMakeThePoolLookEmpty() throws Exception {
        pool = Pools.pool(1, 64 << 10);
        AtomicBoolean done = new AtomicBoolean();
        Crew crew = new Crew();
        crew.add(
                () -> {
                    try {
                        for (int i = 0; i < 20_000; i++) {
                            try (SlabMessage only = pool.get(AllocationStrategy.POOL_ONLY)) {
                                assertThat(only).as("turn %d, nothing else is out", i).isNotNull();
                            }
                        }
                    } finally {
                        done.set(true);
                    }
                });
        crew.add(
                () -> {
                    while (!done.get()) {
                        assertThat(pool.take(100_000, AllocationStrategy.ALWAYS, Owner.CHANNEL))
                                .as("more than the cap allows")
                                .isNull();
                    }
                });

        crew.work();
    }

    @Test
    void whoeverWaitsForARefillIsToldOfIt() throws Exception {
        pool = Pools.pool(1, Pools.MEBIBYTE);
        AtomicInteger refills = new AtomicInteger();
        pool.onRefill(refills::incrementAndGet);
        int turns = 20_000;
        Crew crew = new Crew();
        for (int i = 0; i < THREADS; i++) {
            crew.add(
                    () -> {
                        for (int turn = 0; turn < turns; turn++) {
                            takeOrWait(refills).release(Owner.CHANNEL);
                        }
                    });
        }

        crew.work();
    }

    /// As a loop does: tries, asks, tries once more, and sleeps until told. A lost call hangs here.
    private Slot takeOrWait(AtomicInteger refills) {
        while (true) {
            int seen = refills.get();
            Slot slot = pool.take(16, AllocationStrategy.POOL_ONLY, Owner.CHANNEL);
            if (slot == null) {
                pool.awaitRefill();
                slot = pool.take(16, AllocationStrategy.POOL_ONLY, Owner.CHANNEL);
            }
            if (slot != null) {
                return slot;
            }
            while (refills.get() == seen) {
                Thread.onSpinWait();
            }
        }
    }

    /// Signs what it holds, and checks the signature before it gives it back.
    private void useMessages(long seed, int turns) {
        Random random = new Random(seed);
        List<SlabMessage> held = new ArrayList<>();
        for (int turn = 0; turn < turns; turn++) {
            SlabMessage lease = signed(random, seed << 32 | turn);
            if (lease != null) {
                held.add(lease);
            }
            while (held.size() > random.nextInt(60)) {
                checkAndClose(held.remove(random.nextInt(held.size())));
            }
        }
        held.forEach(SlotPoolThreadsTest::checkAndClose);
    }

    private @Nullable SlabMessage signed(Random random, long signature) {
        SlabMessage lease = null;
        try {
            lease =
                    pool.get(
                            random.nextInt(4) == 0
                                    ? AllocationStrategy.ALWAYS
                                    : AllocationStrategy.POOL_ONLY);
            if (lease != null) {
                lease.id(signature);
                byte[] body = new byte[random.nextInt(random.nextInt(20) == 0 ? 20_000 : 400)];
                Arrays.fill(body, (byte) signature);
                lease.body().append(body);
            }
            return lease;
        } catch (AmpeException full) {
            assertThat(full.status()).isEqualTo(Status.ALLOCATION_FAILED);
            return lease;
        }
    }

    private static void checkAndClose(SlabMessage lease) {
        byte signature = (byte) lease.id();
        for (byte b : lease.body().toByteArray()) {
            if (b != signature) {
                throw new AssertionError("another thread wrote into " + lease);
            }
        }
        lease.close();
    }
}
