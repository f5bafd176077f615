package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.LogChunk;
import tofu.pool.SlotPool;

/// Which memory a frame that has begun has, and where its rest is read to.
class FrameReaderMemoryTest {
    private static final int MOST = 1 << 20;
    private static final int READ_BYTES = 64 << 10;
    private static final Frame LONG = Frame.request(1).withBody(50_000);
    private static final Frame RECEIVED = LONG.received(77);

    private final Memory memory = new Memory(16);
    private final List<Frame> frames = new ArrayList<>();
    private final Backlog backlog = new Backlog();
    private final FrameReader reader = reader(memory.reading);

    /// How much of [#LONG] was given to the reader.
    private int done;

    @AfterEach
    void everyChunkIsHome() {
        reader.close();
        assertThat(backlog.bytes()).as("of frames that have begun").isZero();
        memory.close();
    }

    private FrameReader reader(ReadMemory reading) {
        FrameSink keeping =
                new FrameSink() {
                    @Override
                    public Status onHeader(long first, long second) {
                        return Status.SUCCESS;
                    }

                    @Override
                    public void onWhole(OpCode opCode, long id) {
                        throw new AssertionError("all are regular");
                    }

                    @Override
                    public void onFrames(LogChunk chunk, int count) {
                        Arrived arrived = new Arrived(chunk, frameLength -> {});
                        for (byte[] bytes : arrived.frames()) {
                            frames.addAll(Frame.decode(bytes));
                            arrived.take();
                        }
                    }
                };
        return new FrameReader(reading, 77, backlog, keeping);
    }

    /// Gives the reader what comes next, as far as there is room for it.
    private void put(@Nullable ByteBuffer target, byte[] bytes, int from, int to) {
        assertThat(target).isNotNull();
        target.put(bytes, from, to - from);
        assertThat(reader.read(to - from)).isTrue();
    }

    /// Reads on to some place in the long frame.
    private void readTo(int end) {
        put(reader.target(MOST), LONG.bytes(), done, end);
        done = end;
    }

    /// The same, if there may be no more memory than there is.
    private void readOwnTo(int end) {
        put(reader.ownTarget(false), LONG.bytes(), done, end);
        done = end;
    }

    // -- while there is memory

    @Test
    void whatBeginsBehindAWholeFrameIsPutAsideAlone() {
        byte[] two = Frame.encode(Frame.request(5).withBody(30), LONG);
        put(reader.target(MOST), two, 0, 46 + 24);
        assertThat(frames).hasSize(1);
        assertThat(reader.partialBytes()).isEqualTo(24);

        put(reader.target(MOST), two, 46 + 24, two.length);

        assertThat(frames).hasSize(2).endsWith(RECEIVED);
        assertThat(reader.framesRead()).isEqualTo(2);
    }

    @Test
    void aFrameMovesWhenItsMemoryIsFullAndNotBefore() {
        readTo(60);
        assertThat(backlog.bytes()).isEqualTo(320);
        readTo(320);
        assertThat(backlog.bytes()).as("full").isEqualTo(320);
        readTo(321);
        assertThat(backlog.bytes()).as("of the next size").isEqualTo(4_160);
        assertThat(memory.incoming.bytesFree()).isEqualTo(withoutFrames() - 4_160);

        readTo(LONG.length());

        assertThat(frames).containsExactly(RECEIVED);
        assertThat(backlog.bytes()).isZero();
    }

    /// What is left to take while no frame has begun.
    private long withoutFrames() {
        Memory other = new Memory(16);
        try (other) {
            assertThat(other.reading.isReady()).isTrue();
            return other.incoming.bytesFree();
        }
    }

    @Test
    void memoryOfFramesThatHaveBegunIsKnownToTheLoop() {
        readTo(3_000);
        assertThat(memory.reading.isCrowded()).isFalse();
        memory.takeRestOfIncoming();
        assertThat(memory.reading.isCrowded()).isTrue();

        reader.close();

        assertThat(memory.reading.isCrowded()).isFalse();
    }

    @Test
    void whatIsReadWithTheBeginningIsNoMoreThanIsReadAtOnce() {
        readTo(3_000);

        ByteBuffer target = reader.target(MOST);

        assertThat(target).isNotNull();
        assertThat(target.limit()).isEqualTo(READ_BYTES);
    }

    @Test
    void fromFourKibibytesOnTheRestIsReadToItsBeginning() {
        readTo(4_095);
        ByteBuffer target = reader.target(MOST);
        assertThat(target).isNotNull();
        assertThat(target.limit()).isEqualTo(READ_BYTES);
        readTo(4_096);
        target = reader.target(MOST);
        assertThat(target).isNotNull();
        assertThat(target.limit()).isLessThanOrEqualTo(LONG.length());

        while (done < LONG.length()) {
            target = reader.target(MOST);
            assertThat(target).isNotNull();
            int end = done + target.remaining();
            put(target, LONG.bytes(), done, end);
            done = end;
        }

        assertThat(frames).containsExactly(RECEIVED);
        assertThat(reader.framesRead()).isOne();
    }

    @Test
    void whoReadsLittleAtOnceReadsTheRestToItsBeginningFromHalfOfThatOn() {
        SlotPool small = SlotPool.ofLogs(1 << 20);
        ReadMemory narrow = new ReadMemory(small, 64);
        FrameReader ofLittle = reader(narrow);
        byte[] bytes = Frame.request(1).withBody(44).bytes();
        ByteBuffer target = ofLittle.target(MOST);
        assertThat(target).isNotNull();
        target.put(bytes, 0, 40);
        assertThat(ofLittle.read(40)).isTrue();

        target = ofLittle.target(MOST);

        assertThat(target).isNotNull();
        assertThat(target.remaining()).isEqualTo(bytes.length - 40);
        ofLittle.close();
        narrow.close();
        small.close();
    }

    // -- in a frame's own memory

    @Test
    void withoutAFrameThereIsNoMemoryOfItsOwn() {
        assertThat(reader.ownTarget(false)).isNull();
        assertThat(reader.ownTarget(true)).isNull();
    }

    @Test
    void theRestOfAHeaderThenWhatFitsIsReadToItsOwnMemory() {
        readTo(7);
        ByteBuffer target = reader.ownTarget(false);
        assertThat(target).isNotNull();
        assertThat(target.remaining()).isEqualTo(9);
        readOwnTo(16);
        target = reader.ownTarget(false);
        assertThat(target).isNotNull();
        assertThat(target.limit()).isEqualTo(128);
        readOwnTo(128);

        assertThat(reader.ownTarget(false)).as("it is full").isNull();
        assertThat(backlog.bytes()).isEqualTo(128);
    }

    @Test
    void aNeedyFrameGoesOnInTheReserve() {
        readTo(7);
        readOwnTo(16);
        readOwnTo(128);

        ByteBuffer target = reader.ownTarget(true);

        assertThat(target).isNotNull();
        assertThat(target.position()).isEqualTo(128);
        assertThat(target.limit()).isEqualTo(LONG.length());
        assertThat(memory.reading.hasReserve()).isFalse();
        assertThat(backlog.bytes()).isEqualTo(131_136);
        put(target, LONG.bytes(), 128, LONG.length());
        assertThat(frames).containsExactly(RECEIVED);
    }

    @Test
    void aNeedyFrameWaitsForTheReserveThatAnotherHas() {
        readTo(7);
        readOwnTo(16);
        readOwnTo(128);
        LogChunk reserve = memory.reading.takeReserve();
        assertThat(reserve).isNotNull();

        assertThat(reader.ownTarget(true)).isNull();

        assertThat(backlog.bytes()).isEqualTo(128);
        reserve.release();
    }

    @Test
    void aFrameThatOutgrowsItsMemoryWhileThereIsLittleHasALargerOne() {
        FrameReader other = reader(memory.reading); // so that frames have most of what is left
        ByteBuffer ofOther = other.target(MOST);
        assertThat(ofOther).isNotNull();
        ofOther.put(LONG.bytes(), 0, 3_000);
        assertThat(other.read(3_000)).isTrue();
        readTo(7);
        readOwnTo(16);
        readOwnTo(128);
        LogChunk same = LogChunk.take(memory.incoming, 128);
        LogChunk larger = LogChunk.take(memory.incoming, 320);
        memory.takeIncoming();
        assertThat(same).isNotNull();
        assertThat(larger).isNotNull();
        same.release();
        larger.release();

        ByteBuffer target = reader.target(MOST);

        assertThat(target).isNotNull();
        assertThat(target.position()).isEqualTo(128);
        assertThat(target.limit()).isEqualTo(320);
        other.close();
        assertThat(backlog.bytes()).isEqualTo(320);
    }
}
