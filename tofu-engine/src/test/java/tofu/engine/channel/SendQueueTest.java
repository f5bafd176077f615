package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tofu.engine.channel.SendQueue.Outcome.ACCEPTED;
import static tofu.engine.channel.SendQueue.Outcome.CLOSED;
import static tofu.engine.channel.SendQueue.Outcome.FULL;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.OpCode;
import tofu.pool.Slot;
import tofu.pool.SlotChain;

/// What a send queue accepts, and whom it tells. Somewhat long: a test for each reason to refuse,
/// and for each failure on the way.
class SendQueueTest {
    private static final int MAX_MESSAGES = 4;
    private static final int MAX_BYTES = 1_000;

    private final Memory memory = new Memory();
    private final FakeOutlet outlet = new FakeOutlet();
    private final SendQueue queue = new SendQueue(MAX_MESSAGES, MAX_BYTES, outlet, true);
    private final SlotChain chain = new SlotChain();

    @AfterEach
    void everySlotIsHome() {
        queue.close(chain);
        chain.releaseAll(Slot.Owner.QUEUE);
        memory.close();
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

    private List<Long> ids() {
        List<Long> ids = new ArrayList<>();
        for (Slot slot = chain.pollFirst(); slot != null; slot = chain.pollFirst()) {
            assertThat(slot.owner()).isEqualTo(Slot.Owner.QUEUE);
            ids.add(Frame.of(slot).id());
            slot.release(Slot.Owner.QUEUE);
        }
        return ids;
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
    void whoWasRefusedForWhatIsUncountedIsToldOfRoom() {
        fill();
        assertThat(offer(Frame.request(5))).isEqualTo(FULL);
        outlet.scheduled();
        Slot counted = memory.slot(Frame.request(6), Slot.Owner.LEASE);

        queue.uncount(counted);

        assertThat(queue.messages()).isEqualTo(MAX_MESSAGES - 1);
        assertThat(outlet.scheduled()).as("looks for room").isEqualTo(1);
        counted.release(Slot.Owner.LEASE);
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
        SendQueue large = new SendQueue(2_000, 2_000_000, outlet, true);
        for (int id = 1; id <= 1_100; id++) {
            large.offer(memory.slot(Frame.request(id), Slot.Owner.LEASE), false, false);
            assertThat(outlet.many()).as("by message " + id).isEqualTo(id % 512 == 0 ? 1 : 0);
        }
        large.close(chain);
        chain.releaseAll(Slot.Owner.QUEUE);
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
        many.close(chain);
        chain.releaseAll(Slot.Owner.QUEUE);
    }

    @Test
    void whoMakesBytesManyIsAskedToSendThem() {
        SendQueue large = new SendQueue(2_000, 2_000_000, outlet, true);
        large.gather(262_144);
        expectMany(large, 20_000, 40, 262_144);
    }

    @Test
    void aSocketSaysHowManyBytesAreMany() {
        SendQueue local = new SendQueue(2_000, 2_000_000, outlet, true);
        local.gather(32_768);
        expectMany(local, 1_000, 100, 32_768);
    }

    @Test
    void noMoreThanHalfOfAShortQueueIsMany() {
        SendQueue brief = new SendQueue(2_000, 140_000, outlet, true);
        brief.gather(262_144);
        expectMany(brief, 1_000, 100, 65_536);
    }

    @Test
    void withoutASocketNoBytesAreMany() {
        SendQueue early = new SendQueue(2_000, 2_000_000, outlet, true);
        expectMany(early, 20_000, 90, Integer.MAX_VALUE);
    }

    @Test
    void halfOfAShortQueueIsMany() {
        SendQueue brief = new SendQueue(20, 1_000_000, outlet, true);
        for (int id = 1; id <= 20; id++) {
            brief.offer(memory.slot(Frame.request(id), Slot.Owner.LEASE), false, false);
            assertThat(outlet.many()).as("by message " + id).isEqualTo(id % 8 == 0 ? 1 : 0);
        }
        brief.close(chain);
        chain.releaseAll(Slot.Owner.QUEUE);
    }

    // -- the way through

    @Test
    void messagesComeOutInOrderAndOutOfBandOnesApart() {
        offer(Frame.request(1));
        offer(Frame.signal(2).with(Frame.OUT_OF_BAND));
        offer(Frame.request(3));
        offer(Frame.signal(4).with(Frame.OUT_OF_BAND));

        queue.drainInOrder(chain);
        assertThat(ids()).containsExactly(1L, 3L);
        queue.drainOutOfBand(chain);
        assertThat(ids()).containsExactly(2L, 4L);
    }

    @Test
    void theLoopIsToldOfTheFirstOnly() {
        offer(Frame.request(1));
        offer(Frame.request(2));
        assertThat(outlet.scheduled()).isEqualTo(1);

        offer(Frame.signal(3).with(Frame.OUT_OF_BAND));
        assertThat(outlet.scheduled()).as("the other queue was empty").isEqualTo(1);

        queue.drainInOrder(chain);
        offer(Frame.request(4));
        assertThat(outlet.scheduled()).isEqualTo(1);
        assertThat(ids()).hasSize(2);
    }

    @Test
    void aQueueThatNeedsAnOpeningIsOpenedByIt() {
        SendQueue closed = new SendQueue(MAX_MESSAGES, MAX_BYTES, outlet, false);
        assertThat(queue.isOpened()).isTrue();
        assertThat(closed.isOpened()).isFalse();
        Slot hello = memory.slot(Frame.helloRequest(1), Slot.Owner.LEASE);

        assertThat(closed.offer(hello, true, false)).isEqualTo(ACCEPTED);

        assertThat(closed.isOpened()).isTrue();
        closed.close(chain);
        assertThat(ids()).containsExactly(1L);
    }

    @ParameterizedTest
    @EnumSource(names = {"HELLO_REQUEST", "WELCOME_REQUEST"})
    void whatOpensAChannelIsNeverUrgent(OpCode opCode) {
        offer(Frame.of(opCode, 1).with(Frame.OUT_OF_BAND), true, false);
        offer(Frame.request(2));

        queue.drainInOrder(chain);
        assertThat(ids()).containsExactly(1L, 2L);
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

        queue.ended(1, MAX_BYTES);
        assertThat(offer(Frame.request(3).withBody(983))).isEqualTo(ACCEPTED);
        assertThat(offer(Frame.request(4))).isEqualTo(FULL);
    }

    @Test
    void aMessageCountsUntilItHasEndedNotUntilItIsTaken() {
        fill();
        queue.drainInOrder(chain);
        assertThat(offer(Frame.request(5))).isEqualTo(FULL);

        queue.ended(1, 16);

        assertThat(offer(Frame.request(6))).isEqualTo(ACCEPTED);
        assertThat(offer(Frame.request(7))).isEqualTo(FULL);
        assertThat(ids()).hasSize(4);
    }

    @Test
    void someMessagesAreNeverRefusedForWantOfRoomButCount() {
        fill();

        assertThat(offer(Frame.helloResponse(5), true, false)).isEqualTo(ACCEPTED);
        assertThat(queue.messages()).isEqualTo(MAX_MESSAGES + 1);
        queue.ended(1, 16);
        assertThat(offer(Frame.request(6))).isEqualTo(FULL);
        assertThat(offer(Frame.byeRequest(7), true, true)).isEqualTo(ACCEPTED);
    }

    // -- room

    @Test
    void whoWasRefusedIsToldOnceWhenHalfIsFree() {
        fill();
        offer(Frame.request(5));
        offer(Frame.request(6));

        queue.ended(1, 16);
        assertThat(queue.roomMade()).isFalse();
        queue.ended(1, 16);
        assertThat(queue.roomMade()).isTrue();
        queue.ended(1, 16);
        assertThat(queue.roomMade()).isFalse();
        queue.ended(1, 16);
        assertThat(queue.roomMade()).isFalse();
    }

    @Test
    void halfOfTheBytesMustBeFreeToo() {
        offer(Frame.request(1).withBody(600));
        assertThat(offer(Frame.request(2).withBody(600))).isEqualTo(FULL);

        assertThat(queue.roomMade()).isFalse();
        queue.ended(1, 616);
        assertThat(queue.roomMade()).isTrue();
    }

    @Test
    void whereNobodyWasRefusedNobodyIsTold() {
        fill();
        queue.ended(4, 64);

        assertThat(queue.roomMade()).isFalse();
    }

    @Test
    void whoIsRefusedAgainIsToldAgain() {
        for (int i = 0; i < 3; i++) {
            fill();
            assertThat(offer(Frame.request(9))).isEqualTo(FULL);
            queue.ended(4, 64);
            assertThat(queue.roomMade()).isTrue();
        }
    }

    @Test
    void whoWaitsNeedsNoNotice() {
        fill();
        assertThat(offer(Frame.request(5), false, true)).isEqualTo(FULL);
        queue.ended(4, 64);

        assertThat(queue.roomMade()).isFalse();
    }

    @Test
    void aBoundOfOneHasRoomWhenItIsEmpty() {
        SendQueue single = new SendQueue(1, MAX_BYTES, outlet, true);
        Slot first = memory.slot(Frame.request(1), Slot.Owner.LEASE);
        Slot second = memory.slot(Frame.request(2), Slot.Owner.LEASE);
        assertThat(single.offer(first, false, false)).isEqualTo(ACCEPTED);
        assertThat(single.offer(second, false, false)).isEqualTo(FULL);

        assertThat(single.roomMade()).isFalse();
        single.ended(1, 16);
        assertThat(single.roomMade()).isTrue();

        assertThat(single.offer(second, false, false)).isEqualTo(ACCEPTED);
        single.close(chain);
        assertThat(ids()).containsExactly(1L, 2L);
    }

    // -- the end

    @Test
    void aClosedQueueGivesBackWhatIsLeftAndTakesNoMore() {
        offer(Frame.request(1));
        offer(Frame.signal(2).with(Frame.OUT_OF_BAND));
        offer(Frame.request(3));

        queue.close(chain);

        assertThat(ids()).as("what is urgent first").containsExactly(2L, 1L, 3L);
        assertThat(offer(Frame.request(4))).isEqualTo(CLOSED);
        assertThat(offer(Frame.signal(5).with(Frame.OUT_OF_BAND))).isEqualTo(CLOSED);
        assertThat(offer(Frame.byeRequest(6), true, false)).isEqualTo(CLOSED);
    }

    @Test
    void aFullQueueThatIsClosedIsClosed() {
        fill();
        queue.close(chain);

        assertThat(offer(Frame.request(5))).isEqualTo(CLOSED);
        assertThat(ids()).hasSize(4);
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
}
