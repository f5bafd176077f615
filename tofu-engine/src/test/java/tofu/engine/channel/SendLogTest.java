package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.Status;
import tofu.pool.FrameRange;
import tofu.pool.HeaderLayout;
import tofu.pool.LogChunk;
import tofu.pool.Slot;

class SendLogTest {
    private final Memory memory = new Memory();
    private final SendLog log = new SendLog(memory.logs);
    private final ByteArrayOutputStream wire = new ByteArrayOutputStream();

    @AfterEach
    void everythingIsHome() {
        rest();
        memory.close();
    }

    /// Adds frames as a queue does.
    private void add(Frame... frames) {
        for (Frame frame : frames) {
            Slot slot = memory.slot(frame, Slot.Owner.LEASE);
            long second = slot.second();
            int length = HeaderLayout.frameLength(second);
            if (log.add(slot, slot.first(), second, length, false) == SendLog.Place.COPIED) {
                slot.release(Slot.Owner.LEASE);
            }
        }
    }

    /// The kernel takes so many bytes of what is offered.
    ///
    /// @return how many frames have ended
    private int write(int most) {
        log.look();
        ByteBuffer[] sources = new ByteBuffer[3];
        int count = log.sources(sources);
        assertThat(count).isPositive();
        return sent(Kernel.take(sources, count, most));
    }

    private int sent(byte[] bytes) {
        wire.writeBytes(bytes);
        log.sent(bytes.length);
        int frames = log.justEndedFrames();
        LogChunk spent = log.drop();
        while (spent != null && spent != log.first()) {
            LogChunk following = spent.next();
            spent.release();
            spent = following;
        }
        return frames;
    }

    private List<Frame> writeAll() {
        while (!log.isEmpty()) {
            write(Integer.MAX_VALUE);
        }
        return Frame.decode(wire.toByteArray());
    }

    private List<Frame> rest() {
        FrameRange range = log.takeRest(Status.CHANNEL_CLOSED);
        if (range == null) {
            return List.of();
        }
        List<Frame> frames = new ArrayList<>();
        for (Slot slot : Memory.cut(range)) {
            assertThat(slot.fromEngine()).isTrue();
            assertThat(slot.status()).isEqualTo(Status.CHANNEL_CLOSED.code());
            slot.markApplication(Status.SUCCESS);
            frames.add(Frame.of(slot));
            slot.release(Slot.Owner.LEASE);
        }
        return frames;
    }

    @Test
    void anEmptyLogHasNothing() {
        log.look();

        assertThat(log.isEmpty()).isTrue();
        assertThat(log.sources(new ByteBuffer[1])).isZero();
        assertThat(log.sourceOfFrame(new ByteBuffer[1])).isZero();
        assertThat(log.drop()).isNull();
        assertThat(log.takeRest(Status.CHANNEL_CLOSED)).isNull();
        assertThat(log.isInFrame()).isFalse();
        assertThat(log.hasHello()).isFalse();
        assertThat(memory.logs.messagesOut()).isZero();
    }

    @Test
    void whatIsAddedBehindALookAtAnEmptyLogIsNotSentBeforeTheNextOne() {
        log.look();
        add(Frame.request(1));
        ByteBuffer[] sources = new ByteBuffer[3];
        assertThat(log.sources(sources)).as("all of it may still change").isZero();
        assertThat(log.sourceOfFrame(sources)).isZero();
        add(Frame.request(2));

        assertThat(writeAll()).containsExactly(Frame.request(1), Frame.request(2));
    }

    @Test
    void framesAreOneRunOfBytes() {
        Frame[] frames = {
            Frame.request(1).withBody(10), Frame.request(2), Frame.request(3).withBody(3_000)
        };
        add(frames);

        assertThat(write(Integer.MAX_VALUE)).isEqualTo(3);

        assertThat(log.isEmpty()).isTrue();
        assertThat(wire.toByteArray()).isEqualTo(Frame.encode(frames));
        assertThat(memory.logs.messagesOut()).isZero();
    }

    @Test
    void whatIsAddedBehindTheLookIsSentTheNextTime() {
        add(Frame.request(1));
        log.look();
        add(Frame.request(2));

        ByteBuffer[] sources = new ByteBuffer[1];
        assertThat(log.sources(sources)).isOne();
        assertThat(sources[0].remaining()).isEqualTo(16);
        assertThat(sent(new byte[16])).isEqualTo(1);
        assertThat(log.isEmpty()).as("a chunk with another frame").isFalse();
        assertThat(write(100)).isEqualTo(1);
        assertThat(log.isEmpty()).isTrue();
    }

    @Test
    void aFrameEndsWithItsLastByte() {
        add(Frame.request(1).withBody(4), Frame.request(2), Frame.request(3));

        assertThat(write(19)).isZero();
        assertThat(log.isInFrame()).isTrue();
        assertThat(write(1)).isEqualTo(1);
        assertThat(log.isInFrame()).isFalse();
        assertThat(log.justEndedBytes()).isEqualTo(20);
        assertThat(write(31)).isEqualTo(1);
        assertThat(log.frames()).isEqualTo(1);
        assertThat(log.bytes()).isEqualTo(16);
        assertThat(write(1)).isEqualTo(1);
    }

    @Test
    void theRestOfAFrameCanBeHadAlone() {
        add(Frame.request(1).withBody(4), Frame.request(2));
        write(5);

        log.look();
        ByteBuffer[] sources = new ByteBuffer[1];
        assertThat(log.sourceOfFrame(sources)).isOne();
        assertThat(sources[0].remaining()).isEqualTo(15);
    }

    @Test
    void aLongFrameStaysInItsSlotAndOthersGoOnBehindIt() {
        Frame[] frames = {
            Frame.request(1), Frame.request(2).withBody(65_535), Frame.request(3).withBody(32_752)
        };
        add(frames);

        assertThat(memory.pool.messagesOut()).as("the long one").isEqualTo(1);
        assertThat(writeAll()).containsExactly(frames);
        assertThat(memory.pool.messagesOut()).isZero();
    }

    @Test
    void whatWasNotSentWholeComesBackInOrderAndWhole() {
        Frame[] frames = {
            Frame.request(1).withBody(20),
            Frame.request(2).withBody(30),
            Frame.request(3).withBody(50_000),
            Frame.request(4)
        };
        add(frames);
        write(40);
        assertThat(log.frames()).isEqualTo(3);
        assertThat(log.bytes()).isEqualTo(46 + 50_016 + 16);

        assertThat(rest()).containsExactly(frames[1], frames[2], frames[3]);
        assertThat(log.isEmpty()).isTrue();
        wire.reset();
        add(frames[0]);
        assertThat(writeAll()).containsExactly(frames[0]);
    }

    @Test
    void aLongFrameThatWasBegunComesBackInItsOwnSlot() {
        Frame frame = Frame.request(1).withBody(40_000);
        add(frame);
        write(5_000);

        assertThat(rest()).containsExactly(frame);
    }

    @Test
    void chunksGrowWithWhatIsSentAtOnceAndShrinkAgain() {
        assertThat(chunkFor(1)).as("at first").isEqualTo(4_160);
        for (int id = 1; id <= 30; id++) {
            add(Frame.request(id).withBody(1_000));
        }
        writeAll();
        assertThat(chunkFor(1)).as("after 30 KB").isEqualTo(65_600);
        assertThat(chunkFor(1)).as("after 16 bytes").isEqualTo(4_160);
    }

    /// The size of the chunk that one small frame gets.
    private int chunkFor(long id) {
        add(Frame.request(id));
        log.look();
        ByteBuffer[] sources = new ByteBuffer[1];
        assertThat(log.sources(sources)).isOne();
        int capacity = sources[0].capacity();
        writeAll();
        return capacity;
    }

    @Test
    void aHelloIsThereUntilItIsSentWhole() {
        add(Frame.request(1), Frame.helloResponse(2));
        log.markHello();
        add(Frame.request(3));
        assertThat(log.hasHello()).isTrue();
        write(16);
        assertThat(log.hasHello()).isTrue();
        write(15);
        assertThat(log.hasHello()).isTrue();
        write(1);
        assertThat(log.hasHello()).isFalse();
        writeAll();
        add(Frame.request(4));
        assertThat(log.hasHello()).isFalse();
        log.markHello();
        assertThat(log.hasHello()).isTrue();
        rest();
        assertThat(log.hasHello()).isFalse();
    }

    @Test
    void severalChunksAreOfferedTogetherAndHomeAsSoonAsTheyAreSent() {
        Frame[] frames = new Frame[20];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = Frame.request(i + 1).withBody(10_000);
        }
        add(frames);
        log.look();
        ByteBuffer[] sources = new ByteBuffer[3];
        assertThat(log.sources(sources)).isEqualTo(3);
        int two = sources[0].remaining() + sources[1].remaining();
        int chunks = memory.logs.messagesOut();

        assertThat(sent(Kernel.take(sources, 3, two + 5))).isEqualTo(two / 10_016);

        assertThat(memory.logs.messagesOut()).isEqualTo(chunks - 2);
        assertThat(writeAll()).containsExactly(frames);
    }

    @Test
    void aWriteMayGoOnFromWithinAChunkToWithinAnother() {
        Frame[] frames = new Frame[20];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = Frame.request(i + 1).withBody(10_000);
        }
        add(frames);
        assertThat(write(7)).isZero();
        log.look();
        ByteBuffer[] sources = new ByteBuffer[3];
        int count = log.sources(sources);
        int most = sources[0].remaining() + 25_000;

        assertThat(sent(Kernel.take(sources, count, most))).isEqualTo((7 + most) / 10_016);

        assertThat(log.bytes()).isEqualTo((frames.length - (7 + most) / 10_016) * 10_016L);
        assertThat(writeAll()).containsExactly(frames);
    }

    @Test
    void aChunkThatIsAddedWhileTheLastOneIsSentIsTheNextOne() {
        add(Frame.request(1).withBody(30_000), Frame.request(2).withBody(30_000));
        log.look();
        ByteBuffer[] sources = new ByteBuffer[3];
        int count = log.sources(sources);
        add(Frame.helloResponse(3).withBody(30_000), Frame.request(4));

        assertThat(sent(Kernel.take(sources, count, 60_032))).isEqualTo(2);

        assertThat(log.isInFrame()).isFalse();
        assertThat(log.frames()).isEqualTo(2);
        assertThat(rest()).extracting(Frame::id).containsExactly(3L, 4L);
    }

    @Test
    void aLongFrameStaysInItsSlotThoughThereIsRoomForIt() {
        add(Frame.request(1).withBody(20_000), Frame.request(2).withBody(32_753));

        assertThat(memory.pool.messagesOut()).as("the long one").isEqualTo(1);
        assertThat(writeAll()).extracting(Frame::id).containsExactly(1L, 2L);
    }

    @Test
    void whatIsAddedToMoreGetsALargeChunk() {
        Frame[] frames = new Frame[5];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = Frame.request(i + 1).withBody(1_000);
        }
        add(frames);
        log.look();
        ByteBuffer[] sources = new ByteBuffer[3];

        assertThat(log.sources(sources)).isEqualTo(2);

        assertThat(sources[0].capacity()).as("for what was sent before").isEqualTo(4_160);
        assertThat(sources[1].capacity()).as("there is more to come").isEqualTo(65_600);
    }

    @Test
    void aChunkIsAsLongAsItsFrame() {
        add(Frame.request(1).withBody(32_752));

        assertThat(memory.pool.messagesOut()).as("it is copied").isZero();
        assertThat(writeAll()).hasSize(1);
    }

    // -- the share of a channel

    @Test
    void aChannelMayHaveAsMuchAsIsLeftForAll() {
        Slot small = memory.slot(Frame.request(1), Slot.Owner.LEASE);
        long free = memory.logs.bytesFree();

        assertThat(log.mayGrow(small, 16, free)).isTrue();
        assertThat(log.mayGrow(16, free)).isTrue();
        assertThat(log.mayGrow(small, 16, free + 1)).isFalse();
        assertThat(log.mayGrow(16, free + 1)).isFalse();
        small.release(Slot.Owner.LEASE);
    }

    @Test
    void whatFindsRoomBehindOthersTakesNothingFromAnybody() {
        add(Frame.request(1).withBody(1_000)); // to a chunk of 4,160 bytes
        Slot small = memory.slot(Frame.request(2), Slot.Owner.LEASE);
        long tooMuch = Long.MAX_VALUE;
        int room = 4_160 - 1_016;

        assertThat(log.mayGrow(small, room, tooMuch)).isTrue();
        assertThat(log.mayGrow(room, tooMuch)).isTrue();
        assertThat(log.mayGrow(small, room + 1, tooMuch)).isFalse();
        assertThat(log.mayGrow(room + 1, tooMuch)).isFalse();
        small.release(Slot.Owner.LEASE);
    }

    @Test
    void whatStaysInItsSlotFindsNoRoomBehindOthers() {
        for (int id = 1; id <= 4; id++) {
            add(Frame.request(id).withBody(5_000)); // the last one to a chunk of 65,600 bytes
        }
        Frame frame = Frame.request(5).withBody(40_000);
        Slot own = memory.slot(frame, Slot.Owner.LEASE);
        assertThat(own.isScarce()).isFalse();

        assertThat(log.mayGrow(frame.length(), Long.MAX_VALUE)).as("there is room").isTrue();
        assertThat(log.mayGrow(own, frame.length(), Long.MAX_VALUE)).isFalse();
        assertThat(log.mayGrow(own, frame.length(), 0)).isTrue();
        own.release(Slot.Owner.LEASE);
    }
}
