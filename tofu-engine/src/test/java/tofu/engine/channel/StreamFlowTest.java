package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Statistics.DeadlineName;

/// What a stream reads, and when it does not: the receive window, and the pool.
///
/// Somewhat long, since whatever holds reading is to be seen beside all else that does.
class StreamFlowTest {
    private static byte[] signals(int count) {
        return Frame.encode(IntStream.range(0, count).mapToObj(Frame::signal).toList());
    }

    private static int bytes(List<Frame> frames) {
        return frames.stream().mapToInt(Frame::length).sum();
    }

    @Test
    void noMoreMessagesAreDeliveredThanTheWindowHolds() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(signals(100));

            assertThat(rig.outlet.waiting()).isBetween(7, 8);
            assertThat(rig.stream.inflow().isWanted()).isFalse();
            assertThat(rig.readTarget()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 64})
    void aWindowOfAnySizePassesEverythingToWhoTakesIt(int windowMessages) {
        Limits limits = new Limits(8, 100_000, windowMessages, 200_000, 10, 20, 30, 40, 50, 0, 0);
        try (StreamRig rig = StreamRig.client(limits, new Memory())) {
            byte[] all = signals(500);
            int done = 0;
            int turns = 0;
            while (done < all.length) {
                done += rig.receive(Arrays.copyOfRange(all, done, all.length));
                assertThat(rig.outlet.waiting()).isBetween(1, windowMessages);
                rig.outlet.takeAll();
                rig.turn();
                turns++;
            }
            assertThat(rig.outlet.fromPeer).hasSize(501);
            assertThat(turns).isLessThanOrEqualTo(500 / Math.max(1, windowMessages / 2) + 1);
        }
    }

    @Test
    void readingGoesOnOnceHalfOfTheWindowIsTaken() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(signals(100));
            int waiting = rig.outlet.waiting();
            while (rig.outlet.waiting() > 5) {
                rig.outlet.take();
            }
            assertThat(rig.stream.inflow().isWanted()).isFalse();
            assertThat(rig.outlet.scheduled()).isZero();

            rig.outlet.take();

            assertThat(waiting).isGreaterThan(5);
            assertThat(rig.outlet.scheduled()).isEqualTo(1);
            assertThat(rig.stream.inflow().isWanted()).isTrue();
            assertThat(rig.readTarget()).isNotNull();
        }
    }

    @Test
    void whatTheWindowHasHeldIsHeldUntilTheLoopIsCalledThoughItIsOpenByThen() {
        try (StreamRig rig = StreamRig.client()) {
            assertThat(rig.stream.inflow().isHeld()).isFalse();
            rig.receive(signals(100));
            assertThat(rig.stream.inflow().isHeld()).isTrue();
            rig.stream.onPost(rig.now); // for something else
            assertThat(rig.stream.inflow().isHeld()).as("nothing is taken").isTrue();
            rig.outlet.takeAll();
            assertThat(rig.stream.inflow().isHeld()).as("not read yet").isTrue();

            rig.turn();

            assertThat(rig.stream.inflow().isHeld()).isFalse();
        }
    }

    @Test
    void theAnswerToOurByeHasItsTimeAnewOnceTheWindowIsOpen() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            rig.now += 10;
            rig.stream.onPost(rig.now); // for nothing
            assertThat(rig.timeLeft()).isEqualTo(30);
            rig.receive(signals(100));
            rig.now += 30;
            assertThat(rig.timeLeft()).as("since something came").isEqualTo(10);
            rig.outlet.takeAll();

            rig.turn();

            assertThat(rig.timeLeft()).isEqualTo(40);
        }
    }

    @Test
    void noMoreIsReadThanTheWindowHasBesideAFrameThatHasBegun() {
        Limits limits = new Limits(8, 100_000, 10_000, 160_000, 10, 20, 30, 40, 50, 0, 0);
        try (StreamRig rig = StreamRig.client(limits, new Memory())) {
            Frame frame = Frame.request(2).withBody(50_000);
            rig.receive(frame, frame);
            rig.receive(Arrays.copyOf(Frame.request(3).withBody(5_000).bytes(), 3_000));

            int left = limits.windowBytes() - 2 * frame.length() - 3_000;
            assertThat(rig.readTarget())
                    .isNotNull()
                    .extracting(ByteBuffer::remaining)
                    .isEqualTo(left);
        }
    }

    /// Else who is held back would wait for memory that nobody gives back.
    @Test
    void aWindowThatOpensJustAfterItHasHeldReadingIsNoWantOfMemory() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(signals(100));
            assertThat(rig.readTarget()).isNull();

            rig.outlet.takeAll();

            assertThat(rig.stream.inflow().isWanted()).as("by now").isTrue();
            assertThat(rig.stream.inflow().lacksMemory()).isFalse();
        }
    }

    @Test
    void aChannelThatIsReadAgainJustAfterItWasPausedLacksNoMemory() {
        try (StreamRig rig = StreamRig.client()) {
            rig.stream.pause(true);
            assertThat(rig.readTarget()).isNull();

            rig.stream.pause(false);

            assertThat(rig.stream.inflow().isWanted()).as("by now").isTrue();
            assertThat(rig.stream.inflow().lacksMemory()).isFalse();
        }
    }

    @Test
    void whatIsNotReadForWantOfMemorySaysSoUntilThereIsSome() {
        try (StreamRig rig = StreamRig.client()) {
            rig.memory.takeIncoming();
            assertThat(rig.readTarget()).isNull();
            assertThat(rig.stream.inflow().lacksMemory()).isTrue();

            rig.refilled();

            assertThat(rig.readTarget()).isNotNull();
            assertThat(rig.stream.inflow().lacksMemory()).isFalse();
        }
    }

    @Test
    void aBegunFrameIsCompletedThoughItIsLongerThanWhatIsLeft() {
        Limits limits = new Limits(8, 100_000, 100, 131_086, 10, 20, 30, 40, 50, 0, 0);
        try (StreamRig rig = StreamRig.client(limits, new Memory())) {
            Frame large = Frame.request(3).withHeaders("h".repeat(65_000)).withBody(65_000);
            rig.receive(Frame.request(2).withBody(60_000), large);

            assertThat(rig.outlet.waiting()).isEqualTo(2);
            assertThat(rig.readTarget()).isNull();
            rig.outlet.takeAll();
            rig.turn();
            assertThat(rig.stream.inflow().isWanted()).isTrue();
        }
    }

    @Test
    void aPeersByeIsFollowedByItsEndThoughTheWindowIsFull() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(signals(6));
            rig.receive(Frame.byeRequest(9));
            assertThat(rig.outlet.waiting()).isEqualTo(7);

            assertThat(rig.stream.inflow().isWanted()).isTrue();
            assertThat(rig.readTarget()).isNotNull();
        }
    }

    @Provide
    Arbitrary<List<Frame>> talk() {
        return Frames.talk().list().ofMinSize(1).ofMaxSize(30);
    }

    @Provide
    Arbitrary<List<Integer>> pieces() {
        return Frames.pieces();
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void noMoreIsDeliveredThanTheWindowAndOneFrame(
            @ForAll("talk") List<Frame> frames,
            @ForAll("pieces") List<Integer> pieces,
            @ForAll @IntRange(min = 1, max = 20) int maxMessages,
            @ForAll @IntRange(min = 131_086, max = 300_000) int maxBytes,
            @ForAll @IntRange(min = 1, max = 5) int takenPerTurn) {
        Limits limits = new Limits(8, 100_000, maxMessages, maxBytes, 10, 20, 30, 40, 50, 0, 0);
        try (StreamRig rig = StreamRig.client(limits, new Memory())) {
            rig.outlet.fromPeer.clear();
            byte[] all = Frame.encode(frames);
            int done = 0;
            int taken = 0;
            for (int turn = 0; done < all.length || rig.outlet.waiting() > 0; turn++) {
                int end = Math.min(all.length, done + pieces.get(turn % pieces.size()));
                int came = rig.receive(Arrays.copyOfRange(all, done, end));
                done += came;
                List<Frame> waiting =
                        rig.outlet.fromPeer.subList(taken, rig.outlet.fromPeer.size());
                assertThat(waiting.size()).isLessThanOrEqualTo(maxMessages);
                assertThat(bytes(waiting)).isLessThan(maxBytes + 131_086);
                if (waiting.size() > 1) {
                    assertThat(bytes(waiting.subList(0, waiting.size() - 1)))
                            .as("all but the one that was begun")
                            .isLessThanOrEqualTo(maxBytes);
                }
                assertThat(came > 0 || done == end || !waiting.isEmpty()).as("stuck").isTrue();
                for (int i = 0; i < takenPerTurn && rig.outlet.take() != null; i++) {
                    taken++;
                }
                rig.turn();
            }
            assertThat(rig.outlet.fromPeer)
                    .isEqualTo(frames.stream().map(f -> f.received(StreamRig.NUMBER)).toList());
        }
    }

    // -- without memory to read into

    @Test
    void whatCannotBeReadIsReadLater() {
        try (StreamRig rig = StreamRig.client()) {
            byte[] bytes = Frame.encode(Frame.request(2), Frame.request(3));
            rig.memory.takeIncoming();
            assertThat(rig.receive(bytes)).isZero();
            assertThat(rig.starved).isTrue();

            rig.refilled();

            assertThat(rig.receive(bytes)).isEqualTo(bytes.length);
            assertThat(rig.outlet.takeAll()).containsExactly("REQUEST 2", "REQUEST 3");
        }
    }

    @Test
    void aFrameThatHasBegunIsReadIntoTheMemoryThatItHas() {
        try (StreamRig rig = StreamRig.client()) {
            Frame frame = Frame.request(2).withBody(90);
            rig.receive(Arrays.copyOf(frame.bytes(), 8));
            rig.memory.takeIncoming();

            rig.receive(Arrays.copyOfRange(frame.bytes(), 8, frame.length()));

            assertThat(rig.outlet.takeAll()).containsExactly("REQUEST 2 +90");
        }
    }

    @Test
    void aFrameThatHasBegunIsReadOnThoughWhatNobodyTakesHasTheRest() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(Frame.request(2).withBody(3_000));
            Frame frame = Frame.request(3).withBody(40);
            rig.receive(Arrays.copyOf(frame.bytes(), 20));
            rig.memory.takeIncoming();

            rig.receive(Arrays.copyOfRange(frame.bytes(), 20, frame.length()));

            assertThat(rig.outlet.takeAll()).containsExactly("REQUEST 2 +3000", "REQUEST 3 +40");
        }
    }

    @Test
    void theAnswerToOurByeHasItsTimeAnewWhileThereIsNoMemory() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            rig.now += 30;
            assertThat(rig.timeLeft()).isEqualTo(10);

            rig.stream.inflow().onMemoryLacking(rig.now);

            assertThat(rig.timeLeft()).isEqualTo(40);
        }
    }

    @Test
    void aFrameThatCannotGrowGoesOnWhereItWas() {
        try (StreamRig rig = StreamRig.client()) {
            Frame frame = Frame.request(2).withBody(5_000);
            rig.receive(Arrays.copyOf(frame.bytes(), 60));
            rig.memory.takeIncoming();
            int read = rig.receive(Arrays.copyOfRange(frame.bytes(), 60, frame.length()));
            assertThat(rig.starved).isTrue();
            assertThat(read).isLessThan(400);

            rig.refilled();

            rig.receive(Arrays.copyOfRange(frame.bytes(), 60 + read, frame.length()));
            assertThat(rig.outlet.takeAll()).containsExactly("REQUEST 2 +5000");
        }
    }

    @Test
    void theTimeOfAFrameStandsStillWhileThereIsNoMemory() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(Arrays.copyOf(Frame.request(2).withBody(5_000).bytes(), 60));
            assertThat(rig.timeLeft()).as("it has begun").isEqualTo(30);
            for (int left = 20; left > 0; left -= 10) {
                rig.now += 10;
                assertThat(rig.stream.inflow().frameAgeNanos(rig.now)).isEqualTo(30 - left);

                rig.stream.inflow().onMemoryAwaited(rig.now);
                rig.stream.onPost(rig.now);
                assertThat(rig.timeLeft()).as("it is our turn").isEqualTo(-1);
                assertThat(rig.stream.inflow().frameAgeNanos(rig.now)).isZero();
                rig.now += 1_000;
                rig.stream.onTick(rig.now);
                rig.stream.inflow().onMemoryCome(rig.now);

                assertThat(rig.timeLeft()).as("it goes on, and does not begin").isEqualTo(left);
            }
            rig.now += 10;
            rig.stream.onTick(rig.now);
            rig.checkEnded(true, "notice FRAME_TIMEOUT 1", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aFrameWhoseGroupEndsHasNoTimeLeft() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(Arrays.copyOf(Frame.request(2).withBody(5_000).bytes(), 60));
            rig.stream.inflow().onMemoryAwaited(rig.now);

            rig.stream.onGroupClosed(rig.now);
            rig.stream.inflow().onMemoryCome(rig.now + 1);

            assertThat(rig.timeLeft()).as("only that of closing").isEqualTo(50);
        }
    }

    @Test
    void whoseMemoryOthersWantEndsAsIfItHadTakenTooLong() {
        try (StreamRig rig = StreamRig.client()) {
            assertThat(rig.stream.inflow().hasBegunFrame()).isFalse();
            rig.receive(Arrays.copyOf(Frame.request(2).withBody(5_000).bytes(), 60));
            assertThat(rig.stream.inflow().hasBegunFrame()).isTrue();

            rig.stream.onFrameEvicted();

            rig.checkEnded(true, "notice FRAME_TIMEOUT 1", "notice CHANNEL_CLOSED 1");
            assertThat(rig.stream.deadlineHit()).isEqualTo(DeadlineName.FRAME);
            rig.stream.onFrameEvicted();
            assertThat(rig.outlet.takeAll()).isEmpty();
        }
    }

    @Test
    void whatNobodyTakesLeavesMemoryForOtherChannels() {
        Limits wide = new Limits(8, 100_000, 1 << 20, 1 << 30, 10, 20, 30, 40, 50, 0, 0);
        Memory memory = new Memory();
        byte[] bytes = new byte[8 << 20];
        ByteBuffer frames = ByteBuffer.wrap(bytes);
        byte[] frame = Frame.request(2).withBody(10_000).bytes();
        while (frames.remaining() > frame.length) {
            frames.put(frame);
        }
        try (StreamRig one = StreamRig.client(wide, memory)) {
            int taken = one.receive(bytes);
            assertThat(one.starved).isTrue();
            assertThat(taken).as("half of all").isBetween(1_800_000, 2_300_000);
            try (StreamRig other = StreamRig.client(wide, memory).leavesMemory()) {
                taken = other.receive(bytes);
                assertThat(taken).as("half of what is left").isBetween(800_000, 1_300_000);
                assertThat(one.receive(bytes)).isZero();

                one.outlet.takeAll();

                assertThat(one.receive(bytes)).isPositive();
                assertThat(other.receive(bytes)).isPositive();
            }
        }
    }

    @Test
    void aByeThatComesOutOfStarvationEndsTheStream() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            rig.memory.takeIncoming();
            rig.receive(Frame.byeResponse(2).bytes());
            assertThat(rig.starved).isTrue();
            assertThat(rig.state()).isEqualTo(State.BYE_SENT);

            rig.refilled();
            rig.receive(Frame.byeResponse(2));

            assertThat(rig.state()).isEqualTo(State.CLOSED);
            assertThat(rig.outlet.takeAll())
                    .containsExactly("BYE_RESPONSE 2", "notice CHANNEL_CLOSED 1");
        }
    }
}
