package tofu.tests.rigs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import tofu.api.Address;

/// A plain socket that speaks, or fails to speak, the wire protocol: sends bytes as they are, and
/// expects bytes, the end, or a reset, with a deadline.
///
/// Thread: one at a time. Owns the socket.
public final class RawPeer implements AutoCloseable {
    /// How a stream ended.
    public enum Ending {
        /// The peer closed its direction.
        END,
        /// The peer, or the system for it, broke the connection.
        RESET
    }

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;

    RawPeer(SocketChannel connected) throws IOException {
        channel = connected;
        channel.configureBlocking(false);
        selector = Selector.open();
        key = channel.register(selector, 0);
    }

    /// Connects.
    ///
    /// @param address as an engine's client would
    public static RawPeer connect(String address) {
        try {
            var target = Address.connectTo(address).unresolved();
            boolean uds = target instanceof UnixDomainSocketAddress;
            SocketChannel channel = (uds ? Transport.UDS : Transport.TCP).openStream();
            channel.connect(target);
            return new RawPeer(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Takes over a socket that somebody has connected.
    public static RawPeer of(SocketChannel connected) {
        try {
            return new RawPeer(connected);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The socket, which does not block.
    public SocketChannel channel() {
        return channel;
    }

    // ---- sending

    /// Sends frames, all in one piece.
    public RawPeer send(Frame... frames) {
        return send(Frame.concat(frames));
    }

    /// Sends bytes, whatever they mean.
    public RawPeer send(byte[] bytes) {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        Instant deadline = Instant.now().plus(Peer.PATIENCE);
        try {
            while (source.hasRemaining()) {
                if (channel.write(source) == 0 && !isReady(SelectionKey.OP_WRITE, deadline)) {
                    throw new AssertionError("timeout: the engine does not read");
                }
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Sends as much as the system takes until the reader stalls.
    ///
    /// @return how many bytes were sent
    public long sendUntilStalled(byte[] bytes, Duration stall) {
        long sent = 0;
        ByteBuffer source = ByteBuffer.wrap(bytes);
        try {
            while (true) {
                int count = channel.write(source);
                sent += count;
                if (!source.hasRemaining()) {
                    source.rewind();
                } else if (count == 0 && !isReady(SelectionKey.OP_WRITE, stall)) {
                    return sent;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Closes our direction only.
    public RawPeer finish() {
        try {
            channel.shutdownOutput();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Breaks the connection, so that a TCP peer gets a RST.
    public void reset() {
        try {
            if (!(channel.getLocalAddress() instanceof UnixDomainSocketAddress)) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
            close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- receiving

    /// Waits for so many bytes.
    public byte[] receive(int count) {
        ByteBuffer target = ByteBuffer.allocate(count);
        Instant deadline = Instant.now().plus(Peer.PATIENCE);
        try {
            while (target.hasRemaining()) {
                int read = channel.read(target);
                if (read < 0) {
                    throw new AssertionError("the stream ended; " + progress(target));
                }
                if (read == 0 && !isReady(SelectionKey.OP_READ, deadline)) {
                    throw new AssertionError("timeout; " + progress(target));
                }
            }
            return target.array();
        } catch (IOException e) {
            throw new AssertionError("the connection broke; " + progress(target), e);
        }
    }

    /// Waits for a frame.
    public Frame receive() {
        byte[] header = receive(Frame.HEADER_LENGTH);
        byte[] rest = receive(Frame.restLength(header));
        byte[] frame = Arrays.copyOf(header, header.length + rest.length);
        System.arraycopy(rest, 0, frame, header.length, rest.length);
        return Frame.parse(frame);
    }

    /// Expects a frame, whatever its channel number.
    ///
    /// @return the frame as it came
    public Frame expect(Frame expected) {
        Frame received = receive();
        assertThat(received.onChannel(expected.channel())).isEqualTo(expected);
        return received;
    }

    /// Expects that the stream ends now, one way or the other, with nothing before that.
    public Ending expectEnding() {
        ByteBuffer target = ByteBuffer.allocate(1 << 10);
        Instant deadline = Instant.now().plus(Peer.PATIENCE);
        try {
            int read = channel.read(target);
            while (read == 0 && isReady(SelectionKey.OP_READ, deadline)) {
                read = channel.read(target);
            }
            assertThat(read).as("the stream does not end").isNotZero();
            assertThat(read).as("bytes before the end: " + hex(target)).isNegative();
            return Ending.END;
        } catch (IOException reset) {
            return Ending.RESET;
        }
    }

    /// Expects the end of the peer's direction.
    public void expectEnd() {
        assertThat(expectEnding()).isEqualTo(Ending.END);
    }

    /// Expects that neither bytes nor the end come for a while.
    public void expectSilence(Duration duration) {
        ByteBuffer target = ByteBuffer.allocate(1 << 10);
        try {
            boolean ready = isReady(SelectionKey.OP_READ, duration);
            int read = channel.read(target);
            assertThat(read).as("ready: " + ready + ", bytes: " + hex(target)).isZero();
        } catch (IOException e) {
            throw new AssertionError("the connection broke", e);
        }
    }

    private boolean isReady(int operation, Instant deadline) throws IOException {
        return isReady(operation, Duration.between(Instant.now(), deadline));
    }

    private boolean isReady(int operation, Duration timeout) throws IOException {
        if (!timeout.isPositive()) {
            return false;
        }
        key.interestOps(operation);
        int ready = selector.select(Math.max(1, timeout.toMillis()));
        selector.selectedKeys().clear();
        return ready > 0;
    }

    private static String progress(ByteBuffer target) {
        return target.position() + " of " + target.capacity() + " bytes came: " + hex(target);
    }

    private static String hex(ByteBuffer filled) {
        byte[] bytes = new byte[filled.position()];
        filled.duplicate().flip().get(bytes);
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
    }

    @Override
    public void close() throws IOException {
        // The channel first: the selector then gives its descriptor back.
        channel.close();
        selector.close();
    }
}
