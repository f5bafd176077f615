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
import tofu.api.Status;
import tofu.pool.FrameRange;
import tofu.pool.Slot;

/// Bytes in are bytes out, whatever the kernel takes at a time.
class SendLogProperties {
    @Provide
    Arbitrary<List<Frame>> talk() {
        return Frames.talk().list().ofMaxSize(16);
    }

    @Provide
    Arbitrary<List<Integer>> pieces() {
        return Frames.pieces();
    }

    private static SendQueue queue(Memory memory) {
        return new SendQueue(1 << 20, 1 << 30, memory.logs, new FakeOutlet(), true);
    }

    private static void offer(SendQueue queue, Memory memory, Frame frame) {
        Slot slot = memory.slot(frame, Slot.Owner.LEASE);
        assertThat(queue.offer(slot, true, false)).isEqualTo(SendQueue.Outcome.ACCEPTED);
    }

    /// Writes one piece.
    private static void write(SendQueue queue, int most, ByteArrayOutputStream wire) {
        ByteBuffer[] sources = new ByteBuffer[3];
        int count = queue.sources(sources);
        if (count > 0) {
            byte[] bytes = Kernel.take(sources, count, most);
            wire.writeBytes(bytes);
            queue.sent(bytes.length);
        }
    }

    /// Regular messages: what ends a channel, or opens it, goes other ways.
    private static List<Frame> regular(List<Frame> frames) {
        return frames.stream().map(frame -> frame.withOpCode(frame.proto() & 1)).toList();
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void bytesOutAreBytesIn(
            @ForAll("talk") List<Frame> talk,
            @ForAll("pieces") List<Integer> pieces,
            @ForAll @IntRange(max = 3) int addedPerWrite,
            @ForAll @IntRange(min = 8 << 10, max = 1 << 20) int logBytes) {
        List<Frame> frames = regular(talk).stream().map(SendLogProperties::inOrder).toList();
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        try (Memory memory = new Memory();
                Memory scarce = Memory.ofScarceLogs(logBytes)) {
            SendQueue queue = new SendQueue(1 << 20, 1 << 30, scarce.logs, new FakeOutlet(), true);
            int added = 0;
            for (int turn = 0; added < frames.size() || !queue.isSent(); turn++) {
                int upTo = addedPerWrite == 0 ? frames.size() : added + addedPerWrite;
                while (added < Math.min(upTo, frames.size())) {
                    offer(queue, memory, frames.get(added++));
                }
                write(queue, pieces.get(turn % pieces.size()), wire);
            }
            assertThat(queue.messages()).isZero();
            memory.checkWhole();
            scarce.checkWhole();
        }
        assertThat(wire.toByteArray()).isEqualTo(Frame.encode(frames));
    }

    private static Frame inOrder(Frame frame) {
        return new Frame(
                frame.channel(),
                frame.proto() & ~Frame.OUT_OF_BAND,
                frame.status(),
                frame.id(),
                frame.headers(),
                frame.body());
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void whatIsNotSentComesBackInOrder(
            @ForAll("talk") List<Frame> talk,
            @ForAll("pieces") List<Integer> pieces,
            @ForAll @IntRange(max = 40) int writes) {
        List<Frame> frames = regular(talk).stream().map(SendLogProperties::inOrder).toList();
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        List<Long> left = new ArrayList<>();
        try (Memory memory = new Memory()) {
            SendQueue queue = queue(memory);
            frames.forEach(frame -> offer(queue, memory, frame));
            for (int i = 0; i < writes; i++) {
                write(queue, pieces.get(i % pieces.size()), wire);
            }
            queue.close();
            FrameRange rest = queue.takeRest(Status.CHANNEL_CLOSED);
            List<Slot> slots = rest == null ? List.of() : Memory.cut(rest);
            for (Slot slot : slots) {
                Memory.checkHandedOver(slot, Slot.Owner.LEASE);
                left.add(Frame.of(slot).id());
                slot.release(Slot.Owner.LEASE);
            }
        }
        int sent = Frame.decode(wire.toByteArray()).size();
        assertThat(left)
                .isEqualTo(frames.subList(sent, frames.size()).stream().map(Frame::id).toList());
    }

    /// The rule in plain words: behind a frame under way, behind other urgent ones, before all
    /// else.
    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void outOfBandFramesOvertakeAllButTheirOwnKind(
            @ForAll @Size(max = 40) List<@IntRange(max = 2) Integer> actions,
            @ForAll @IntRange(min = 1, max = 40) int bytesPerWrite) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        List<Long> plain = new ArrayList<>();
        List<Long> urgent = new ArrayList<>();
        try (Memory memory = new Memory()) {
            SendQueue queue = queue(memory);
            List<Long> expected = new ArrayList<>();
            long id = 0;
            for (int action : actions) {
                id++;
                Frame frame = Frame.signal(id);
                if (action == 0) {
                    offer(queue, memory, frame);
                    plain.add(id);
                } else if (action == 1) {
                    offer(queue, memory, frame.with(Frame.OUT_OF_BAND));
                    urgent.add(id);
                } else {
                    write(queue, bytesPerWrite, expected, plain, urgent, wire);
                }
            }
            while (!queue.isSent()) {
                write(queue, 1_000, expected, plain, urgent, wire);
            }
            List<Long> sent = Frame.decode(wire.toByteArray()).stream().map(Frame::id).toList();
            assertThat(sent).isEqualTo(expected);
        }
    }

    /// Writes one piece, byte by byte for the rule: which frame a byte belongs to is decided when
    /// that begins.
    private static void write(
            SendQueue queue,
            int most,
            List<Long> begun,
            List<Long> plain,
            List<Long> urgent,
            ByteArrayOutputStream wire) {
        int before = wire.size();
        write(queue, most, wire);
        for (int at = before; at < wire.size(); at++) {
            if (at % 16 == 0) {
                begun.add((urgent.isEmpty() ? plain : urgent).removeFirst());
            }
        }
    }
}
