package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Status;
import tofu.engine.channel.FrameReader.Progress;
import tofu.pool.Slot;

class FrameReaderTest {
    private static final int NUMBER = 77;

    private final Memory memory = new Memory(16);
    private final List<Frame> frames = new ArrayList<>();
    private final List<Status> verdicts = new ArrayList<>();
    private final FrameReader reader = new FrameReader(memory.pool, NUMBER, new Collector());

    /// Keeps frames, and says what the test wants of headers.
    private final class Collector implements FrameSink {
        @Override
        public Status onHeader(long first, long second) {
            return verdicts.isEmpty() ? Status.SUCCESS : verdicts.removeFirst();
        }

        @Override
        public void onFrame(Slot slot, int opCode, int length) {
            Memory.checkHandedOver(slot, Slot.Owner.CHANNEL);
            frames.add(Frame.of(slot));
            slot.release(Slot.Owner.CHANNEL);
        }
    }

    @AfterEach
    void everySlotIsHome() {
        reader.close();
        memory.close();
    }

    private Progress read(byte[] bytes) {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        Progress progress = reader.read(source);
        if (progress == Progress.DRAINED) {
            assertThat(source.hasRemaining()).isFalse();
        }
        return progress;
    }

    private static byte[] cut(Frame frame, int from, int to) {
        return Arrays.copyOfRange(frame.bytes(), from, to);
    }

    @Test
    void aFrameGetsTheReceiversNumberAndLosesWhatAPeerMayNotSay() {
        Frame sent = Frame.request(5).with(0xF0).withStatus(22).withHeaders("a:b\r\n").withBody(9);

        assertThat(read(sent.bytes())).isEqualTo(Progress.DRAINED);
        assertThat(frames).containsExactly(new Frame(NUMBER, 0x60, 0, 5, "a:b\r\n", sent.body()));
    }

    @Test
    void byteByByteIsAsGoodAsAllAtOnce() {
        Frame first = Frame.request(1).withBody(40);
        Frame second = Frame.signal(2);

        for (byte octet : Frame.encode(first, second)) {
            read(new byte[] {octet});
        }

        assertThat(frames).containsExactly(first.received(NUMBER), second.received(NUMBER));
        assertThat(reader.framesRead()).isEqualTo(2);
        assertThat(reader.isPartial()).isFalse();
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
    void aLargeRestIsReadStraightIntoTheSlot() {
        Frame frame = Frame.request(1).withHeaders("a:b\r\n").withBody(65_535);
        read(cut(frame, 0, 40_000));

        ByteBuffer target = reader.directTarget();
        assertThat(target).isNotNull();
        assertThat(target.position()).isEqualTo(40_000);
        assertThat(target.remaining()).isEqualTo(frame.length() - 40_000);
        target.put(cut(frame, 40_000, 45_000));
        reader.readDirectly(5_000);
        target = reader.directTarget();
        assertThat(target).isNotNull();
        assertThat(target.position()).isEqualTo(45_000);
        target.put(cut(frame, 45_000, frame.length()));
        reader.readDirectly(frame.length() - 45_000);

        assertThat(frames).containsExactly(frame.received(NUMBER));
        assertThat(reader.directTarget()).isNull();
        assertThat(reader.isPartial()).isFalse();
    }

    @Test
    void aDirectTargetThatGotNothingIsOfferedAgain() {
        Frame frame = Frame.request(1).withBody(65_535);
        read(cut(frame, 0, 40_000));
        assertThat(reader.directTarget()).isNotNull();

        ByteBuffer target = reader.directTarget();
        assertThat(target).isNotNull();
        target.put(cut(frame, 40_000, frame.length()));
        reader.readDirectly(frame.length() - 40_000);
        assertThat(frames).containsExactly(frame.received(NUMBER));
    }

    @Test
    void aSmallRestIsNotReadStraightIntoTheSlot() {
        Frame frame = Frame.request(1).withBody(65_535);

        read(cut(frame, 0, frame.length() - 16_383));

        assertThat(reader.directTarget()).isNull();
        read(cut(frame, frame.length() - 16_383, frame.length()));
        assertThat(frames).containsExactly(frame.received(NUMBER));
    }

    @Test
    void theSlotOfABegunFrameCanBeReadIntoAsItGrows() {
        Frame frame = Frame.request(1).withBody(10_000);
        assertThat(reader.ownTarget()).as("no frame").isNull();
        read(cut(frame, 0, 7));
        assertThat(reader.ownTarget()).as("no slot yet").isNull();
        assertThat(reader.holdsSlot()).isFalse();
        read(cut(frame, 7, 16));
        assertThat(reader.holdsSlot()).isTrue();
        int done = 16;
        while (reader.isPartial()) {
            ByteBuffer target = reader.ownTarget();
            assertThat(target).isNotNull();
            assertThat(target.position()).isEqualTo(done);
            int count = Math.min(target.remaining(), 999);
            target.put(cut(frame, done, done + count));
            reader.readDirectly(count);
            done += count;
        }

        assertThat(done).isEqualTo(frame.length());
        assertThat(frames).containsExactly(frame.received(NUMBER));
        assertThat(reader.ownTarget()).isNull();
    }

    @Test
    void aTargetThatGotNothingDoesNotSpoilTheFrame() {
        Frame small = Frame.request(1).withBody(90);
        read(cut(small, 0, 40));
        assertThat(reader.ownTarget()).isNotNull();
        read(cut(small, 40, small.length()));

        assertThat(frames).containsExactly(small.received(NUMBER));
    }

    @Test
    void aTargetThatGotNothingDoesNotSpoilASlotThatIsOutgrown() {
        Frame frame = Frame.request(1).withBody(5_000);
        read(cut(frame, 0, 20));
        assertThat(reader.ownTarget()).isNotNull();
        read(cut(frame, 20, 3_000));

        List<Slot> others = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            others.add(memory.slot(Frame.signal(i), Slot.Owner.CHANNEL));
        }
        others.forEach(slot -> Memory.checkHandedOver(slot, Slot.Owner.CHANNEL));
        others.forEach(slot -> slot.release(Slot.Owner.CHANNEL));
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 17, 100, 1_000, 10_000, 60_000})
    void memoryIsGivenInProportionToWhatHasCome(int came) {
        Frame frame = Frame.request(1).withHeaders("h".repeat(65_535)).withBody(65_535);
        long before = memory.pool.bytesAllocated();

        read(cut(frame, 0, came));

        // The pool adds whole slabs; a frame that outgrew smaller slots leaves at most their slabs
        // behind.
        long granted = memory.pool.bytesAllocated() - before;
        long slabs = came < 80 ? 256 << 10 : 2 * Math.max(256 << 10, came * 8L);
        assertThat(granted).isLessThanOrEqualTo(slabs);
        ByteBuffer direct = reader.directTarget();
        assertThat(direct == null || came * 4 >= frame.length())
                .as("a whole slot for a frame of which little has come")
                .isTrue();
    }

    @Test
    void closingGivesTheSlotBackOfAFrameThatIsHalfThere() {
        read(cut(Frame.request(1).withBody(65_535), 0, 40_000));
        assertThat(reader.directTarget()).isNotNull();
        assertThat(memory.pool.messagesOut()).isEqualTo(1);

        reader.close();

        memory.checkWhole();
        Slot again = memory.slot(Frame.request(2).withBody(65_535), Slot.Owner.CHANNEL);
        Memory.checkHandedOver(again, Slot.Owner.CHANNEL);
        again.release(Slot.Owner.CHANNEL);
    }

    @Test
    void closingTwiceOrWithoutAFrameDoesNothing() {
        reader.close();
        reader.close();

        memory.checkWhole();
    }

    @Test
    void aRefusedHeaderStopsReadingAndTakesNoMemory() {
        verdicts.addAll(List.of(Status.SUCCESS, Status.INVALID_MESSAGE));

        Progress progress =
                read(
                        Frame.encode(
                                Frame.request(1), Frame.request(2).withBody(99), Frame.request(3)));

        assertThat(progress).isEqualTo(Progress.REFUSED);
        assertThat(reader.refusal()).isEqualTo(Status.INVALID_MESSAGE);
        assertThat(frames).containsExactly(Frame.request(1).received(NUMBER));
        memory.checkWhole();
    }

    @Test
    void aHeaderIsLookedAtBeforeItsFrameIsThere() {
        verdicts.add(Status.INVALID_OP_CODE);

        Progress progress = read(cut(Frame.request(1).withBody(99), 0, 16));

        assertThat(progress).isEqualTo(Progress.REFUSED);
        assertThat(reader.refusal()).isEqualTo(Status.INVALID_OP_CODE);
    }
}
