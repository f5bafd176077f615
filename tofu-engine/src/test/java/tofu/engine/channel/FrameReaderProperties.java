package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.LogChunk;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

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

    /// Takes frames, and keeps them until it is asked to free them.
    private static final class Application implements FrameSink {
        final List<Frame> frames = new ArrayList<>();
        private final Deque<Arrived> kept = new ArrayDeque<>();
        int headers;

        @Override
        public Status onHeader(long first, long second) {
            headers++;
            return Status.SUCCESS;
        }

        @Override
        public void onWhole(OpCode opCode, long id) {
            throw new AssertionError("talk is regular, not " + opCode);
        }

        @Override
        public void onFrames(LogChunk chunk, int count) {
            Arrived arrived = new Arrived(chunk, frameLength -> {});
            List<byte[]> came = arrived.frames();
            assertThat(came).hasSize(count);
            came.forEach(bytes -> frames.addAll(Frame.decode(bytes)));
            kept.add(arrived);
        }

        boolean free() {
            boolean any = !kept.isEmpty();
            for (Arrived arrived : kept) {
                arrived.frames().forEach(frame -> assertThat(arrived.take()).isEqualTo(frame));
            }
            kept.clear();
            return any;
        }
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void anyCutsGiveTheSameFramesAsTheNaiveCodec(
            @ForAll("talk") List<Frame> sent,
            @ForAll("pieces") List<Integer> pieces,
            @ForAll @IntRange(min = 64, max = 70_000) int readBytes,
            @ForAll @IntRange(min = 1 << 19, max = 1 << 22) int poolBytes) {
        byte[] bytes = Frame.encode(sent);
        Application application = new Application();
        try (SlotPool pool = SlotPool.ofLogs(poolBytes)) {
            ReadMemory memory = new ReadMemory(pool, readBytes);
            FrameReader reader = new FrameReader(memory, NUMBER, new Backlog(), application);
            int at = 0;
            for (int turn = 0; at < bytes.length; turn++) {
                int piece = Math.min(pieces.get(turn % pieces.size()), bytes.length - at);
                ByteBuffer target = reader.target(Math.max(piece, reader.missing()));
                while (target == null) {
                    assertThat(application.free()).as("starved with all memory free").isTrue();
                    target = reader.target(Math.max(piece, reader.missing()));
                }
                int count = Math.min(piece, target.remaining());
                target.put(bytes, at, count);
                at += count;
                assertThat(reader.read(count)).isTrue();
            }
            assertThat(reader.isPartial()).isFalse();
            application.free();
            memory.close();
            assertThat(pool.census().keySet()).isSubsetOf(Slot.Owner.FREE);
        }
        List<Frame> expected =
                Frame.decode(bytes).stream().map(frame -> frame.received(NUMBER)).toList();
        assertThat(application.frames).isEqualTo(expected);
        assertThat(application.headers).isEqualTo(expected.size());
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void theMissingBytesNeverBelongToTheNextFrame(
            @ForAll("talk") List<Frame> sent, @ForAll("pieces") List<Integer> pieces) {
        byte[] bytes = Frame.encode(sent);
        Application application = new Application();
        try (Memory memory = new Memory(64)) {
            FrameReader reader =
                    new FrameReader(memory.reading, NUMBER, new Backlog(), application);
            int at = 0;
            for (int turn = 0; at < bytes.length; turn++) {
                int most = Math.min(pieces.get(turn % pieces.size()), bytes.length - at);
                at += read(reader, bytes, at, most);
                int before = application.frames.size();
                int missing = reader.missing();
                while (missing > 0 && reader.missing() > 0 && reader.missing() <= missing) {
                    int left = reader.missing();
                    at += read(reader, bytes, at, left);
                    missing = left;
                }
                assertThat(application.frames.size()).isLessThanOrEqualTo(before + 1);
                application.free();
            }
            reader.close();
        }
    }

    private static int read(FrameReader reader, byte[] bytes, int at, int most) {
        ByteBuffer target = reader.target(Math.max(most, reader.missing()));
        assertThat(target).isNotNull();
        int count = Math.min(most, target.remaining());
        target.put(bytes, at, count);
        assertThat(reader.read(count)).isTrue();
        return count;
    }
}
