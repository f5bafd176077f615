package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import tofu.api.Status;
import tofu.engine.channel.FrameReader.Progress;
import tofu.pool.Slot;

/// The reader against the naive codec, with any cuts and little memory.
class FrameReaderProperties {
    private static final int NUMBER = 4_242;

    @Provide
    Arbitrary<List<Frame>> talk() {
        return Frames.talk().list().ofMaxSize(12);
    }

    @Provide
    Arbitrary<List<Integer>> pieces() {
        return Frames.pieces();
    }

    /// Takes frames, and frees them when it is asked to.
    private static final class Application implements FrameSink {
        final List<Frame> frames = new ArrayList<>();
        final Deque<Slot> kept = new ArrayDeque<>();
        int headers;

        @Override
        public Status onHeader(long first, long second) {
            headers++;
            return Status.SUCCESS;
        }

        @Override
        public void onFrame(Slot slot, int opCode, int length) {
            Memory.checkHandedOver(slot, Slot.Owner.CHANNEL);
            frames.add(Frame.of(slot));
            kept.add(slot);
        }

        void free(int count) {
            for (int i = 0; i < count && !kept.isEmpty(); i++) {
                kept.remove().release(Slot.Owner.CHANNEL);
            }
        }
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void anyCutsGiveTheSameFramesAsTheNaiveCodec(
            @ForAll("talk") List<Frame> sent,
            @ForAll("pieces") List<Integer> pieces,
            @ForAll @IntRange(min = 1, max = 4) int slots,
            @ForAll @IntRange(min = 1, max = 4) int freed,
            @ForAll boolean direct) {
        byte[] bytes = Frame.encode(sent);
        Application application = new Application();
        try (Memory memory = new Memory(slots)) {
            FrameReader reader = new FrameReader(memory.pool, NUMBER, application);
            int position = 0;
            for (int turn = 0; position < bytes.length; turn++) {
                int length = pieces.get(turn % pieces.size());
                int end = Math.min(position + length, bytes.length);
                position += step(reader, application, bytes, position, end, freed, direct);
            }
            assertThat(reader.isPartial()).isFalse();
            assertThat(memory.pool.messagesOut()).isEqualTo(application.kept.size());
            application.free(Integer.MAX_VALUE);
            memory.checkWhole();
        }
        List<Frame> expected =
                Frame.decode(bytes).stream().map(frame -> frame.received(NUMBER)).toList();
        assertThat(application.frames).isEqualTo(expected);
        assertThat(application.headers).isEqualTo(expected.size());
    }

    /// Reads a piece, as often as it takes.
    ///
    /// @return the number of bytes read
    private static int step(
            FrameReader reader,
            Application application,
            byte[] bytes,
            int from,
            int to,
            int freed,
            boolean direct) {
        ByteBuffer target = direct ? reader.directTarget() : null;
        if (target != null) {
            int count = Math.min(to - from, target.remaining());
            target.put(bytes, from, count);
            reader.readDirectly(count);
            return count;
        }
        ByteBuffer source = ByteBuffer.wrap(Arrays.copyOfRange(bytes, from, to));
        while (reader.read(source) == Progress.STARVED) {
            application.free(freed);
        }
        assertThat(source.hasRemaining()).isFalse();
        return to - from;
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void closingAnywhereLeavesNothingBehind(
            @ForAll("talk") List<Frame> sent, @ForAll @IntRange(max = 100_000) int length) {
        byte[] bytes = Frame.encode(sent);
        Application application = new Application();
        try (Memory memory = new Memory(64)) {
            FrameReader reader = new FrameReader(memory.pool, NUMBER, application);
            reader.read(ByteBuffer.wrap(bytes, 0, Math.min(length, bytes.length)));
            application.free(Integer.MAX_VALUE);

            reader.close();

            memory.checkWhole();
        }
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void theMissingBytesNeverBelongToTheNextFrame(
            @ForAll("talk") List<Frame> sent, @ForAll("pieces") List<Integer> pieces) {
        byte[] bytes = Frame.encode(sent);
        Application application = new Application();
        try (Memory memory = new Memory(64)) {
            FrameReader reader = new FrameReader(memory.pool, NUMBER, application);
            int position = 0;
            for (int turn = 0; position < bytes.length; turn++) {
                int count = Math.min(pieces.get(turn % pieces.size()), bytes.length - position);
                reader.read(ByteBuffer.wrap(bytes, position, count));
                application.free(Integer.MAX_VALUE);
                position += count;
                int framesBefore = application.frames.size();
                int missing = reader.missing();
                reader.read(ByteBuffer.wrap(bytes, position, missing));
                application.free(Integer.MAX_VALUE);
                position += missing;
                assertThat(application.frames.size()).isLessThanOrEqualTo(framesBefore + 1);
                assertThat(reader.isPartial() && reader.partialBytes() != 16).isFalse();
            }
            reader.close();
        }
    }
}
