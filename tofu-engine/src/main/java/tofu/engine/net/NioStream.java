package tofu.engine.net;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/// A stream over a [SocketChannel].
///
/// Thread: the loop that it is registered with; before that, whoever accepted it.
/// Owns: the channel.
/// Errors: a failed [#finishConnect()] closes it; all other failures leave that to the caller.
final class NioStream implements NetStream, NioNet.Target {
    /// With less, fewer bytes go out (decisions 16 and 21).
    private static final int TCP_GATHERED_BYTES = 256 << 10;

    /// Linux moves so much in one piece, and takes six of them before the peer has to read
    /// (decision 21).
    private static final int UDS_GATHERED_BYTES = 32 << 10;

    private final SocketChannel channel;
    private final int gatheredBytes;

    /// `null` until registered; all three are set together.
    private @Nullable SelectionKey key;

    private @Nullable NetHandler handler;
    private @Nullable NioNet net;

    /// The interest that the key has; 0 while there is none.
    private int ops;

    private boolean closed;

    NioStream(SocketChannel channel) {
        this.channel = channel;
        this.gatheredBytes = isTcp(channel) ? TCP_GATHERED_BYTES : UDS_GATHERED_BYTES;
    }

    private static boolean isTcp(SocketChannel channel) {
        return channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY);
    }

    void register(NioNet net, Selector selector, NetHandler handler, int ops) throws IOException {
        if (key != null) {
            throw new IllegalStateException("registered already");
        }
        this.key = channel.register(selector, NioNet.toKeyOps(ops), this);
        this.handler = handler;
        this.ops = ops;
        this.net = net;
        net.onChange();
    }

    @Override
    public void ready(int keyOps) {
        if (handler != null) {
            handler.onReady(NioNet.fromKeyOps(keyOps));
        }
    }

    @Override
    public boolean finishConnect() throws IOException {
        try {
            if (!channel.finishConnect()) {
                return false;
            }
            checkNotToItself();
        } catch (IOException e) {
            close();
            throw e;
        }
        // Left on, the selector would return at once, ever again, without calling anybody.
        interest(ops & ~Net.CONNECT);
        return true;
    }

    /// TCP connects a socket to itself if the system happens to choose the very port that is
    /// dialled; that befalls those who dial a dead server on their own host for long enough.
    private void checkNotToItself() throws IOException {
        SocketAddress remote = channel.getRemoteAddress();
        if (remote.equals(channel.getLocalAddress())) {
            throw new ConnectException(remote + ": nobody listens, it was connected to itself");
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return channel.read(target);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return channel.write(source);
    }

    @Override
    public int gatheredBytes() {
        return gatheredBytes;
    }

    @Override
    public void interest(int wanted) {
        if (closed || wanted == ops) {
            return;
        }
        if (key == null) {
            throw new IllegalStateException("registered nowhere");
        }
        assert (wanted & Net.CONNECT) == 0 || channel.isConnectionPending() : "connected already";
        ops = wanted;
        key.interestOps(NioNet.toKeyOps(wanted));
        changed();
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() {
        closed = true;
        NioNet.closeQuietly(channel);
        changed();
    }

    private void changed() {
        if (net != null) {
            net.onChange();
        }
    }

    @Override
    public void reset() {
        if (closed) {
            return;
        }
        try {
            // For TCP: drop what is unsent, send RST. A Unix domain socket knows no such thing: its
            // peer sees the end of the stream, or a reset if it left bytes unread here.
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // Then it is closed the gentle way; that tells the peer, too.
        }
        close();
    }

    /// For tests of its options.
    SocketChannel channel() {
        return channel;
    }

    @Override
    public String toString() {
        return channel.toString();
    }
}
