package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AllocationStrategy;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.api.Status;
import tofu.engine.link.Notices;
import tofu.engine.loop.Clock;
import tofu.pool.LogChunk;
import tofu.pool.MailBatch;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

/// An inbox whose next message waits for memory, in virtual time.
class InboxStarvedTest {
    private static final String NEWS = "POOL_EMPTY";
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /// Time passes when somebody waits, and the test does what it has to do then.
    private static final class Patience implements Clock {
        long now = Long.MAX_VALUE - SECOND; // it wraps around
        Runnable meanwhile = () -> {};

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public void park(Object blocker, long nanos) {
            now += nanos;
            meanwhile.run();
        }
    }

    private final Patience clock = new Patience();
    private final SlotPool logs = SlotPool.ofLogs(1 << 20);
    private final List<Slot> held = new ArrayList<>();
    private final List<LogChunk> chunks = new ArrayList<>();

    private SlotPool pool = pool(8);
    private Inbox inbox = inbox(8);

    private static SlotPool pool(int maxMessages) {
        return new SlotPool(
                Options.builder()
                        .initialPoolMessages(0)
                        .maxPoolMessages(maxMessages)
                        .maxPoolBytes(1 << 20)
                        .leakDetection(LeakDetection.OFF)
                        .build());
    }

    private Inbox inbox(int maxMessages) {
        Inbox made = new Inbox(pool, maxMessages, () -> {});
        pool.onRefill(made::onRefill);
        logs.onRefill(made::onRefill);
        return made;
    }

    private void begin(int maxMessages) {
        pool.close();
        pool = pool(maxMessages);
        inbox = inbox(maxMessages);
    }

    @AfterEach
    void everythingComesHome() {
        release(held.size());
        chunks.forEach(LogChunk::release);
        inbox.close(clock);
        assertThat(pool.census().keySet()).isSubsetOf(Slot.Owner.FREE);
        assertThat(logs.census().keySet()).isSubsetOf(Slot.Owner.FREE);
        pool.close();
        logs.close();
    }

    /// The application takes so many messages, or all.
    private void take(int count, int bytes) {
        Slot slot = null;
        for (int i = 0; i < count && (i == 0 || slot != null); i++) {
            slot = pool.take(bytes, AllocationStrategy.POOL_ONLY, Slot.Owner.LEASE);
            if (slot != null) {
                held.add(slot);
            }
        }
    }

    private void takeAllMemory() {
        for (int bytes = 131_086; bytes >= 16; bytes /= 2) {
            take(Integer.MAX_VALUE, bytes);
            LogChunk chunk = LogChunk.take(logs, bytes);
            while (chunk != null) {
                chunks.add(chunk);
                chunk = LogChunk.take(logs, bytes);
            }
        }
    }

    private void release(int count) {
        for (int i = 0; i < count; i++) {
            held.removeLast().release(Slot.Owner.LEASE);
        }
    }

    /// Messages come, with such ids.
    private void arrive(long... ids) {
        LogChunk chunk = Objects.requireNonNull(LogChunk.take(logs, 1_000));
        try (SlotPool other = pool(8)) {
            Slot slot =
                    Objects.requireNonNull(
                            other.take(16, AllocationStrategy.ALWAYS, Slot.Owner.LEASE));
            for (long id : ids) {
                slot.clear();
                slot.id(id);
                chunk.add(slot, slot.first(), slot.second(), 16);
            }
            slot.release(Slot.Owner.LEASE);
        }
        MailBatch batch = new MailBatch();
        batch.add(chunk.arrived(frameLength -> {}));
        inbox.offer(batch);
    }

    private void tell(Status status) {
        Slot slot = Objects.requireNonNull(pool.takeForNotice());
        Notices.write(slot, 0, status, 1);
        assertThat(inbox.offer(slot)).isTrue();
    }

    /// Takes the next one, and gives it back if it is a notice.
    private @Nullable String next() {
        Slot slot = inbox.first(clock);
        if (slot == null) {
            return null;
        }
        inbox.removeFirst();
        if (slot.fromEngine() || slot.status() != 0) {
            String status = Objects.requireNonNull(Status.of(slot.status())).toString();
            slot.release(Slot.Owner.LEASE);
            return status;
        }
        held.add(slot);
        return "" + slot.id();
    }

    private List<@Nullable String> next(int count) {
        @Nullable String[] taken = new String[count];
        Arrays.setAll(taken, i -> next());
        return Arrays.asList(taken);
    }

    @Test
    void whatIsFoundAndNotRemovedComesHomeAtTheEnd() {
        take(8, 16);
        arrive(1);
        assertThat(inbox.first(clock)).as("the news").isNotNull();

        inbox.close(clock);

        release(8);
        assertThat(pool.census()).containsOnlyKeys(Slot.Owner.FREE);
    }

    @Test
    void theNewsComesBeforeWhatOvertakes() {
        take(8, 16);
        arrive(1);
        tell(Status.RECEIVER_UPDATE);
        assertThat(inbox.first(clock)).as("until it is removed").isSameAs(inbox.first(clock));

        assertThat(next(3)).containsExactly(NEWS, "RECEIVER_UPDATE", null);
    }

    @Test
    void whatOvertakesIsFoundAgainAndAgain() {
        for (int round = 0; round < 3; round++) {
            take(8, 16);
            arrive(1);
            tell(Status.CHANNEL_CLOSED);
            tell(Status.SEND_QUEUE_READY);
            assertThat(next(3)).containsExactly(NEWS, "SEND_QUEUE_READY", null);
            release(8);
            assertThat(next(3)).containsExactly("1", "CHANNEL_CLOSED", null);
            release(1);
        }
    }

    @Test
    void whoWaitsHearsOfMemoryOfEitherKind() {
        AtomicInteger told = new AtomicInteger();
        pool.onRefill(told::incrementAndGet);
        logs.onRefill(told::incrementAndGet);
        LogChunk other = Objects.requireNonNull(LogChunk.take(logs, 100));
        take(8, 16);
        arrive(1);
        assertThat(next(2)).containsExactly(NEWS, null);

        clock.meanwhile = () -> release(1);
        inbox.awaitMemory(clock, SECOND);
        assertThat(told).as("of a message").hasPositiveValue();
        assertThat(next()).isEqualTo("1");

        arrive(2);
        told.set(0);
        clock.meanwhile = other::release;
        inbox.awaitMemory(clock, SECOND);
        assertThat(told).as("of a chunk").hasPositiveValue();
    }

    @Test
    void whoIsStarvedIsSoUntilThereIsMemory() {
        assertThat(inbox.isStarved()).isFalse();
        take(8, 16);
        arrive(1);
        assertThat(next()).isEqualTo(NEWS);
        assertThat(inbox.isStarved()).isTrue();
        release(1);
        assertThat(next()).isEqualTo("1");
        assertThat(inbox.isStarved()).isFalse();
    }

    @Test
    void thereIsNothingLeftOnceTheLastOneIsTaken() {
        assertThat(inbox.isEmpty()).isTrue();
        arrive(1, 2);
        arrive(3);
        for (String id : List.of("1", "2", "3")) {
            assertThat(inbox.isEmpty()).isFalse();
            assertThat(next()).isEqualTo(id);
        }
        assertThat(inbox.isEmpty()).isTrue();
        assertThat(next()).isNull();
    }

    @Test
    void newsOfMessagesIsNoNewsAgainForTimeAlone() {
        take(8, 16);
        arrive(1, 2, 3);
        assertThat(next(2)).containsExactly(NEWS, null);
        for (String id : List.of("1", "2", "3")) {
            clock.now += 2 * SECOND;
            release(1);
            assertThat(next(2)).containsExactly(id, null);
        }
    }

    @Test
    void newsOfBytesIsNewsAgainAfterASecond() {
        begin(100_000);
        arrive(1, 2, 3, 4, 5);
        takeAllMemory();
        assertThat(next(3)).as("with the spare one").containsExactly("1", NEWS, null);

        release(1);
        assertThat(next(2)).as("too soon").containsExactly("2", null);
        clock.now += SECOND;
        release(1);
        assertThat(next(3)).containsExactly("3", NEWS, null);
    }

    @Test
    void whoHasWaitedInVainCountsWhatApplicationsHave() {
        begin(6_000);
        take(6_000, 16);
        arrive(1);
        assertThat(next(2)).containsExactly(NEWS, null);
        Slot first = held.removeFirst().handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE);
        assertThat(next()).as("counted before").isNull();

        inbox.awaitMemory(clock, SECOND);

        assertThat(next()).isEqualTo("1");
        first.discard();
    }
}
