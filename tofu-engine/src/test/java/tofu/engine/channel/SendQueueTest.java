package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tofu.engine.channel.SendQueue.Outcome.ACCEPTED;
import static tofu.engine.channel.SendQueue.Outcome.CLOSED;
import static tofu.engine.channel.SendQueue.Outcome.FULL;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.FrameRange;
import tofu.pool.LogChunk;
import tofu.pool.Slot;

/// What a send queue accepts, and whom it tells. Somewhat long: a test for each reason to refuse,
/// and for each failure on the way.
class SendQueueTest {
    private static final int MAX_MESSAGES = 4;
    private static final int MAX_BYTES = 1_000;

    private final Memory memory = new Memory();
    private final FakeOutlet outlet = new FakeOutlet();
    private final SendQueue queue = queue(MAX_MESSAGES, MAX_BYTES);
    private final ByteBuffer[] sources = new ByteBuffer[1];

    @AfterEach
    void everySlotIsHome() {
        closed(queue);
        memory.close();
    }

    private SendQueue queue(int maxMessages, int maxBytes) {
        return new SendQueue(maxMessages, maxBytes, memory.logs, outlet, true);
    }

    /// Closes a queue.
    ///
    /// @return the ids of what was left, in the order in which it comes back
    private static List<Long> closed(SendQueue queue) {
        queue.close();
        List<Slot> left = new ArrayList<>();
        Slot opening = queue.takeOpening();
        if (opening != null) {
            left.add(opening);
        }
        for (Slot signal = queue.takeSignal(); signal != null; signal = queue.takeSignal()) {
            left.add(signal);
        }
        FrameRange rest = queue.takeRest(Status.CHANNEL_CLOSED);
        while (rest != null) {
            left.addAll(Memory.cut(rest));
            rest = queue.takeRest(Status.CHANNEL_CLOSED);
        }
        List<Long> ids = left.stream().map(slot -> Frame.of(slot).id()).toList();
        left.forEach(slot -> slot.release(slot.owner()));
        return ids;
    }

    /// Sends all that there is, or some messages.
    ///
    /// @return their ids
    private List<Long> sent(SendQueue queue, int most) {
        List<Long> ids = new ArrayList<>();
        while (ids.size() < most && queue.sources(sources) > 0) {
            byte[] bytes = new byte[sources[0].remaining()];
            sources[0].get(bytes);
            Frame first = Frame.decode(bytes).getFirst();
            ids.add(first.id());
            queue.sent(first.length());
        }
        return ids;
    }

    /// How many bytes are offered for writing.
    private int offered() {
        return queue.sources(sources) == 0 ? 0 : sources[0].remaining();
    }

    private void end(int messages) {
        assertThat(sent(queue, messages)).hasSize(messages);
    }

    private SendQueue.Outcome offer(Frame frame) {
        return offer(frame, false, false);
    }

    private SendQueue.Outcome offer(Frame frame, boolean always, boolean waiting) {
        Slot slot = memory.slot(frame, Slot.Owner.LEASE);
        SendQueue.Outcome outcome = queue.offer(slot, always, waiting);
        if (outcome != ACCEPTED) {
            assertThat(slot.owner()).as("refused: still the caller's").isEqualTo(Slot.Owner.LEASE);
            assertThat(slot.next()).isNull();
            slot.release(Slot.Owner.LEASE);
        }
        return outcome;
    }

    private void fill() {
        for (int id = 1; id <= MAX_MESSAGES; id++) {
            assertThat(offer(Frame.request(id))).isEqualTo(ACCEPTED);
        }
    }

    // -- offers that fail

    @Test
    void anOfferThatFailsCountsForNothing() {
        fill();
        assertThat(offer(Frame.request(5))).isEqualTo(FULL);
        outlet.scheduled();
        Slot notOurs = memory.slot(Frame.byeRequest(6), Slot.Owner.CHANNEL);

        assertThatThrownBy(() -> queue.offer(notOurs, true, false))
                .isInstanceOf(IllegalStateException.class);

        assertThat(queue.messages()).isEqualTo(MAX_MESSAGES);
        assertThat(notOurs.owner()).isEqualTo(Slot.Owner.CHANNEL);
        assertThat(outlet.scheduled()).isZero();
        assertThat(offer(Frame.byeRequest(7), true, false))
                .as("no bye is there")
                .isEqualTo(ACCEPTED);
        notOurs.release(Slot.Owner.CHANNEL);
    }

    @Test
    void aMessageIsEnqueuedThoughTheLoopCannotBeToldAndTheNextOneTellsIt() {
        outlet.fail(new StackOverflowError());
        assertThat(offer(Frame.request(1))).isEqualTo(ACCEPTED);
        assertThat(outlet.scheduled()).isZero();
        outlet.fail(null);

        assertThat(offer(Frame.request(2))).isEqualTo(ACCEPTED);

        assertThat(outlet.scheduled()).isEqualTo(1);
        assertThat(queue.messages()).isEqualTo(2);
    }

    @Test
    void whoCouldNotTellTheLoopTriesOnceMoreWithLessToDo() {
        outlet.fail(new StackOverflowError());
        assertThat(offer(Frame.request(1))).isEqualTo(ACCEPTED);
        queue.tellIfUntold();
        assertThat(outlet.scheduled()).isZero();
        outlet.fail(null);

        queue.tellIfUntold();
        queue.tellIfUntold();

        assertThat(outlet.scheduled()).isEqualTo(1);
    }

    // -- many messages

    @Test
    void whoMakesMessagesManyIsAskedToSendThem() {
        SendQueue large = queue(2_000, 2_000_000);
        for (int id = 1; id <= 1_100; id++) {
            large.offer(memory.slot(Frame.request(id), Slot.Owner.LEASE), false, false);
            assertThat(outlet.many()).as("by message " + id).isEqualTo(id % 512 == 0 ? 1 : 0);
        }
        closed(large);
    }

    /// Fills a queue, and expects to be asked to send whenever the load passes a multiple of so
    /// many bytes.
    private void expectMany(SendQueue many, int bodyLength, int messages, int gathered) {
        long bytes = 0;
        for (int id = 1; id <= messages; id++) {
            Frame frame = Frame.request(id).withBody(bodyLength);
            many.offer(memory.slot(frame, Slot.Owner.LEASE), false, false);
            long before = bytes;
            bytes += frame.length();
            assertThat(outlet.many())
                    .as("from " + before + " to " + bytes)
                    .isEqualTo(bytes / gathered > before / gathered ? 1 : 0);
        }
        closed(many);
    }

    @Test
    void whoMakesBytesManyIsAskedToSendThem() {
        SendQueue large = queue(2_000, 2_000_000);
        large.gather(262_144);
        expectMany(large, 20_000, 40, 262_144);
    }

    @Test
    void aSocketSaysHowManyBytesAreMany() {
        SendQueue local = queue(2_000, 2_000_000);
        local.gather(32_768);
        expectMany(local, 1_000, 100, 32_768);
    }

    @Test
    void aMessageThatIsManyBytesByItselfIsSentAtOnce() {
        SendQueue local = queue(2_000, 2_000_000);
        local.gather(32_768);
        local.offer(lease(Frame.request(1)), false, false); // of which the loop is told
        local.offer(lease(Frame.request(2).withBody(32_752)), false, false);
        assertThat(outlet.many()).isOne();
        closed(local);
    }

    @Test
    void noMoreThanHalfOfAShortQueueIsMany() {
        SendQueue brief = queue(2_000, 140_000);
        brief.gather(262_144);
        expectMany(brief, 1_000, 100, 65_536);
    }

    @Test
    void withoutASocketNoBytesAreMany() {
        SendQueue early = queue(2_000, 2_000_000);
        expectMany(early, 20_000, 90, Integer.MAX_VALUE);
    }

    @Test
    void halfOfAShortQueueIsMany() {
        SendQueue brief = queue(20, 1_000_000);
        for (int id = 1; id <= 20; id++) {
            brief.offer(memory.slot(Frame.request(id), Slot.Owner.LEASE), false, false);
            assertThat(outlet.many()).as("by message " + id).isEqualTo(id % 8 == 0 ? 1 : 0);
        }
        closed(brief);
    }

    // -- the way through

    @Test
    void messagesAreSentInOrderAndOutOfBandOnesBefore() {
        offer(Frame.request(1));
        offer(Frame.signal(2).with(Frame.OUT_OF_BAND));
        offer(Frame.request(3));
        offer(Frame.signal(4).with(Frame.OUT_OF_BAND));

        assertThat(sent(queue, 4)).containsExactly(2L, 4L, 1L, 3L);
    }

    @Test
    void theLoopIsToldOfTheFirstOnly() {
        offer(Frame.request(1));
        offer(Frame.request(2));
        assertThat(outlet.scheduled()).isEqualTo(1);

        offer(Frame.signal(3).with(Frame.OUT_OF_BAND));
        assertThat(outlet.scheduled()).as("it will look").isZero();

        queue.look();
        offer(Frame.request(4));
        assertThat(outlet.scheduled()).isEqualTo(1);
    }

    @Test
    void aQueueThatNeedsAnOpeningIsOpenedByIt() {
        SendQueue closed = new SendQueue(MAX_MESSAGES, MAX_BYTES, memory.logs, outlet, false);
        assertThat(queue.isOpened()).isTrue();
        assertThat(closed.isOpened()).isFalse();
        Slot hello = memory.slot(Frame.helloRequest(1), Slot.Owner.LEASE);

        assertThat(closed.offer(hello, true, false)).isEqualTo(ACCEPTED);

        assertThat(closed.isOpened()).isTrue();
        assertThat(outlet.scheduled()).as("the loop is to connect").isOne();
        assertThat(closed(closed)).containsExactly(1L);
    }

    @ParameterizedTest
    @EnumSource(names = {"HELLO_REQUEST", "WELCOME_REQUEST"})
    void whatOpensAChannelIsNeverUrgent(OpCode opCode) {
        offer(Frame.of(opCode, 1).with(Frame.OUT_OF_BAND), true, false);
        offer(Frame.request(2));

        Slot opening = queue.takeOpening();
        assertThat(opening).isNotNull();
        assertThat(Frame.of(opening).id()).isEqualTo(1);
        opening.release(Slot.Owner.QUEUE);
        assertThat(sent(queue, 2)).containsExactly(2L);
    }

    // -- bounds

    @Test
    void oneMessageMoreThanTheBoundIsRefused() {
        fill();

        assertThat(offer(Frame.request(5))).isEqualTo(FULL);
        assertThat(queue.messages()).isEqualTo(MAX_MESSAGES);
    }

    @Test
    void oneByteMoreThanTheBoundIsRefused() {
        assertThat(offer(Frame.request(1).withBody(984))).isEqualTo(ACCEPTED);
        assertThat(offer(Frame.request(2))).isEqualTo(FULL);

        end(1);
        assertThat(offer(Frame.request(3).withBody(983))).isEqualTo(ACCEPTED);
        assertThat(offer(Frame.request(4))).isEqualTo(FULL);
    }

    @Test
    void aMessageCountsUntilItsLastByteIsSent() {
        fill();
        assertThat(offered()).isPositive();
        queue.sent(15);
        assertThat(offer(Frame.request(5))).isEqualTo(FULL);

        assertThat(offered()).isPositive();
        queue.sent(1);

        assertThat(offer(Frame.request(6))).isEqualTo(ACCEPTED);
        assertThat(offer(Frame.request(7))).isEqualTo(FULL);
        assertThat(sent(queue, 9)).containsExactly(2L, 3L, 4L, 6L);
    }

    @Test
    void someMessagesAreNeverRefusedForWantOfRoomButCount() {
        fill();

        assertThat(offer(Frame.helloResponse(5), true, false)).isEqualTo(ACCEPTED);
        assertThat(queue.messages()).isEqualTo(MAX_MESSAGES + 1);
        end(1);
        assertThat(offer(Frame.request(6))).isEqualTo(FULL);
        assertThat(offer(Frame.byeRequest(7), true, true)).isEqualTo(ACCEPTED);
    }

    // -- what is counted

    private long counted(Tally.Figure figure, long nowNanos) {
        Tally tally = new Tally();
        queue.addTo(tally, nowNanos);
        return tally.get(figure);
    }

    private void checkMessages(long enqueued, long sent, long returned, long most) {
        assertThat(counted(Tally.Figure.ENQUEUED_MESSAGES, 0)).as("enqueued").isEqualTo(enqueued);
        assertThat(counted(Tally.Figure.SENT_MESSAGES, 0)).as("sent").isEqualTo(sent);
        assertThat(counted(Tally.Figure.RETURNED_MESSAGES, 0)).as("back").isEqualTo(returned);
        long queued = enqueued - sent - returned;
        assertThat(counted(Tally.Figure.QUEUED_MESSAGES, 0)).as("queued").isEqualTo(queued);
        assertThat(queue.messages()).isEqualTo((int) queued);
        assertThat(counted(Tally.Figure.QUEUED_BYTES, 0)).isEqualTo(queue.bytes());
        assertThat(counted(Tally.Figure.MOST_QUEUED_MESSAGES, 0)).as("most").isEqualTo(most);
    }

    @Test
    void whatIsAcceptedIsQueuedThenSentOrComesBack() {
        checkMessages(0, 0, 0, 0);
        fill();
        assertThat(offer(Frame.request(5))).isEqualTo(FULL);
        checkMessages(4, 0, 0, 4);
        end(3);
        checkMessages(4, 3, 0, 4);
        assertThat(offer(Frame.request(6).withBody(100))).isEqualTo(ACCEPTED);
        checkMessages(5, 3, 0, 4);
        assertThat(closed(queue)).hasSize(2);
        checkMessages(5, 3, 2, 4);
        assertThat(counted(Tally.Figure.ENQUEUED_BYTES, 0)).isEqualTo(5 * 16 + 100);
        assertThat(counted(Tally.Figure.SENT_BYTES, 0)).isEqualTo(3 * 16);
        assertThat(counted(Tally.Figure.RETURNED_BYTES, 0)).isEqualTo(2 * 16 + 100);
        assertThat(counted(Tally.Figure.MOST_QUEUED_BYTES, 0)).isEqualTo(16 + 16 + 100);
    }

    private void checkFull(long count, long nanos, long nowNanos) {
        assertThat(counted(Tally.Figure.SEND_QUEUE_FULL, nowNanos)).isEqualTo(count);
        assertThat(counted(Tally.Figure.SEND_QUEUE_FULL_NANOS, nowNanos)).isEqualTo(nanos);
    }

    @Test
    void theQueueIsFullFromARefusalUntilHalfOfItIsFree() {
        fill();
        checkFull(0, 0, 5);
        queue.onRefused(10);
        queue.onRefused(20);
        end(1);
        queue.endStallIfLow(30);
        checkFull(1, 25, 35);
        assertThat(outlet.full).isOne();
        assertThat(outlet.fullNoMore).isZero();
        end(1);
        queue.endStallIfLow(40);
        queue.endStallIfLow(50);
        checkFull(1, 30, 90);
        assertThat(outlet.full).isOne();
        assertThat(outlet.fullNoMore).isOne();
    }

    @Test
    void aRefusalThatIsToldLateIsNoStall() {
        fill();
        end(2);
        queue.onRefused(10);
        checkFull(0, 0, 20);
        assertThat(outlet.full).isZero();
    }

    @Test
    void aChannelThatEndsIsFullNoMore() {
        fill();
        queue.onRefused(10);
        queue.endStall(15);
        queue.endStall(16);
        checkFull(1, 5, 20);
        assertThat(outlet.fullNoMore).isOne();
    }

    @Test
    void theMostThereWasIsKnownBeforeAnyOfItHasLeft() {
        offer(Frame.request(1).withBody(84));
        offer(Frame.request(2).withBody(184));

        assertThat(counted(Tally.Figure.MOST_QUEUED_MESSAGES, 0)).isEqualTo(2);
        assertThat(counted(Tally.Figure.MOST_QUEUED_BYTES, 0)).isEqualTo(100 + 200);
        assertThat(queue.filling()).isEqualTo("2 of 4 messages and 300 of 1,000 bytes");
    }

    // -- room

    @Test
    void whoWasRefusedIsToldOnceWhenHalfIsFree() {
        fill();
        offer(Frame.request(5));
        offer(Frame.request(6));

        end(1);
        assertThat(queue.roomMade()).isFalse();
        end(1);
        assertThat(queue.roomMade()).isTrue();
        end(1);
        assertThat(queue.roomMade()).isFalse();
        end(1);
        assertThat(queue.roomMade()).isFalse();
    }

    @Test
    void halfOfTheBytesMustBeFreeToo() {
        offer(Frame.request(1).withBody(600));
        assertThat(offer(Frame.request(2).withBody(600))).isEqualTo(FULL);

        assertThat(queue.roomMade()).isFalse();
        end(1);
        assertThat(queue.roomMade()).isTrue();
    }

    @Test
    void exactlyHalfOfTheBytesIsEnough() {
        offer(Frame.request(1).withBody(484));
        offer(Frame.request(2).withBody(484));
        assertThat(offer(Frame.request(3))).isEqualTo(FULL);

        end(1);

        assertThat(queue.bytes()).isEqualTo(MAX_BYTES / 2);
        assertThat(queue.roomMade()).isTrue();
    }

    @Test
    @Timeout(60)
    void whoWaitsIsWokenAndNobodyElseIsTold() {
        for (Consumer<SendQueue> wakes :
                List.<Consumer<SendQueue>>of(
                        full -> assertThat(full.roomMade()).as("nobody else").isFalse(),
                        full -> full.offer(lease(Frame.byeRequest(3)), true, false),
                        SendQueue::refuse,
                        SendQueue::close)) {
            SendQueue full = queue(1, MAX_BYTES);
            assertThat(full.offer(lease(Frame.request(1)), false, false)).isEqualTo(ACCEPTED);
            full.startWaiting();
            Slot second = lease(Frame.request(2));
            assertThat(full.offer(second, false, true)).isEqualTo(FULL);
            second.release(Slot.Owner.LEASE);
            assertThat(sent(full, 1)).containsExactly(1L);
            LockSupport.parkNanos(1); // what is left of others

            wakes.accept(full);

            LockSupport.park();
            full.stopWaiting();
            closed(full);
        }
    }

    private Slot lease(Frame frame) {
        return memory.slot(frame, Slot.Owner.LEASE);
    }

    @Test
    void thereIsRoomForAShortMessageBelowAllBounds() {
        for (int id = 1; id <= MAX_MESSAGES; id++) {
            assertThat(queue.hasRoom()).isTrue();
            offer(Frame.request(id));
        }
        assertThat(queue.hasRoom()).as("so many messages").isFalse();
        end(4);
        offer(Frame.request(5).withBody(MAX_BYTES - 16 - 16));
        assertThat(queue.hasRoom()).isTrue();
        end(1);
        offer(Frame.request(6).withBody(MAX_BYTES - 16 - 15));
        assertThat(queue.hasRoom()).as("so many bytes").isFalse();
    }

    @Test
    void thereIsNoRoomWhereTheChannelHasItsShareOfTheMemory() {
        try (Memory scarce = Memory.ofScarceLogs(0)) {
            SendQueue poor = new SendQueue(64, 1 << 20, scarce.logs, outlet, true);
            assertThat(poor.hasRoom()).as("an empty queue takes one").isTrue();
            assertThat(poor.offer(lease(Frame.request(1)), false, false)).isEqualTo(ACCEPTED);

            assertThat(poor.hasRoom()).isFalse();

            assertThat(sent(poor, 1)).containsExactly(1L);
            assertThat(poor.hasRoom()).isTrue();
        }
    }

    @Test
    void whereNobodyWasRefusedNobodyIsTold() {
        fill();
        end(4);

        assertThat(queue.roomMade()).isFalse();
    }

    @Test
    void whoIsRefusedAgainIsToldAgain() {
        for (int i = 0; i < 3; i++) {
            fill();
            assertThat(offer(Frame.request(9))).isEqualTo(FULL);
            end(4);
            assertThat(queue.roomMade()).isTrue();
        }
    }

    @Test
    void whoWaitsNeedsNoNotice() {
        fill();
        assertThat(offer(Frame.request(5), false, true)).isEqualTo(FULL);
        end(4);

        assertThat(queue.roomMade()).isFalse();
    }

    @Test
    void aBoundOfOneHasRoomWhenItIsEmpty() {
        SendQueue single = queue(1, MAX_BYTES);
        Slot first = memory.slot(Frame.request(1), Slot.Owner.LEASE);
        Slot second = memory.slot(Frame.request(2), Slot.Owner.LEASE);
        assertThat(single.offer(first, false, false)).isEqualTo(ACCEPTED);
        assertThat(single.offer(second, false, false)).isEqualTo(FULL);

        assertThat(single.roomMade()).isFalse();
        assertThat(sent(single, 1)).containsExactly(1L);
        assertThat(single.roomMade()).isTrue();

        assertThat(single.offer(second, false, false)).isEqualTo(ACCEPTED);
        assertThat(closed(single)).containsExactly(2L);
    }

    // -- the end

    @Test
    void aClosedQueueGivesBackWhatIsLeftAndTakesNoMore() {
        offer(Frame.request(1));
        offer(Frame.signal(2).with(Frame.OUT_OF_BAND));
        offer(Frame.request(3));

        assertThat(closed(queue)).as("what is urgent first").containsExactly(2L, 1L, 3L);
        assertThat(offer(Frame.request(4))).isEqualTo(CLOSED);
        assertThat(offer(Frame.signal(5).with(Frame.OUT_OF_BAND))).isEqualTo(CLOSED);
        assertThat(offer(Frame.byeRequest(6), true, false)).isEqualTo(CLOSED);
    }

    @Test
    void aFullQueueThatIsClosedIsClosed() {
        fill();
        assertThat(closed(queue)).hasSize(4);

        assertThat(offer(Frame.request(5))).isEqualTo(CLOSED);
    }

    @ParameterizedTest
    @EnumSource(names = {"BYE_REQUEST", "BYE_RESPONSE", "BYE_SIGNAL"})
    void aByeSignalMayFollowABye(OpCode bye) {
        offer(Frame.of(bye, 1), true, false);

        assertThat(offer(Frame.byeSignal(2), true, false)).isEqualTo(ACCEPTED);
    }

    @ParameterizedTest
    @EnumSource(names = {"BYE_REQUEST", "BYE_RESPONSE", "BYE_SIGNAL"})
    void nothingElseFollowsABye(OpCode bye) {
        offer(Frame.request(1));
        offer(Frame.of(bye, 2), true, false);

        assertThat(offer(Frame.request(3))).isEqualTo(CLOSED);
        assertThat(offer(Frame.signal(4).with(Frame.OUT_OF_BAND))).isEqualTo(CLOSED);
        assertThat(offer(Frame.byeRequest(5), true, false)).isEqualTo(CLOSED);
        assertThat(queue.messages()).isEqualTo(2);
    }

    // -- byes and hellos on the way out

    @Test
    void nothingIsSentBehindAByeThatIsOutOfBandAndItComesBack() {
        offer(Frame.request(1));
        offer(Frame.request(2));
        assertThat(offered()).isEqualTo(32);
        queue.sent(1);
        offer(Frame.byeRequest(3).with(Frame.OUT_OF_BAND), true, false);
        assertThat(queue.takeCutOff(Status.CHANNEL_CLOSED)).as("not all is sent").isNull();
        assertThat(queue.isSent()).isFalse();

        assertThat(offered()).as("the frame that has begun").isEqualTo(15);
        queue.sent(15);
        assertThat(queue.takeCutOff(Status.CHANNEL_CLOSED)).as("the bye is not sent").isNull();
        assertThat(sent(queue, 9)).containsExactly(3L);

        assertThat(queue.isSent()).isTrue();
        assertThat(queue.messages()).isEqualTo(1);
        FrameRange rest = queue.takeCutOff(Status.CHANNEL_CLOSED);
        assertThat(rest).isNotNull();
        List<Slot> back = Memory.cut(rest);
        assertThat(back).singleElement().satisfies(slot -> assertThat(slot.id()).isEqualTo(2));
        back.forEach(slot -> slot.release(Slot.Owner.LEASE));
        assertThat(queue.messages()).isZero();
    }

    @Test
    void allIsSentWithTheLastByteOfBothKinds() {
        assertThat(queue.isSent()).isTrue();
        offer(Frame.request(1));
        assertThat(queue.isSent()).isFalse();
        offer(Frame.signal(2).with(Frame.OUT_OF_BAND));
        end(1);
        assertThat(queue.isSent()).as("what is in order is left").isFalse();
        end(1);
        assertThat(queue.isSent()).isTrue();
        offer(Frame.signal(3).with(Frame.OUT_OF_BAND));
        assertThat(queue.isSent()).isFalse();
    }

    @Test
    void aHelloIsOvertakenByNothing() {
        offer(Frame.helloResponse(1), true, false);
        offer(Frame.request(2));
        offer(Frame.signal(3).with(Frame.OUT_OF_BAND));

        assertThat(sent(queue, 9)).containsExactly(1L, 3L, 2L);
    }

    @Test
    void aHelloIsOvertakenByNothingThoughSomethingWasEnqueuedBeforeIt() {
        offer(Frame.request(1).withBody(9));
        offer(Frame.helloResponse(2), true, false);
        offer(Frame.request(3));
        offer(Frame.signal(4).with(Frame.OUT_OF_BAND));

        assertThat(sent(queue, 9)).containsExactly(1L, 2L, 4L, 3L);
        offer(Frame.request(5));
        offer(Frame.signal(6).with(Frame.OUT_OF_BAND));
        assertThat(sent(queue, 9)).as("there is no hello any more").containsExactly(6L, 5L);
    }

    @Test
    void anOutOfBandFrameThatHasBegunIsSentWholeBeforeAHello() {
        offer(Frame.signal(1).with(Frame.OUT_OF_BAND));
        assertThat(offered()).isPositive();
        queue.sent(3);
        offer(Frame.helloResponse(2), true, false);
        offer(Frame.signal(3).with(Frame.OUT_OF_BAND));

        assertThat(offered()).as("of the first only").isEqualTo(13);
        queue.sent(13);
        assertThat(sent(queue, 9)).containsExactly(2L, 3L);
    }

    @Test
    void whatIsSentInPartComesBackWhole() {
        offer(Frame.request(1).withBody(30));
        offer(Frame.request(2));
        assertThat(offered()).isPositive();
        queue.sent(45);

        assertThat(closed(queue)).containsExactly(1L, 2L);
    }

    // -- memory

    @Test
    void aMessageThatIsEnqueuedGivesItsSlotBackAtOnce() {
        offer(Frame.request(1).withBody(500));

        assertThat(memory.pool.messagesOut()).isZero();
        assertThat(sent(queue, 1)).containsExactly(1L);
        assertThat(memory.logs.messagesOut()).as("nothing is kept for later").isZero();
    }

    /// Offers until there is no room.
    ///
    /// @return how many were accepted
    private int fill(SendQueue poor) {
        int count = 0;
        while (true) {
            Slot slot = memory.slot(Frame.request(count + 1).withBody(1_000), Slot.Owner.LEASE);
            if (poor.offer(slot, false, false) != ACCEPTED) {
                slot.release(Slot.Owner.LEASE);
                return count;
            }
            count++;
        }
    }

    @Test
    void whereLogsHaveNoMemoryAMessageStaysInItsSlot() {
        try (Memory scarce = Memory.ofScarceLogs(0)) {
            SendQueue poor = new SendQueue(64, 1 << 20, scarce.logs, outlet, true);
            assertThat(fill(poor)).as("there is always room for one").isOne();
            assertThat(memory.pool.messagesOut()).as("in its own slot").isOne();

            assertThat(sent(poor, 1)).containsExactly(1L);
            assertThat(poor.roomMade()).as("somebody was refused").isTrue();
            assertThat(fill(poor)).isOne();
            assertThat(closed(poor)).containsExactly(1L);
        }
    }

    @Test
    void aLongMessageWhoseMemoryOthersNeedIsRefusedIfThereIsNoPlaceForACopy() {
        try (Memory scarce = Memory.ofScarce(1 << 20, 0)) {
            SendQueue poor = new SendQueue(64, 1 << 20, scarce.logs, outlet, true);
            Frame frame = Frame.request(1).withBody(60_000);
            List<Slot> others = new ArrayList<>();
            Slot one = scarce.slot(frame, Slot.Owner.LEASE);
            while (!one.isScarce()) {
                others.add(one);
                one = scarce.slot(frame, Slot.Owner.LEASE);
            }
            assertThat(others).as("half of the memory").hasSize(7);

            assertThat(poor.offer(one, false, false)).isEqualTo(FULL);
            assertThat(poor.messages()).isZero();
            assertThat(poor.awaitsMemory(true)).as("so the loop looks").isTrue();
            one.release(Slot.Owner.LEASE);

            Slot few = scarce.slot(Frame.request(2).withBody(100), Slot.Owner.LEASE);
            assertThat(poor.offer(few, false, false)).as("not worth it").isEqualTo(ACCEPTED);
            Slot bye = scarce.slot(Frame.byeRequest(3).withBody(40_000), Slot.Owner.LEASE);
            assertThat(poor.offer(bye, true, false)).as("must always go").isEqualTo(ACCEPTED);
            assertThat(closed(poor)).containsExactly(2L, 3L);
            others.forEach(slot -> slot.release(Slot.Owner.LEASE));
        }
    }

    /// Takes slots, as applications do, until half of the memory for messages is in use.
    private static List<Slot> takeHalf(Memory scarce) {
        List<Slot> slots = new ArrayList<>();
        do {
            slots.add(scarce.slot(Frame.request(1).withBody(60_000), Slot.Owner.LEASE));
        } while (!slots.getLast().isScarce());
        return slots;
    }

    /// Or once all is free, if that is less.
    @ParameterizedTest
    @ValueSource(ints = {256 << 10, 200_000})
    void whoWasRefusedForWantOfMemoryIsToldOnceTheLongestMessageFits(int enough) {
        try (Memory scarce = Memory.ofScarce(1 << 20, enough)) {
            SendQueue poor = new SendQueue(64, 1 << 20, scarce.logs, outlet, true);
            List<LogChunk> others = scarce.takeLogs();
            List<Slot> held = takeHalf(scarce);
            assertThat(poor.awaitsMemory(true)).as("nobody was refused").isFalse();
            assertThat(poor.offer(held.getLast(), false, false)).isEqualTo(FULL);
            assertThat(poor.roomMade()).isFalse();
            assertThat(outlet.scheduled()).as("so that the loop looks").isOne();
            assertThat(poor.offer(held.getLast(), false, false)).isEqualTo(FULL);
            assertThat(outlet.scheduled()).as("it looks already").isZero();

            while (!others.isEmpty()) {
                assertThat(scarce.logs.bytesFree()).isLessThan(enough);
                assertThat(poor.awaitsMemory(true)).isTrue();
                others.removeLast().release();
            }

            assertThat(scarce.logs.bytesFree()).isEqualTo(enough);
            assertThat(poor.awaitsMemory(true)).isFalse();
            assertThat(poor.roomMade()).isTrue();
            assertThat(poor.roomMade()).as("once").isFalse();
            assertThat(closed(poor)).isEmpty();
            held.forEach(slot -> slot.release(Slot.Owner.LEASE));
        }
    }

    @Test
    void whoseQueueIsNotEmptyAwaitsNoMemoryAsItsEndMakesRoom() {
        try (Memory scarce = Memory.ofScarce(1 << 20, 0)) {
            SendQueue poor = new SendQueue(64, 1 << 20, scarce.logs, outlet, true);
            List<Slot> held = takeHalf(scarce);
            assertThat(poor.offer(held.getLast(), false, false)).isEqualTo(FULL);
            assertThat(poor.awaitsMemory(true)).isTrue();
            Slot few = scarce.slot(Frame.request(2), Slot.Owner.LEASE);
            assertThat(poor.offer(few, false, false)).isEqualTo(ACCEPTED);

            assertThat(poor.awaitsMemory(true)).isFalse();

            assertThat(poor.offer(held.getLast(), false, false)).isEqualTo(FULL);
            assertThat(poor.awaitsMemory(true)).isFalse();
            assertThat(closed(poor)).containsExactly(2L);
            held.forEach(slot -> slot.release(Slot.Owner.LEASE));
        }
    }

    @Test
    void whatIsOfAReserveGoesHomeHoweverShortItIs() {
        try (Memory scarce = Memory.ofScarce(1 << 20, 0)) {
            SendQueue poor = new SendQueue(64, 1 << 20, scarce.logs, outlet, true);
            Slot notice = Objects.requireNonNull(scarce.pool.takeForNotice());
            Memory.fill(notice, Frame.request(1).bytes());
            notice.handOver(Slot.Owner.QUEUE, Slot.Owner.LEASE);

            assertThat(poor.offer(notice, false, false)).isEqualTo(FULL);
            notice.release(Slot.Owner.LEASE);
        }
    }

    @Test
    void whoeverSendsNothingLeavesMemoryForOthers() {
        int bytes = 1 << 20;
        try (Memory scarce = Memory.ofScarceLogs(bytes)) {
            List<SendQueue> stuck = new ArrayList<>();
            int left = bytes;
            for (int i = 0; i < 5; i++) {
                SendQueue queue = new SendQueue(1 << 20, 1 << 30, scarce.logs, outlet, true);
                int taken = fill(queue) * 1_016;
                // Half of what is left for it, but for a chunk.
                assertThat(taken).isBetween(left / 2 - 70_000, left / 2 + 70_000).isPositive();
                stuck.add(queue);
                left -= taken;
            }
            stuck.forEach(queue -> assertThat(closed(queue)).isNotEmpty());
        }
    }
}
