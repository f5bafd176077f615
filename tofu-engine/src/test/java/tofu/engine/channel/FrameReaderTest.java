package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.LogChunk;
import tofu.pool.SlotPool;

class FrameReaderTest {
    private static final int NUMBER = 77;
    private static final int MOST = 1 << 20;

    private final Memory memory = new Memory(16);
    private final Collector sink = new Collector();
    private final Backlog backlog = new Backlog();
    private final FrameReader reader = new FrameReader(memory.reading, NUMBER, backlog, sink);

    /// Keeps frames, and says what the test wants of headers.
    private static final class Collector implements FrameSink {
        final List<Frame> frames = new ArrayList<>();
        final List<String> whole = new ArrayList<>();
        final List<Integer> capacities = new ArrayList<>();
        final Deque<Status> verdicts = new ArrayDeque<>();
        int headers;
        int deliveries;

        @Override
        public Status onHeader(long first, long second) {
            headers++;
            return verdicts.isEmpty() ? Status.SUCCESS : verdicts.remove();
        }

        @Override
        public void onWhole(OpCode opCode, long id) {
            whole.add(opCode + " " + id);
        }

        @Override
        public void onFrames(LogChunk chunk, int count) {
            deliveries++;
            capacities.add(chunk.capacity());
            Arrived arrived = new Arrived(chunk, frameLength -> {});
            List<byte[]> all = arrived.frames();
            assertThat(all).hasSize(count);
            for (byte[] bytes : all) {
                frames.addAll(Frame.decode(bytes));
                assertThat(arrived.take()).isEqualTo(bytes);
            }
        }
    }

    @AfterEach
    void everyChunkIsHome() {
        reader.close();
        memory.close();
    }

    /// Gives the reader bytes, as many at a time as it will take.
    ///
    /// @return false if it has refused a header
    private boolean read(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            ByteBuffer target = reader.target(MOST);
            assertThat(target).isNotNull();
            int count = Math.min(target.remaining(), bytes.length - at);
            target.put(bytes, at, count);
            at += count;
            if (!reader.read(count)) {
                return false;
            }
        }
        return true;
    }

    private static byte[] cut(Frame frame, int from, int to) {
        return Arrays.copyOfRange(frame.bytes(), from, to);
    }

    @Test
    void aFrameGetsTheReceiversNumberAndLosesWhatAPeerMayNotSay() {
        Frame sent = Frame.request(5).with(0xF0).withStatus(22).withHeaders("a:b\r\n").withBody(9);

        assertThat(read(sent.bytes())).isTrue();
        assertThat(sink.frames)
                .containsExactly(new Frame(NUMBER, 0x60, 0, 5, "a:b\r\n", sent.body()));
    }

    @Test
    void byteByByteIsAsGoodAsAllAtOnce() {
        Frame first = Frame.request(1).withBody(40);
        Frame second = Frame.signal(2);

        for (byte octet : Frame.encode(first, second)) {
            read(new byte[] {octet});
        }

        assertThat(sink.frames).containsExactly(first.received(NUMBER), second.received(NUMBER));
        assertThat(reader.framesRead()).isEqualTo(2);
        assertThat(sink.headers).as("each header once").isEqualTo(2);
        assertThat(reader.isPartial()).isFalse();
    }

    @Test
    void whatComesTogetherIsPassedOnTogether() {
        read(Frame.encode(Frame.request(1), Frame.helloRequest(2), Frame.signal(3).withBody(70)));

        assertThat(sink.deliveries).isOne();
        assertThat(sink.frames).hasSize(3);
        assertThat(sink.whole).containsExactly("HELLO_REQUEST 2");
    }

    @Test
    void tellsHowMuchIsCertainlyMissing() {
        Frame frame = Frame.request(1).withHeaders("a:b\r\n").withBody(50);
        assertThat(reader.missing()).isZero();
        assertThat(reader.partialBytes()).isZero();

        read(cut(frame, 0, 10));
        assertThat(reader.isPartial()).isTrue();
        assertThat(reader.missing()).isEqualTo(6);
        assertThat(reader.partialBytes()).isEqualTo(10);

        read(cut(frame, 10, 30));
        assertThat(reader.missing()).isEqualTo(71 - 30);
        assertThat(reader.partialBytes()).isEqualTo(30);

        read(cut(frame, 30, 71));
        assertThat(reader.missing()).isZero();
        assertThat(reader.partialBytes()).isZero();
    }

    @Test
    void theRestOfAFrameThatIsWellBegunIsReadToWhereItIsAndNoMore() {
        Frame frame = Frame.request(1).withBody(20_000);
        read(cut(frame, 0, 8_000));

        ByteBuffer target = reader.target(MOST);

        assertThat(target).isNotNull();
        assertThat(target.position()).isEqualTo(8_000);
        assertThat(target.remaining()).isEqualTo(frame.length() - 8_000);
        read(cut(frame, 8_000, frame.length()));
        assertThat(sink.frames).containsExactly(frame.received(NUMBER));
    }

    @Test
    void whatFollowsALittleOfAFrameIsReadWithIt() {
        Frame frame = Frame.request(1).withBody(20_000);
        read(cut(frame, 0, 3_000));

        ByteBuffer target = reader.target(MOST);

        assertThat(target).isNotNull();
        assertThat(target.remaining()).isGreaterThan(2 * frame.length());
    }

    @Test
    void aTargetThatGotNothingDoesNotSpoilTheFrame() {
        for (int begun : new int[] {7, 40, 5_000}) {
            Frame frame = Frame.request(begun).withBody(9_000);
            read(cut(frame, 0, begun));
            assertThat(reader.target(MOST)).isNotNull();
            assertThat(reader.target(MOST)).isNotNull();
            read(cut(frame, begun, frame.length()));
            assertThat(sink.frames).contains(frame.received(NUMBER));
        }
        assertThat(sink.frames).hasSize(3);
    }

    @Test
    void noMoreIsReadThanIsAskedFor() {
        ByteBuffer target = reader.target(100);
        assertThat(target).isNotNull();
        assertThat(target.remaining()).isEqualTo(100);
        target.put(cut(Frame.request(1).withBody(500), 0, 60));
        reader.read(60);

        target = reader.target(456);

        assertThat(target).isNotNull();
        assertThat(target.remaining()).isEqualTo(456);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 17, 100, 1_000, 10_000, 60_000})
    void memoryIsGivenInProportionToWhatHasCome(int came) {
        Frame frame = Frame.request(1).withHeaders("h".repeat(65_535)).withBody(65_535);

        read(cut(frame, 0, came));

        // Sizes are some four times as long as the next smaller one.
        assertThat(backlog.bytes()).isLessThanOrEqualTo(Math.max(128, 17 * came));
        assertThat(backlog.bytes()).isGreaterThanOrEqualTo(came);
    }

    @Test
    void fewFramesDoNotKeepTheChunkThatTheyWereReadInto() {
        read(Frame.request(1).withBody(90).bytes());

        assertThat(sink.capacities).containsExactly(128);
    }

    @Test
    void manyFramesAreNotCopied() {
        ByteBuffer target = reader.target(MOST);
        assertThat(target).isNotNull();
        Frame frame = Frame.request(1).withBody(10_000);
        byte[] bytes = Frame.encode(frame, frame, frame, frame);
        target.put(bytes);

        reader.read(bytes.length);

        assertThat(sink.capacities).containsExactly(65_600);
    }

    @Test
    void closingGivesTheChunkBackOfAFrameThatIsHalfThere() {
        read(cut(Frame.request(1).withBody(65_535), 0, 40_000));
        assertThat(backlog.bytes()).isGreaterThan(40_000);

        reader.close();

        assertThat(reader.isPartial()).isFalse();
        memory.checkWhole();
    }

    @Test
    void closingTwiceOrWithoutAFrameDoesNothing() {
        reader.close();
        reader.close();

        memory.checkWhole();
    }

    @Test
    void aRefusedHeaderStopsReadingAndWhatCameBeforeIsPassedOn() {
        sink.verdicts.addAll(List.of(Status.SUCCESS, Status.INVALID_MESSAGE));

        boolean goesOn =
                read(
                        Frame.encode(
                                Frame.request(1), Frame.request(2).withBody(99), Frame.request(3)));

        assertThat(goesOn).isFalse();
        assertThat(reader.refusal()).isEqualTo(Status.INVALID_MESSAGE);
        assertThat(sink.frames).containsExactly(Frame.request(1).received(NUMBER));
        memory.checkWhole();
    }

    @Test
    void aHeaderIsLookedAtBeforeItsFrameIsThere() {
        sink.verdicts.add(Status.INVALID_OP_CODE);

        assertThat(read(cut(Frame.request(1).withBody(99), 0, 16))).isFalse();
        assertThat(reader.refusal()).isEqualTo(Status.INVALID_OP_CODE);
    }

    // -- without memory

    @Test
    void thereIsNowhereToReadToWithoutMemory() {
        memory.takeIncoming();
        assertThat(reader.target(MOST)).isNull();

        memory.returnIncoming();

        assertThat(reader.target(MOST)).isNotNull();
    }

    @Test
    void aHeaderIsCheckedThoughThereIsNoMemory() {
        read(cut(Frame.request(1).withBody(90), 0, 7));
        memory.takeIncoming();
        sink.verdicts.add(Status.INVALID_OP_CODE);

        ByteBuffer target = reader.target(MOST);
        assertThat(target).isNotNull();
        assertThat(target.remaining()).as("the rest of the header").isEqualTo(9);
        target.put(cut(Frame.request(1).withBody(90), 7, 16));

        assertThat(reader.read(9)).isFalse();
        assertThat(reader.refusal()).isEqualTo(Status.INVALID_OP_CODE);
        assertThat(reader.isPartial()).as("its memory is given back").isFalse();
    }

    @Test
    void aFrameThatCannotGrowKeepsWhatItHas() {
        Frame frame = Frame.request(1).withHeaders("a:b\r\n").withBody(50_000);
        read(cut(frame, 0, 60));
        memory.takeIncoming();
        int done = 60;
        ByteBuffer target = reader.target(MOST);
        while (target != null) {
            int count = target.remaining();
            target.put(cut(frame, done, done + count));
            assertThat(reader.read(count)).isTrue();
            done += count;
            target = reader.target(MOST);
        }
        assertThat((long) done).isEqualTo(backlog.bytes());

        memory.returnIncoming();

        read(cut(frame, done, frame.length()));
        assertThat(sink.frames).containsExactly(frame.received(NUMBER));
        assertThat(sink.headers).isOne();
    }

    @Test
    void framesStayInTheirChunkWhenThereIsNoSmallerOne() {
        ByteBuffer target = reader.target(MOST);
        assertThat(target).isNotNull();
        memory.takeRestOfIncoming();
        byte[] bytes = Frame.encode(Frame.request(1), Frame.request(2).withBody(30));
        target.put(bytes, 0, 40);

        reader.read(40);

        assertThat(sink.capacities).as("the chunk that was read into").containsExactly(65_600);
        assertThat(backlog.bytes()).as("the spare one").isEqualTo(65_600);
        memory.returnIncoming();
        read(Arrays.copyOfRange(bytes, 40, bytes.length));
        assertThat(sink.frames).hasSize(2);
    }

    @Test
    void whatIsReadOfAFrameFitsIntoTheSpareChunkEvenIfTheOtherOneIsLarger() {
        SlotPool scarce = SlotPool.ofLogs(1 << 20);
        ReadMemory both = new ReadMemory(scarce, 64);
        List<LogChunk> taken = takeAll(scarce, 4_160);
        taken.removeLast().release();
        assertThat(both.isReady()).as("one chunk, a large one").isFalse();
        taken.forEach(LogChunk::release);
        assertThat(both.isReady()).isTrue();
        FrameReader narrow = new FrameReader(both, NUMBER, backlog, sink);
        put(narrow, cut(Frame.request(1).withBody(60_000), 0, 16));
        assertThat(both.isReady()).isTrue();
        assertThat(both.chunk().capacity()).isEqualTo(4_160);
        taken = takeAll(scarce, 4_160);
        taken.addAll(takeAll(scarce, 64));

        ByteBuffer target = narrow.target(MOST);
        assertThat(target).isNotNull();
        assertThat(narrow.read(target.remaining())).isTrue();

        assertThat(narrow.partialBytes()).isEqualTo(128);
        narrow.close();
        both.close();
        taken.forEach(LogChunk::release);
        scarce.close();
    }

    private static List<LogChunk> takeAll(SlotPool from, int bytes) {
        List<LogChunk> taken = new ArrayList<>();
        for (LogChunk chunk = LogChunk.take(from, bytes);
                chunk != null;
                chunk = LogChunk.take(from, bytes)) {
            taken.add(chunk);
        }
        return taken;
    }

    private static void put(FrameReader reader, byte[] bytes) {
        ByteBuffer target = reader.target(MOST);
        assertThat(target).isNotNull();
        target.put(bytes);
        assertThat(reader.read(bytes.length)).isTrue();
    }
}
