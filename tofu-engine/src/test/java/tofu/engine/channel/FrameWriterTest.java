package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.pool.Slot;

class FrameWriterTest {
    private final Memory memory = new Memory();
    private final ByteBuffer staging = ByteBuffer.allocateDirect(64 << 10);
    private final ByteArrayOutputStream wire = new ByteArrayOutputStream();
    private final FrameWriter writer = new FrameWriter();

    @AfterEach
    void everySlotIsHome() {
        for (Slot slot = writer.poll(); slot != null; slot = writer.poll()) {
            slot.release(Slot.Owner.QUEUE);
        }
        memory.close();
    }

    private void add(Frame... frames) {
        for (Frame frame : frames) {
            writer.add(memory.slot(frame, Slot.Owner.QUEUE));
        }
    }

    private void addUrgent(Frame frame) {
        writer.addUrgent(memory.slot(frame, Slot.Owner.QUEUE), writer.firstIsHello());
    }

    /// Writes what the writer offers, at most so many bytes of it.
    ///
    /// @return what it was, `null` if there was nothing
    private @Nullable ByteBuffer write(int max) {
        ByteBuffer source = writer.source(staging);
        if (source == null) {
            return null;
        }
        assertThat(source.hasRemaining()).as("a buffer with bytes").isTrue();
        byte[] bytes = new byte[Math.min(max, source.remaining())];
        source.get(bytes);
        wire.writeBytes(bytes);
        writer.sent(bytes.length);
        return source;
    }

    private List<Frame> writeAll() {
        while (write(Integer.MAX_VALUE) != null) {}
        return Frame.decode(wire.toByteArray());
    }

    private List<Frame> pollAll() {
        List<Frame> left = new ArrayList<>();
        for (Slot slot = writer.poll(); slot != null; slot = writer.poll()) {
            Memory.checkHandedOver(slot, Slot.Owner.QUEUE);
            left.add(Frame.of(slot));
            slot.release(Slot.Owner.QUEUE);
        }
        return left;
    }

    @Test
    void anEmptyWriterHasNothingToWrite() {
        assertThat(writer.isEmpty()).isTrue();
        assertThat(writer.first()).isNull();
        assertThat(writer.source(staging)).isNull();
        assertThat(writer.poll()).isNull();
        assertThat(writer.firstIsHello()).isFalse();
    }

    @Test
    void severalSmallFramesAreCopiedTogether() {
        add(Frame.request(1).withBody(10), Frame.request(2), Frame.request(3).withBody(8_000));

        assertThat(write(Integer.MAX_VALUE)).isSameAs(staging);

        assertThat(writer.isEmpty()).isTrue();
        assertThat(writer.source(staging)).isNull();
    }

    @Test
    void aLongFrameAloneIsWrittenFromItsSlot() {
        add(Frame.request(1).withBody(4_080));

        assertThat(write(Integer.MAX_VALUE)).isNotSameAs(staging);
        assertThat(writeAll()).hasSize(1);
    }

    @Test
    void aShortFrameAloneIsCopied() {
        add(Frame.request(1).withBody(4_079));

        assertThat(write(Integer.MAX_VALUE)).isSameAs(staging);
        assertThat(writeAll()).hasSize(1);
    }

    @Test
    void aFrameOfWhichPartOfTheHeaderWasSentGoesOnWithTheRestOfIt() {
        Frame[] frames = {Frame.request(1).withBody(20), Frame.request(2)};
        add(frames);

        write(5);
        write(7);

        assertThat(writeAll()).containsExactly(frames);
    }

    @Test
    void aFrameTooLongForTheStagingBufferIsWrittenFromItsSlot() {
        add(Frame.request(1).withBody(65_535), Frame.request(2));

        assertThat(write(Integer.MAX_VALUE)).isNotSameAs(staging);

        assertThat(writeAll()).hasSize(2);
    }

    @Test
    void aRunEndsBeforeAFrameTooLongForTheStagingBuffer() {
        Frame[] frames = {
            Frame.request(1), Frame.request(2), Frame.request(3).withBody(65_535), Frame.request(4)
        };
        add(frames);

        ByteBuffer first = write(Integer.MAX_VALUE);
        assertThat(first).isSameAs(staging);
        assertThat(wire.size()).isEqualTo(32);
        assertThat(write(Integer.MAX_VALUE)).isNotSameAs(staging);
        assertThat(writeAll()).containsExactly(frames);
    }

    @Test
    void aRunEndsWhereTheStagingBufferEnds() {
        Frame[] frames = new Frame[10];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = Frame.request(i + 1).withBody(8_000);
        }
        add(frames);

        ByteBuffer first = write(Integer.MAX_VALUE);
        assertThat(first).isSameAs(staging);
        assertThat(wire.size()).isEqualTo(8 * 8_016);
        assertThat(writeAll()).containsExactly(frames);
    }

    @Test
    void theRestOfALargeFrameThatHasBecomeSmallJoinsARun() {
        Frame[] frames = {Frame.request(1).withBody(10_000), Frame.request(2)};
        add(frames);
        write(9_000);

        assertThat(write(Integer.MAX_VALUE)).isSameAs(staging);

        assertThat(writer.isEmpty()).isTrue();
        assertThat(writeAll()).containsExactly(frames);
    }

    @Test
    void aCopyThatWasNotTakenIsMadeAgain() {
        Frame[] frames = {Frame.request(1).withBody(20), Frame.request(2).withBody(30)};
        add(frames);
        writer.source(staging);
        staging.clear();
        while (staging.hasRemaining()) {
            staging.putLong(0x0BAD_0BAD_0BAD_0BADL); // another connection used it
        }

        assertThat(writeAll()).containsExactly(frames);
    }

    @Test
    void whatIsSentWholeIsFreeAtOnce() {
        add(Frame.request(1), Frame.request(2), Frame.request(3));

        write(33);

        assertThat(memory.pool.messagesOut()).isEqualTo(1);
        assertThat(pollAll()).containsExactly(Frame.request(3));
    }

    @Test
    void pollGivesTheRestBackInOrderAndWhole() {
        Frame[] frames = {
            Frame.request(1).withBody(20), Frame.request(2).withBody(30), Frame.request(3)
        };
        add(frames);
        write(40);

        assertThat(pollAll()).containsExactly(frames[1], frames[2]);
        assertThat(writer.isEmpty()).isTrue();
    }

    @Test
    void pollGivesAFrameBackThatWasOfferedForWriting() {
        Frame frame = Frame.request(1).withBody(20_000);
        add(frame);
        write(5_000);
        writer.source(staging);

        assertThat(pollAll()).containsExactly(frame);
    }

    @Test
    void outOfBandGoesBeforeAllThatHasNotBegun() {
        add(Frame.request(1), Frame.request(2));
        addUrgent(Frame.signal(3).with(Frame.OUT_OF_BAND));

        assertThat(writeAll()).extracting(Frame::id).containsExactly(3L, 1L, 2L);
    }

    @Test
    void outOfBandGoesBehindTheFrameThatIsUnderWay() {
        add(Frame.request(1), Frame.request(2));
        write(1);
        addUrgent(Frame.signal(3));
        addUrgent(Frame.signal(4));

        assertThat(writeAll()).extracting(Frame::id).containsExactly(1L, 3L, 4L, 2L);
    }

    @Test
    void outOfBandGoesBehindTheHello() {
        add(Frame.helloRequest(1), Frame.request(2));
        addUrgent(Frame.signal(3));
        addUrgent(Frame.signal(4));

        assertThat(writeAll()).extracting(Frame::id).containsExactly(1L, 3L, 4L, 2L);
    }

    @Test
    void outOfBandKeepsItsOwnOrderHoweverFarItIs() {
        add(Frame.request(1), Frame.request(2));
        addUrgent(Frame.signal(3));
        write(5); // 3 is under way
        addUrgent(Frame.signal(4));
        write(11); // 3 is sent
        addUrgent(Frame.signal(5));
        write(16); // 4 is sent
        addUrgent(Frame.signal(6));
        write(20); // 5 is sent, 6 is under way
        addUrgent(Frame.signal(7));
        write(28); // 6 and 7 are sent
        write(3); // 1 is under way
        addUrgent(Frame.signal(8));

        assertThat(writeAll())
                .extracting(Frame::id)
                .containsExactly(3L, 4L, 5L, 6L, 7L, 1L, 8L, 2L);
    }

    @Test
    void outOfBandIsTheFirstOfAnEmptyWriter() {
        addUrgent(Frame.signal(3));
        add(Frame.request(1));

        assertThat(writeAll()).extracting(Frame::id).containsExactly(3L, 1L);
    }

    @Test
    void whatIsSentIsReportedOnce() {
        FakeOutlet outlet = new FakeOutlet();
        SendQueue queue = new SendQueue(8, 100_000, outlet, true);
        for (long id = 1; id <= 3; id++) {
            Slot slot = memory.slot(Frame.request(id).withBody(9), Slot.Owner.LEASE);
            assertThat(queue.offer(slot, false, false)).isEqualTo(SendQueue.Outcome.ACCEPTED);
        }
        tofu.pool.SlotChain chain = new tofu.pool.SlotChain();
        queue.drainInOrder(chain);
        for (Slot slot = chain.pollFirst(); slot != null; slot = chain.pollFirst()) {
            writer.add(slot);
        }
        write(60);

        writer.report(queue);
        writer.report(queue);

        assertThat(queue.messages()).isEqualTo(1);
        write(Integer.MAX_VALUE);
        writer.report(queue);
        assertThat(queue.messages()).isZero();
    }
}
