package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import tofu.pool.Slot;

/// Bytes in are bytes out, whatever the kernel takes at a time.
class FrameWriterProperties {
    @Provide
    Arbitrary<List<Frame>> talk() {
        return Frames.talk().list().ofMaxSize(16);
    }

    @Provide
    Arbitrary<List<Integer>> pieces() {
        return Frames.pieces();
    }

    /// Writes one piece.
    private static void write(
            FrameWriter writer, ByteBuffer staging, int max, ByteArrayOutputStream wire) {
        ByteBuffer source = writer.source(staging);
        if (source != null) {
            assertThat(source.hasRemaining()).isTrue();
            byte[] bytes = new byte[Math.min(max, source.remaining())];
            source.get(bytes);
            wire.writeBytes(bytes);
            writer.sent(bytes.length);
        }
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void bytesOutAreBytesIn(
            @ForAll("talk") List<Frame> frames,
            @ForAll("pieces") List<Integer> pieces,
            @ForAll @IntRange(max = 3) int addedPerWrite,
            @ForAll @IntRange(min = 1, max = 64 << 10) int stagingBytes) {
        ByteBuffer staging = ByteBuffer.allocate(stagingBytes);
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        FrameWriter writer = new FrameWriter();
        try (Memory memory = new Memory()) {
            int added = 0;
            for (int turn = 0; added < frames.size() || !writer.isEmpty(); turn++) {
                int upTo = addedPerWrite == 0 ? frames.size() : added + addedPerWrite;
                while (added < Math.min(upTo, frames.size())) {
                    writer.add(memory.slot(frames.get(added++), Slot.Owner.QUEUE));
                }
                write(writer, staging, pieces.get(turn % pieces.size()), wire);
            }
            memory.checkWhole();
        }
        assertThat(wire.toByteArray()).isEqualTo(Frame.encode(frames));
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void whatIsNotSentComesBackInOrder(
            @ForAll("talk") List<Frame> frames,
            @ForAll("pieces") List<Integer> pieces,
            @ForAll @IntRange(max = 40) int writes) {
        ByteBuffer staging = ByteBuffer.allocate(64 << 10);
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        FrameWriter writer = new FrameWriter();
        List<Frame> left = new ArrayList<>();
        try (Memory memory = new Memory()) {
            frames.forEach(frame -> writer.add(memory.slot(frame, Slot.Owner.QUEUE)));
            for (int i = 0; i < writes; i++) {
                write(writer, staging, pieces.get(i % pieces.size()), wire);
            }
            for (Slot slot = writer.poll(); slot != null; slot = writer.poll()) {
                Memory.checkHandedOver(slot, Slot.Owner.QUEUE);
                left.add(Frame.of(slot));
                slot.release(Slot.Owner.QUEUE);
            }
        }
        int sent = Frame.decode(wire.toByteArray()).size();
        assertThat(left).isEqualTo(frames.subList(sent, frames.size()));
    }

    /// The rule in plain words: behind a frame under way, behind other urgent ones, before all
    /// else.
    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void outOfBandFramesOvertakeAllButTheirOwnKind(
            @ForAll @Size(max = 40) List<@IntRange(max = 2) Integer> actions,
            @ForAll @IntRange(min = 1, max = 40) int bytesPerWrite) {
        ByteBuffer staging = ByteBuffer.allocate(8 << 10);
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        FrameWriter writer = new FrameWriter();
        List<Long> plain = new ArrayList<>();
        List<Long> urgent = new ArrayList<>();
        try (Memory memory = new Memory()) {
            long id = 0;
            for (int action : actions) {
                id++;
                Slot slot = memory.slot(Frame.signal(id), Slot.Owner.QUEUE);
                if (action == 0) {
                    writer.add(slot);
                    plain.add(id);
                } else if (action == 1) {
                    writer.addUrgent(slot, false);
                    urgent.add(id);
                    checkPlace(writer, wire.size(), urgent);
                } else {
                    slot.release(Slot.Owner.QUEUE);
                    write(writer, staging, bytesPerWrite, wire);
                    forget(plain, urgent, wire);
                }
            }
            while (!writer.isEmpty()) {
                write(writer, staging, 1_000, wire);
            }
        }
        List<Long> sent = Frame.decode(wire.toByteArray()).stream().map(Frame::id).toList();
        assertThat(sent).containsAll(plain).containsAll(urgent).doesNotHaveDuplicates();
        assertThat(sent.stream().filter(plain::contains)).isSorted();
        assertThat(sent.stream().filter(urgent::contains)).isSorted();
    }

    private static void forget(List<Long> plain, List<Long> urgent, ByteArrayOutputStream wire) {
        List<Long> sent = Frame.decode(wire.toByteArray()).stream().map(Frame::id).toList();
        plain.removeAll(sent);
        urgent.removeAll(sent);
    }

    private static void checkPlace(FrameWriter writer, int bytesSent, List<Long> urgent) {
        List<Long> order = new ArrayList<>();
        for (Slot slot = writer.first(); slot != null; slot = slot.next()) {
            order.add(Frame.of(slot).id());
        }
        boolean plainUnderWay = bytesSent % 16 != 0 && !urgent.contains(order.getFirst());
        int from = plainUnderWay ? 1 : 0;
        assertThat(order.subList(from, from + urgent.size())).isEqualTo(urgent);
    }
}
