package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AllocationStrategy;
import tofu.api.LeakDetection;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.pool.HeaderLayout;
import tofu.pool.SlabMessage;
import tofu.pool.Slot;
import tofu.pool.SlotPool;
import tofu.pool.SlotSource;

/// What a loop tells its groups, however little memory there is, and up to a bound what it tells
/// of strangers.
class NoticesTest {
    private static final int LONGEST_BYTES = 131_086;
    private static final SlotSource NOBODY = frameLength -> {};

    private final SlotPool pool =
            new SlotPool(
                    Options.builder()
                            .initialPoolMessages(0)
                            .maxPoolBytes(1 << 20)
                            .leakDetection(LeakDetection.OFF)
                            .build());
    private final Deliveries deliveries = new Deliveries();
    private final KeepingGroup group = new KeepingGroup();
    private final Outbox outbox = new Outbox(group, deliveries);
    private final Notices notices = new Notices(pool);
    private final Strangers strangers = new Strangers(notices);
    private final List<Slot> held = new ArrayList<>();
    private final AtomicInteger refills = new AtomicInteger();

    @AfterEach
    void everySlotIsHome() {
        release(held.size());
        notices.tellWaiting();
        take();
        assertThat(pool.census()).containsOnlyKeys(Slot.Owner.FREE);
        pool.close();
    }

    /// An application takes all memory for messages, the longest first.
    private void takeAllMessages() {
        for (int bytes = LONGEST_BYTES; bytes >= HeaderLayout.LENGTH; bytes /= 2) {
            takeAllOf(bytes);
        }
    }

    private void takeAllOf(int bytes) {
        Slot slot;
        while ((slot = takeOne(bytes)) != null) {
            held.add(slot);
        }
    }

    private @Nullable Slot takeOne(int bytes) {
        return pool.take(bytes, AllocationStrategy.ALWAYS, Slot.Owner.LEASE);
    }

    /// And the engine's reserve is out, too.
    private void takeAll() {
        takeAllMessages();
        Slot slot;
        while ((slot = pool.takeForNotice()) != null) {
            held.add(slot);
        }
    }

    private void release(int count) {
        for (int i = 0; i < count; i++) {
            Slot slot = held.removeLast();
            slot.release(slot.owner());
        }
    }

    private List<String> take() {
        deliveries.publish();
        return group.take();
    }

    @Test
    void aNoticeSaysOfWhichChannelAndWhatAndOnlyTheLastEndsIt() {
        notices.tell(outbox, 7, Status.CHANNEL_IDLE, 3, NOBODY);
        notices.tell(outbox, 8, Status.RECV_FAILED, "the cause", 4, NOBODY);
        notices.tell(outbox, 8, Status.CHANNEL_CLOSED, 5, NOBODY);

        assertThat(take())
                .containsExactly(
                        "CHANNEL_IDLE of 7, id 3",
                        "RECV_FAILED of 8, id 4: the cause",
                        "CHANNEL_CLOSED and the end of 8, id 5");
        assertThat(group.deliveries).as("together").isOne();
    }

    @Test
    void whoTellsHearsWhenItIsTaken() {
        List<Integer> taken = new ArrayList<>();
        notices.tell(outbox, 7, Status.CHANNEL_IDLE, 3, taken::add);
        deliveries.publish();
        assertThat(taken).isEmpty();

        group.take();

        assertThat(taken).containsExactly(HeaderLayout.LENGTH);
    }

    @Test
    void withoutMemoryForALongCauseTheStatusHasToDo() {
        String cause = "c".repeat(1_000);
        notices.tell(outbox, 8, Status.RECV_FAILED, cause, 4, NOBODY);
        assertThat(take()).containsExactly("RECV_FAILED of 8, id 4: " + cause);
        takeAllMessages();

        notices.tell(outbox, 8, Status.RECV_FAILED, cause, 4, NOBODY);

        assertThat(take()).containsExactly("RECV_FAILED of 8, id 4");
    }

    @Test
    void whatCannotBeToldIsToldInOrderWhenASlotComesBack() {
        pool.onRefill(refills::incrementAndGet);
        takeAll();
        for (int i = 1; i <= 3; i++) {
            notices.tell(outbox, i, Status.CHANNEL_CLOSED, i, NOBODY);
        }
        assertThat(take()).isEmpty();
        assertThat(refills).hasValue(0);

        release(2);
        assertThat(refills).as("it asked to be told").hasValue(1);
        notices.tellWaiting();
        assertThat(take())
                .containsExactly(
                        "CHANNEL_CLOSED and the end of 1, id 1",
                        "CHANNEL_CLOSED and the end of 2, id 2");

        notices.tellWaiting();
        assertThat(take()).containsExactly("CHANNEL_CLOSED and the end of 3, id 3");
    }

    @Test
    void nothingIsLeftOfWhatASlotWasBefore() {
        Slot slot = Objects.requireNonNull(takeOne(HeaderLayout.LENGTH));
        slot.outOfBand(true);
        slot.opCode(OpCode.REQUEST);
        slot.markEnd();

        Notices.write(slot, 9, Status.POOL_EMPTY, 6);

        SlabMessage message = SlabMessage.view(slot);
        assertThat(message.opCode()).isEqualTo(OpCode.SIGNAL);
        assertThat(message.status()).isEqualTo(Status.POOL_EMPTY);
        assertThat(slot.fromEngine()).isTrue();
        assertThat(slot.channel()).isEqualTo(9);
        assertThat(slot.id()).isEqualTo(6);
        assertThat(slot.outOfBand()).isFalse();
        assertThat(slot.endsChannel()).isFalse();
        slot.release(slot.owner());
    }

    // ---- strangers

    @Test
    void theEndOfAStrangerIsToldUpToABound() {
        AtomicInteger taken = new AtomicInteger();
        for (int i = 1; i <= 64; i++) {
            end(i, taken);
        }
        assertThat(taken).hasValue(0);
        end(65, taken);
        assertThat(taken).as("beyond the bound nobody has to take it").hasValue(1);
        reason(66, taken);
        assertThat(taken).hasValue(2);

        assertThat(take()).hasSize(64).last().asString().contains(" of 64,");
        assertThat(taken).hasValue(66);
        end(67, taken);
        assertThat(take()).as("there is room again").hasSize(1);
    }

    @Test
    void aReasonLeavesRoomForTheEndBehindIt() {
        AtomicInteger taken = new AtomicInteger();
        for (int i = 1; i <= 62; i++) {
            end(i, taken);
        }
        reason(63, taken);
        reason(64, taken);
        assertThat(taken).as("the second reason").hasValue(1);
        end(63, taken);
        assertThat(taken).hasValue(1);

        assertThat(take())
                .hasSize(64)
                .endsWith(
                        "HANDSHAKE_TIMEOUT of 63, id 63: too slow",
                        "CHANNEL_CLOSED and the end of 63, id 63");
    }

    private void end(int channel, AtomicInteger taken) {
        strangers.tell(
                outbox,
                channel,
                Status.CHANNEL_CLOSED,
                null,
                channel,
                frameLength -> taken.getAndIncrement());
    }

    private void reason(int channel, AtomicInteger taken) {
        strangers.tell(
                outbox,
                channel,
                Status.HANDSHAKE_TIMEOUT,
                "too slow",
                channel,
                frameLength -> taken.getAndIncrement());
    }

    // ---- outboxes

    @Test
    void eachGroupGetsItsOwnAtOnceAndNothingTwice() {
        KeepingGroup another = new KeepingGroup();
        Outbox its = new Outbox(another, deliveries);
        assertThat(its.mailbox()).isSameAs(another);
        assertThat(its.backlog()).isNotSameAs(outbox.backlog()).isSameAs(its.backlog());
        notices.tell(outbox, 1, Status.CHANNEL_IDLE, 1, NOBODY);
        notices.tell(its, 2, Status.CHANNEL_IDLE, 2, NOBODY);
        notices.tell(outbox, 3, Status.CHANNEL_IDLE, 3, NOBODY);
        assertThat(group.hasMail()).as("before it is published").isFalse();

        deliveries.publish();
        deliveries.publish();

        assertThat(group.deliveries).isOne();
        assertThat(group.take())
                .containsExactly("CHANNEL_IDLE of 1, id 1", "CHANNEL_IDLE of 3, id 3");
        assertThat(another.deliveries).isOne();
        assertThat(another.take()).containsExactly("CHANNEL_IDLE of 2, id 2");
    }
}
