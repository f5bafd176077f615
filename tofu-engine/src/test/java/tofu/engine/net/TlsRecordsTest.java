package tofu.engine.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tofu.engine.net.ScriptedEngine.result;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/// How many records one call takes, and engines that do not do what the JDK's does.
class TlsRecordsTest {
    /// More than a stream keeps without a buffer of the loop's.
    private static final int MANY_RECORDS = 12_000;

    private final TlsBuffers buffers = new TlsBuffers();

    /// A stream that has been sent so many bytes, each one more than the one before.
    private static final class Below implements NetStream {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private int left;
        private byte next;

        Below(int bytes, int first) {
            left = bytes;
            next = (byte) first;
        }

        @Override
        public int read(ByteBuffer target) {
            int count = Math.min(left, target.remaining());
            for (int i = 0; i < count; i++) {
                target.put(next++);
            }
            left -= count;
            return count;
        }

        @Override
        public int write(ByteBuffer source) {
            int count = source.remaining();
            while (source.hasRemaining()) {
                written.write(source.get());
            }
            return count;
        }

        @Override
        public boolean finishConnect() {
            return true;
        }

        @Override
        public int gatheredBytes() {
            return 1 << 16;
        }

        @Override
        public void interest(int ops) {}

        @Override
        public void shutdownOutput() {}

        @Override
        public void close() {}

        @Override
        public void reset() {}
    }

    private static TlsEngine engine(ScriptedEngine.Step unwrapping, ScriptedEngine.Step wrapping) {
        TlsEngine engine = new TlsEngine();
        engine.set(new ScriptedEngine(unwrapping, wrapping));
        return engine;
    }

    private static SSLEngineResult noStep(ByteBuffer source, ByteBuffer target) {
        throw new AssertionError("not this way");
    }

    /// A record of two bytes that has one.
    private static SSLEngineResult unwrapPair(ByteBuffer source, ByteBuffer target) {
        if (source.remaining() < 2) {
            return result(Status.BUFFER_UNDERFLOW, 0, 0);
        }
        target.put(source.get());
        source.get();
        return result(Status.OK, 2, 1);
    }

    /// One way of a stream that receives.
    private final class Receiver {
        private final TlsInput input;
        private final TlsOutput output;
        private final ByteBuffer target = ByteBuffer.allocate(MANY_RECORDS);

        Receiver(Below below, ScriptedEngine.Step unwrapping) {
            TlsEngine engine = engine(unwrapping, TlsRecordsTest::noStep);
            input = new TlsInput(below, buffers, engine);
            output = new TlsOutput(below, buffers, engine);
        }

        int read() throws IOException {
            int start = target.position();
            input.read(target, output);
            return target.position() - start;
        }
    }

    @Test
    void oneTurnDecryptsSoManyRecordsAndTheRestIsThereForTheNext() throws IOException {
        Below sent = new Below(2 * MANY_RECORDS, 0);
        Receiver first = new Receiver(sent, TlsRecordsTest::unwrapPair);
        Receiver second = new Receiver(new Below(2 * MANY_RECORDS, 1), TlsRecordsTest::unwrapPair);
        for (int left = MANY_RECORDS; left > 0; left -= TlsInput.MOST_RECORDS) {
            int most = Math.min(left, TlsInput.MOST_RECORDS);
            assertThat(first.read()).isEqualTo(most);
            assertThat(second.read()).isEqualTo(most);
            assertThat(first.input.isReady() || sent.left > 0)
                    .as("whether somebody is told of the rest")
                    .isEqualTo(left > TlsInput.MOST_RECORDS);
        }
        for (int i = 0; i < MANY_RECORDS; i++) {
            assertThat(first.target.get(i)).isEqualTo((byte) (2 * i));
            assertThat(second.target.get(i)).isEqualTo((byte) (2 * i + 1));
        }
    }

    @Test
    void anEngineThatHasNoRoomForARecordAnywhereFails() {
        Receiver receiver =
                new Receiver(
                        new Below(100, 0),
                        (source, target) ->
                                source.hasRemaining()
                                        ? result(Status.BUFFER_OVERFLOW, 0, 0)
                                        : result(Status.BUFFER_UNDERFLOW, 0, 0));
        assertThatThrownBy(receiver::read)
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("BUFFER_OVERFLOW");
    }

    @Test
    void aRecordThatIsLongerThanAnyFails() throws IOException {
        Receiver receiver =
                new Receiver(
                        new Below(TlsBuffers.SHARED_BYTES, 0),
                        (source, target) -> result(Status.BUFFER_UNDERFLOW, 0, 0));
        assertThatThrownBy(receiver::read)
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("too long");
    }

    // ---- sending

    private TlsOutput sender(Below below, ScriptedEngine.Step wrapping) {
        return new TlsOutput(below, buffers, engine(TlsRecordsTest::noStep, wrapping));
    }

    private static ByteBuffer[] bytes(int length) {
        return new ByteBuffer[] {ByteBuffer.allocate(length)};
    }

    private static SSLEngineResult wrapThousand(ByteBuffer source, ByteBuffer target) {
        int count = Math.min(1_000, source.remaining());
        source.position(source.position() + count);
        target.put(new byte[count]);
        return result(Status.OK, count, count);
    }

    @Test
    void anEngineThatTakesNothingFails() {
        TlsOutput output = sender(new Below(0, 0), (source, target) -> result(Status.OK, 0, 0));
        assertThatThrownBy(() -> output.encrypt(bytes(10), 1))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("takes no more");
        TlsOutput full =
                sender(new Below(0, 0), (source, target) -> result(Status.BUFFER_OVERFLOW, 0, 0));
        assertThatThrownBy(() -> full.encrypt(bytes(10), 1))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("BUFFER_OVERFLOW");
    }

    @Test
    void anEngineMayWantMoreRoomThanARecordTakes() throws IOException {
        Below below = new Below(0, 0);
        TlsOutput output =
                sender(
                        below,
                        (source, target) ->
                                target.remaining() < TlsBuffers.SHARED_BYTES - 2_500
                                        ? result(Status.BUFFER_OVERFLOW, 0, 0)
                                        : wrapThousand(source, target));
        ByteBuffer[] sources = bytes(5_000);
        assertThat(output.encrypt(sources, 1)).isEqualTo(3_000);
        assertThat(output.encrypt(sources, 1)).isEqualTo(2_000);
        assertThat(below.written.size()).isEqualTo(5_000);
    }

    @Test
    void anEngineMaySayByItselfThatTheHandshakeHasEnded() throws IOException {
        Below below = new Below(0, 0);
        boolean[] told = {false};
        TlsOutput output =
                sender(
                        below,
                        (source, target) -> {
                            if (!told[0]) {
                                told[0] = true;
                                return new SSLEngineResult(
                                        Status.OK, HandshakeStatus.FINISHED, 0, 0);
                            }
                            return wrapThousand(source, target);
                        });
        assertThat(output.encrypt(bytes(1_500), 1)).isEqualTo(1_500);
        assertThat(below.written.size()).isEqualTo(1_500);
    }
}
