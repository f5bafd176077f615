package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.Status;
import tofu.engine.channel.FrameReader.Progress;
import tofu.pool.Slot;

/// What a reader does without memory: it keeps its place, and goes on as if nothing had been.
class FrameReaderStarvedTest {
    private static final int NUMBER = 77;

    private final Memory memory = new Memory(2);
    private final List<Slot> kept = new ArrayList<>();
    private int headers;

    private final FrameReader reader =
            new FrameReader(
                    memory.pool,
                    NUMBER,
                    new FrameSink() {
                        @Override
                        public Status onHeader(long first, long second) {
                            headers++;
                            return Status.SUCCESS;
                        }

                        @Override
                        public void onFrame(Slot slot, int opCode, int length) {
                            kept.add(slot);
                        }
                    });

    @AfterEach
    void everySlotIsHome() {
        reader.close();
        release();
        memory.close();
    }

    private void release() {
        kept.forEach(slot -> slot.release(Slot.Owner.CHANNEL));
        kept.clear();
    }

    private List<Frame> frames() {
        return kept.stream().map(Frame::of).toList();
    }

    @Test
    void aFrameWithoutPayloadIsNotLostForWantOfASlot() {
        memory.drain(0);
        ByteBuffer source = ByteBuffer.wrap(Frame.signal(9).bytes());

        assertThat(reader.read(source)).isEqualTo(Progress.STARVED);
        assertThat(source.remaining()).as("the header is read, there is no more").isZero();
        assertThat(reader.read(source)).isEqualTo(Progress.STARVED);
        memory.refill(1);

        assertThat(reader.read(source)).isEqualTo(Progress.DRAINED);
        assertThat(frames()).containsExactly(Frame.signal(9).received(NUMBER));
        assertThat(headers).isEqualTo(1);
    }

    @Test
    void whatStandsBehindAStarvedFrameIsReadOnceThereIsMemory() {
        List<Frame> sent =
                List.of(
                        Frame.request(1).withBody(30),
                        Frame.request(2).withBody(70),
                        Frame.signal(3),
                        Frame.request(4).withBody(300),
                        Frame.request(5));
        ByteBuffer source = ByteBuffer.wrap(Frame.encode(sent));
        List<Frame> got = new ArrayList<>();
        int starved = 0;

        while (reader.read(source) == Progress.STARVED) {
            starved++;
            assertThat(kept).hasSize(2);
            got.addAll(frames());
            release();
        }
        got.addAll(frames());

        assertThat(starved).isEqualTo(2);
        assertThat(got).isEqualTo(sent.stream().map(f -> f.received(NUMBER)).toList());
        assertThat(headers).isEqualTo(5);
    }

    @Test
    void nothingIsConsumedOfThePayloadOfAStarvedFrame() {
        memory.drain(0);
        Frame frame = Frame.request(1).withBody(100);
        ByteBuffer source = ByteBuffer.wrap(frame.bytes());

        assertThat(reader.read(source)).isEqualTo(Progress.STARVED);

        assertThat(source.position()).isEqualTo(16);
        assertThat(reader.isPartial()).isTrue();
        assertThat(reader.missing()).isEqualTo(100);
        assertThat(reader.directTarget()).isNull();
    }

    @Test
    void aStarvedReaderThatIsClosedHoldsNothing() {
        memory.drain(0);
        reader.read(ByteBuffer.wrap(Frame.request(1).withBody(100).bytes()));

        reader.close();
        memory.refill(2);

        memory.checkWhole();
    }

    @Test
    void aStarvedHeaderInPiecesGoesOnAfterTheRefill() {
        memory.drain(0);
        byte[] bytes = Frame.request(1).withBody(3).bytes();
        assertThat(reader.read(ByteBuffer.wrap(bytes, 0, 7))).isEqualTo(Progress.DRAINED);
        assertThat(reader.read(ByteBuffer.wrap(bytes, 7, 9))).isEqualTo(Progress.STARVED);
        memory.refill(1);

        // The loop calls again with a buffer that is empty already.
        assertThat(reader.read(ByteBuffer.allocate(0))).isEqualTo(Progress.DRAINED);
        assertThat(kept).isEmpty();
        assertThat(reader.read(ByteBuffer.wrap(bytes, 16, 3))).isEqualTo(Progress.DRAINED);
        assertThat(frames()).containsExactly(Frame.request(1).withBody(3).received(NUMBER));
    }

    @Test
    void aFrameThatCannotGrowKeepsWhatItHas() {
        try (Memory tight = new Memory(4_096, 1 << 20)) {
            List<Frame> got = new ArrayList<>();
            FrameReader growing =
                    new FrameReader(
                            tight.pool,
                            NUMBER,
                            new FrameSink() {
                                @Override
                                public Status onHeader(long first, long second) {
                                    return Status.SUCCESS;
                                }

                                @Override
                                public void onFrame(Slot slot, int opCode, int length) {
                                    got.add(Frame.of(slot));
                                    slot.release(Slot.Owner.CHANNEL);
                                }
                            });
            Frame frame = Frame.request(1).withHeaders("a:b\r\n").withBody(50_000);
            ByteBuffer source = ByteBuffer.wrap(frame.bytes());
            assertThat(growing.read(source.limit(60))).isEqualTo(Progress.DRAINED);
            tight.drainBytes();

            assertThat(growing.read(source.limit(frame.length()))).isEqualTo(Progress.STARVED);
            assertThat(source.position()).isEqualTo(60);
            tight.refill(Integer.MAX_VALUE);

            assertThat(growing.read(source)).isEqualTo(Progress.DRAINED);
            assertThat(got).containsExactly(frame.received(NUMBER));
        }
    }
}
