package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.Status;
import tofu.pool.Slot.Owner;

/// A pool whose slots are in magazines, of several threads.
class SlotPoolMagazinesTest {
    private static final int MAGAZINES = 8;

    /// Magazines have two slots then.
    private static final int MESSAGES = 128;

    private SlotPool pool = Pools.pool(MESSAGES, Pools.MEBIBYTE);
    private final List<SlabMessage> held = new ArrayList<>();

    @AfterEach
    void everythingComesHome() {
        held.forEach(SlabMessage::close);
        assertThat(pool.messagesOut()).isZero();
        assertThat(pool.census().keySet()).isSubsetOf(Owner.FREE);
        pool.close();
        assertThat(pool.bytesAllocated()).isZero();
    }

    /// Runs something on a thread that has another magazine than the caller.
    private static void elsewhere(Runnable work) throws Exception {
        FutureTask<Void> task = new FutureTask<>(work, null);
        Thread thread = Thread.ofPlatform().daemon().unstarted(task);
        while (thread.threadId() % MAGAZINES == Thread.currentThread().threadId() % MAGAZINES) {
            thread = Thread.ofPlatform().daemon().unstarted(task);
        }
        thread.start();
        task.get();
    }

    private Magazine ownMagazine() {
        return Objects.requireNonNull(pool.classFor(HeaderLayout.LENGTH).magazine());
    }

    @Test
    void whatIsInAnotherThreadsMagazineIsGivenOutAtTheLimit() throws Exception {
        elsewhere(() -> Pools.leases(pool, 2).forEach(SlabMessage::close));
        assertThat(pool.classFor(HeaderLayout.LENGTH).inMagazines()).isPositive();

        for (int i = 0; i < MESSAGES; i++) {
            SlabMessage lease = pool.get(AllocationStrategy.POOL_ONLY);
            assertThat(lease).as("message %d of %d", i, MESSAGES).isNotNull();
            held.add(lease);
        }

        assertThat(pool.get(AllocationStrategy.POOL_ONLY)).isNull();
    }

    @Test
    void whatIsInAnotherThreadsMagazineIsGivenOutAtTheCap() throws Exception {
        pool = Pools.pool(MESSAGES, 32 << 10);
        fill();
        int all = held.size();
        elsewhere(
                () -> {
                    held.forEach(SlabMessage::close);
                    held.clear();
                });
        assertThat(pool.classFor(HeaderLayout.LENGTH).inMagazines()).isPositive();

        fill();

        assertThat(held).hasSize(all);
    }

    private void fill() {
        try {
            while (held.size() < 10_000) {
                held.add(Pools.lease(pool));
            }
        } catch (AmpeException full) {
            assertThat(full.status()).isEqualTo(Status.ALLOCATION_FAILED);
        }
    }

    @Test
    void closingThePoolFreesWhatIsInAnotherThreadsMagazine() throws Exception {
        elsewhere(() -> Pools.leases(pool, 2).forEach(SlabMessage::close));

        pool.close();

        assertThat(pool.bytesAllocated()).isZero();
    }

    @Test
    void nothingStaysInMagazinesOnceSomebodyWaitsForARefill() throws Exception {
        elsewhere(() -> Pools.leases(pool, 2).forEach(SlabMessage::close));
        Pools.lease(pool).close();

        pool.awaitRefill();

        assertThat(pool.classFor(HeaderLayout.LENGTH).inMagazines()).isZero();
    }

    @Test
    void whoeverFindsItsMagazineInUseGoesToTheFreeList() {
        Pools.lease(pool).close();
        Magazine own = ownMagazine();
        assertThat(own.enter()).isTrue();
        int count = own.count();
        assertThat(count).isPositive();

        Pools.lease(pool).close();
        held.addAll(Pools.leases(pool, 3));

        assertThat(own.count()).isEqualTo(count);
        own.leave();
    }

    @Test
    void threadsThatShareMagazinesNeverShareASlot() throws Exception {
        pool = Pools.pool(4_096, 16 * Pools.MEBIBYTE);
        Crew crew = new Crew();
        for (int i = 0; i < 2 * MAGAZINES; i++) {
            long seed = i;
            crew.add(() -> use(new Random(seed), 3_000));
        }

        crew.work();
    }

    @Test
    void threadsAtTheCapAreToldNothingButThatItIsFullAndGetMessagesAgain() throws Exception {
        pool = Pools.pool(4_096, 4 * Pools.MEBIBYTE);
        Crew crew = new Crew();
        for (int i = 0; i < 4; i++) {
            long seed = i;
            crew.add(() -> takeUntilFull(new Random(seed), 400));
        }

        crew.work();

        held.addAll(Pools.leases(pool, 4_096));
    }

    private void takeUntilFull(Random random, int rounds) {
        byte[] bytes = new byte[65_535];
        List<SlabMessage> taken = new ArrayList<>();
        int full = 0;
        while (full < rounds) {
            try {
                SlabMessage message = Pools.lease(pool);
                taken.add(message);
                message.body().append(bytes, 0, 1 << random.nextInt(16));
            } catch (AmpeException refused) {
                assertThat(refused.status()).isEqualTo(Status.ALLOCATION_FAILED);
                taken.forEach(SlabMessage::close);
                taken.clear();
                full++;
            }
        }
    }

    private void use(Random random, int turns) {
        List<SlabMessage> taken = new ArrayList<>();
        for (int turn = 0; turn < turns; turn++) {
            SlabMessage message = get(random);
            if (message != null) {
                long id = random.nextLong();
                message.id(id).body().append(Long.toString(id));
                taken.add(message);
            }
            while (taken.size() > random.nextInt(8)) {
                SlabMessage last = taken.removeLast();
                assertThat(last.body().text()).isEqualTo(Long.toString(last.id()));
                last.close();
            }
        }
        taken.forEach(SlabMessage::close);
    }

    private @Nullable SlabMessage get(Random random) {
        return pool.get(
                random.nextInt(16) == 0 ? AllocationStrategy.ALWAYS : AllocationStrategy.POOL_ONLY);
    }

    @Test
    void slabsThatComeAndGoUseTheSameNumbers() {
        pool = Pools.pool(MESSAGES, 4 * Pools.MEBIBYTE);
        Set<Integer> ends = new HashSet<>();
        for (int cycle = 0; cycle < 12; cycle++) {
            held.addAll(Pools.leases(pool, 4_000));
            ends.add(held.getFirst().slot().slab.sizeClass.slabsEnd());
            Slot[] slots = held.stream().map(SlabMessage::slot).toArray(Slot[]::new);
            assertThat(Arrays.stream(slots).distinct()).hasSize(slots.length);
            held.forEach(SlabMessage::close);
            held.clear();
        }

        assertThat(ends).hasSize(1);
    }
}
