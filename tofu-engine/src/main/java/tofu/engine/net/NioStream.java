package tofu.engine.net;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import tofu.api.PeerIdentity;

/// A stream over a [SocketChannel].
///
/// Thread: the loop that it is registered with; before that, whoever accepted it.
/// Owns: the channel.
/// Errors: a failed [#finishConnect()] closes it; all other failures leave that to the caller.
final class NioStream implements NetStream, Selection.Target, Redials.Waiting {
    /// With less, fewer bytes go out (decisions 16 and 21).
    private static final int TCP_GATHERED_BYTES = 256 << 10;

    /// Linux moves so much in one piece, and takes six of them before the peer has to read
    /// (decision 21).
    private static final int UDS_GATHERED_BYTES = 32 << 10;

    /// Another one for each time that it is dialled.
    private SocketChannel channel;

    private final int gatheredBytes;

    /// What is to be dialled again, as its backlog was full.
    private @Nullable SocketAddress busy;

    /// It is time to do so.
    private boolean due;

    /// `null` until registered.
    private @Nullable SelectionKey key;

    /// Set together.
    private @Nullable NetHandler handler;

    private @Nullable Selection selection;

    /// The interest that the key has; 0 while there is none.
    private int ops;

    private boolean closed;

    /// Where the listener listens that has accepted it, if that is a file: the system says where
    /// it was before it got its name. Else `null`.
    private final @Nullable SocketAddress acceptedAt;

    NioStream(SocketChannel channel) {
        this(channel, null);
    }

    NioStream(SocketChannel channel, @Nullable SocketAddress acceptedAt) {
        this.channel = channel;
        this.acceptedAt = acceptedAt;
        this.gatheredBytes = isTcp(channel) ? TCP_GATHERED_BYTES : UDS_GATHERED_BYTES;
    }

    private static boolean isTcp(SocketChannel channel) {
        return channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY);
    }

    void register(Selection selection, NetHandler handler, int ops) throws IOException {
        if (key != null) {
            throw new IllegalStateException("registered already");
        }
        try {
            this.key = selection.register(channel, Sockets.toKeyOps(ops), this);
        } catch (RuntimeException | Error e) {
            throw Sockets.failure(channel, e);
        }
        this.handler = handler;
        this.ops = ops;
        this.selection = selection;
    }

    /// Begins to connect, or waits until it can.
    void dial(Selection selection, SocketAddress address, NetHandler handler) throws IOException {
        boolean connected;
        try {
            connected = connect(channel, address);
        } catch (NotAcceptingException e) {
            this.busy = address;
            this.handler = handler;
            this.ops = Net.CONNECT;
            this.selection = selection;
            selection.redial(this);
            return;
        }
        this.busy = null;
        register(selection, handler, connected ? 0 : Net.CONNECT);
    }

    /// Begins to connect a channel.
    ///
    /// @return true if connected, false if under way
    private static boolean connect(SocketChannel channel, SocketAddress address)
            throws IOException {
        if (address instanceof UnixDomainSocketAddress file) {
            return UdsFile.connect(channel, file.getPath());
        }
        try {
            return channel.connect(address);
        } catch (SocketException e) {
            throw Sockets.unreachable(address, e);
        }
    }

    /// Poller. Does nothing if it is closed.
    @Override
    public boolean dialAgain(Runnable onCall) {
        if (closed || handler == null) {
            return false;
        }
        onCall.run();
        due = true;
        handler.onReady(Net.CONNECT);
        return !isWaiting();
    }

    /// Whether it is to be dialled again.
    private boolean isWaiting() {
        return busy != null;
    }

    @Override
    public void ready(int keyOps) {
        if (handler != null) {
            handler.onReady(Sockets.fromKeyOps(keyOps));
        }
    }

    @Override
    public boolean finishConnect() throws IOException {
        boolean done = false;
        try {
            boolean connected = busy == null ? finishDialled() : redial(busy);
            done = true;
            return connected;
        } catch (RuntimeException | Error e) {
            throw Sockets.failure(channel, e);
        } finally {
            if (!done) {
                close();
            }
        }
    }

    private boolean finishDialled() throws IOException {
        try {
            if (!channel.finishConnect()) {
                return false;
            }
        } catch (SocketException e) {
            throw Sockets.unreachable(channel, e);
        }
        checkNotToItself();
        // Left on, the selector would return at once, ever again, without calling anybody.
        interest(ops & ~Net.CONNECT);
        return true;
    }

    private boolean redial(SocketAddress address) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (!due || selection == null || handler == null) {
            return false;
        }
        due = false;
        channel = Sockets.openStream(address);
        dial(selection, address, handler);
        return !isWaiting() && finishDialled();
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
        try {
            return channel.read(target);
        } catch (RuntimeException | Error e) {
            throw Sockets.failure(channel, e);
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        try {
            return channel.write(source);
        } catch (RuntimeException | Error e) {
            throw Sockets.failure(channel, e);
        }
    }

    @Override
    public int write(ByteBuffer[] sources, int count) throws IOException {
        if (count == 1) {
            return write(sources[0]); // which the JDK does with less ado
        }
        try {
            return (int) channel.write(sources, 0, count);
        } catch (RuntimeException | Error e) {
            throw Sockets.failure(channel, e);
        }
    }

    @Override
    public int gatheredBytes() {
        return gatheredBytes;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        if (acceptedAt != null) {
            return acceptedAt;
        }
        try {
            return channel.getLocalAddress();
        } catch (IOException e) {
            return null; // closed: nobody needs it any more
        }
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        try {
            return channel.getRemoteAddress();
        } catch (IOException e) {
            return null; // closed: nobody needs it any more
        }
    }

    @Override
    public PeerIdentity.@Nullable Credentials credentials() {
        return isTcp(channel) ? null : UnixPeer.of(channel);
    }

    @Override
    public boolean isFrom(UnixUsers users) {
        return !isTcp(channel) && UnixPeer.isOneOf(channel, users);
    }

    @Override
    public void keepAlive(KeepAlive values) {
        if (isTcp(channel)) {
            values.apply(channel);
        }
    }

    @Override
    public void interest(int wanted) {
        if (closed || isWaiting() || wanted == ops) {
            return;
        }
        if (key == null) {
            throw new IllegalStateException("registered nowhere");
        }
        assert (wanted & Net.CONNECT) == 0 || channel.isConnectionPending() : "connected already";
        ops = wanted;
        key.interestOps(Sockets.toKeyOps(wanted));
        changed();
    }

    @Override
    public void shutdownOutput() throws IOException {
        try {
            channel.shutdownOutput();
        } catch (RuntimeException | Error e) {
            throw Sockets.failure(channel, e);
        }
    }

    @Override
    public void close() {
        closed = true;
        Sockets.closeQuietly(channel);
        changed();
    }

    private void changed() {
        if (selection != null) {
            selection.onChange();
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
        } catch (IOException | RuntimeException e) {
            // Then it is closed the gentle way; that tells the peer, too.
        }
        close();
    }

    SocketChannel channel() {
        return channel;
    }

    @Override
    public String toString() {
        return channel.toString();
    }
}
