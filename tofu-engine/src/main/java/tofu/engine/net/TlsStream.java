package tofu.engine.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tofu.api.PeerIdentity;

/// A stream that speaks TLS over another one, by the JDK's [javax.net.ssl.SSLEngine].
///
/// It makes its handshake by itself, as soon as it is connected or registered; until that is done
/// it takes and gives nothing. A failure is told to whoever reads or writes, and so is an end that
/// TLS has not announced.
///
/// Somewhat long, as it stands between two sides: who is told what, what of the stream below is
/// of interest, and whose failure it was. TLS itself is spoken by [TlsHandshake], [TlsInput] and
/// [TlsOutput]; what comes after the end is [TlsClosing].
///
/// Thread: the loop that it is registered with.
/// Owns: the stream below, and what its parts have of the loop's buffers.
/// Errors: a failure stays, and is thrown again and again.
final class TlsStream implements NetStream, NetHandler {
    /// Whom a client has dialled; `null` for a server.
    private final @Nullable InetSocketAddress dialled;

    /// Set once, before anything else happens.
    private @Nullable NetStream below;

    private @Nullable TlsNet net;
    private @Nullable NetHandler handler;

    /// As soon as the stream below is connected, and registered.
    private @Nullable TlsParts parts;

    /// The handshake is being made in a call further up.
    private boolean proceeding;

    /// What the handshake has proved; for those who look.
    private volatile PeerIdentity.@Nullable Tls identity;

    /// Bits of [Net], as our caller wants them.
    private int wanted;

    /// Among the net's due ones.
    private boolean queued;

    private @Nullable IOException failure;

    /// Nobody will write any more.
    private boolean outputEnding;

    private boolean closed;

    /// What is left of it since then, if it was more than a socket.
    private @Nullable TlsClosing closing;

    private final ByteBuffer[] single = new ByteBuffer[1];

    private TlsStream(@Nullable InetSocketAddress dialled) {
        this.dialled = dialled;
    }

    /// Begins to connect.
    static TlsStream connect(TlsNet net, Net below, SocketAddress address, NetHandler handler)
            throws IOException {
        InetSocketAddress dialled =
                address instanceof InetSocketAddress inet ? inet : new InetSocketAddress(0);
        TlsStream stream = new TlsStream(dialled);
        stream.net = net;
        stream.handler = handler;
        stream.wanted = Net.CONNECT;
        stream.below = below.connect(address, stream);
        return stream;
    }

    /// Takes over a stream that is registered nowhere.
    static TlsStream accepted(NetStream below) {
        TlsStream stream = new TlsStream(null);
        stream.below = below;
        return stream;
    }

    void register(TlsNet ours, Net netBelow, NetHandler told) throws IOException {
        if (handler != null) {
            throw new IllegalStateException("registered already");
        }
        netBelow.register(below(), this);
        net = ours;
        handler = told;
        parts = assemble();
        refresh();
    }

    private TlsParts assemble() {
        TlsNet ours = net();
        return TlsParts.of(
                ours.engines, ours.tasks, ours.buffers, below(), dialled, this::onTaskDone);
    }

    private NetStream below() {
        return Objects.requireNonNull(below);
    }

    private TlsNet net() {
        return Objects.requireNonNull(net);
    }

    private boolean isOpen() {
        return parts != null && parts.isOpen();
    }

    // ---- who is told what

    @Override
    public void onReady(int ops) {
        TlsParts ours = parts;
        if (ours == null) {
            tell(ops & wanted);
        } else if (closing != null) {
            proceed(closing);
        } else if (!closed) {
            proceed(ours);
            tellReady(ops);
        }
    }

    /// A stream that is due has its turn.
    void runDue() {
        queued = false;
        if (!closed) {
            tellReady(0);
        }
    }

    /// @param ops what the stream below is ready for
    private void tellReady(int ops) {
        int told = 0;
        TlsParts ours = parts;
        if (failure != null) {
            told = wanted;
        } else if (ours != null && ours.isOpen()) {
            told = wanted & Net.CONNECT;
            if ((ops & Net.READ) != 0 || ours.input().isReady()) {
                told |= wanted & Net.READ;
            }
            if ((ops & Net.WRITE) != 0 && !ours.output().isHeldUp()) {
                told |= wanted & Net.WRITE;
            }
        }
        tell(told);
        if (!closed) {
            refresh();
        }
    }

    private void tell(int ops) {
        if (ops != 0 && handler != null) {
            handler.onReady(ops);
        }
    }

    /// What there is to tell, though the stream below has nothing to.
    private boolean isDue(TlsParts ours) {
        if (failure != null) {
            return wanted != 0;
        }
        return ours.isOpen()
                && ((wanted & Net.CONNECT) != 0
                        || ((wanted & Net.READ) != 0 && ours.input().isReady()));
    }

    /// After any change: what we want of the stream below, and whether we are due.
    private void refresh() {
        TlsParts ours = parts;
        if (ours == null) {
            return;
        }
        boolean heldUp = ours.output().isHeldUp();
        int ops = heldUp ? Net.WRITE : 0;
        if (failure == null && ours.isOpen()) {
            ops |= wanted & (ours.input().isEnded() ? Net.WRITE : Net.READ | Net.WRITE);
        } else if (failure == null && !ours.handshake().isBusy() && !heldUp) {
            ops |= Net.READ;
        }
        below().interest(ops);
        if (!queued && isDue(ours)) {
            queued = true;
            net().addDue(this);
        }
    }

    @Override
    public void interest(int ops) {
        if (closed) {
            return;
        }
        if (handler == null && ops != 0) {
            throw new IllegalStateException("registered nowhere");
        }
        if (ops != wanted) {
            wanted = ops;
            refresh();
        }
    }

    // ---- the handshake

    @Override
    public boolean finishConnect() throws IOException {
        if (parts == null) {
            if (!below().finishConnect()) {
                return false;
            }
            wanted &= ~Net.CONNECT;
            TlsParts ours = assemble();
            parts = ours;
            proceed(ours);
            refresh();
        }
        return true;
    }

    @Override
    public boolean isSecuring() {
        return parts != null && !parts.isOpen() && failure == null;
    }

    /// Goes on with the handshake as far as it goes now, and sends what there is to send.
    private void proceed(TlsParts ours) {
        if (failure != null) {
            ours.output().sendQuietly();
        }
        if (proceeding || failure != null) {
            return;
        }
        proceeding = true;
        try {
            if (ours.output().send() && !ours.isOpen()) {
                ours.handshake().proceed();
                onSecured(ours);
            }
        } catch (IOException e) {
            if (!ours.isOpen() || e != ours.output().failure()) {
                fail(ours, ours.handshake().reasonBehind(e));
            }
        } finally {
            proceeding = false;
        }
    }

    private void onSecured(TlsParts ours) throws IOException {
        identity = ours.handshake().identity();
        if (outputEnding && identity != null) {
            ours.output().end();
            ours.output().send();
        }
    }

    private void onTaskDone() {
        TlsParts ours = Objects.requireNonNull(parts);
        if (closed) {
            ours.engine().forget();
            return;
        }
        SSLException failed = ours.handshake().taskFailure();
        if (failed != null) {
            fail(ours, failed);
        }
        proceed(ours);
        refresh();
    }

    @Override
    public PeerIdentity.@Nullable Credentials credentials() {
        return identity;
    }

    /// Ends all but telling it.
    private void fail(TlsParts ours, IOException cause) {
        if (failure != null) {
            return;
        }
        failure = cause instanceof SSLException e ? TlsFailures.of(e) : cause;
        ours.onFailure(failure);
    }

    // ---- bytes

    @Override
    public int read(ByteBuffer target) throws IOException {
        checkNotClosed();
        TlsParts ours = parts;
        if (ours == null) {
            return 0;
        }
        int start = target.position();
        if (failure != null) {
            ours.input().takePlain(target);
        } else if (ours.isOpen()) {
            decrypt(ours, target);
        }
        refresh();
        int bytes = target.position() - start;
        if (bytes > 0) {
            return bytes;
        }
        if (failure != null) {
            throw failure;
        }
        return ours.input().isEnded() ? -1 : 0;
    }

    private void decrypt(TlsParts ours, ByteBuffer target) {
        try {
            ours.input().read(target, ours.output());
        } catch (IOException e) {
            fail(ours, e);
        }
    }

    private void checkNotClosed() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        single[0] = source;
        return write(single, 1);
    }

    @Override
    public int write(ByteBuffer[] sources, int count) throws IOException {
        checkNotClosed();
        if (failure != null) {
            throw failure;
        }
        if (outputEnding) {
            throw new ClosedChannelException();
        }
        TlsParts ours = parts;
        if (ours == null || !ours.isOpen()) {
            return 0;
        }
        int bytes = 0;
        try {
            while (ours.output().send() && sources[count - 1].hasRemaining()) {
                bytes += ours.output().encrypt(sources, count);
            }
        } catch (IOException e) {
            IOException thrown = onSendFailure(ours, e);
            if (bytes == 0) {
                throw thrown;
            }
        } finally {
            refresh();
        }
        return bytes;
    }

    /// A peer that takes nothing any more may still be read.
    ///
    /// @return what to throw
    private IOException onSendFailure(TlsParts ours, IOException cause) {
        if (cause != ours.output().failure()) {
            fail(ours, cause);
        }
        return failure == null ? cause : failure;
    }

    // ---- the end

    @Override
    public void shutdownOutput() throws IOException {
        checkNotClosed();
        if (failure != null) {
            throw failure;
        }
        outputEnding = true;
        TlsParts ours = parts;
        if (ours != null && ours.isOpen()) {
            ours.output().end();
            try {
                ours.output().send();
            } catch (IOException e) {
                throw onSendFailure(ours, e);
            } finally {
                refresh();
            }
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        wanted = 0;
        TlsParts ours = parts;
        if (ours == null) {
            below().close();
            return;
        }
        ours.handshake().abandon();
        if (failure == null && ours.isOpen()) {
            ours.output().end();
        }
        TlsBuffers buffers = net().buffers;
        closing = new TlsClosing(below(), buffers, ours, failure != null, net().lingerEnd());
        if (!closing.proceed()) {
            net().addLingering(closing);
        }
    }

    private void proceed(TlsClosing lingering) {
        if (lingering.proceed()) {
            net().removeLingering(lingering);
        }
    }

    /// A peer that was refused is to read why: then there is no reset.
    @Override
    public void reset() {
        if (closed) {
            return;
        }
        TlsParts ours = parts;
        if (failure instanceof TlsException && !isOpen()) {
            close();
            return;
        }
        closed = true;
        wanted = 0;
        below().reset();
        if (ours != null) {
            ours.handshake().abandon();
            ours.release();
        }
    }

    @Override
    public void whenGone(Runnable then) {
        if (closing == null) {
            then.run();
        } else {
            closing.whenOver(then);
        }
    }

    // ---- as below

    @Override
    public void keepAlive(KeepAlive values) {
        below().keepAlive(values);
    }

    @Override
    public int gatheredBytes() {
        return below().gatheredBytes();
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return below().localAddress();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return below().remoteAddress();
    }

    @Override
    public String toString() {
        String phase = isOpen() ? "OPEN" : parts == null ? "CONNECTING" : "HANDSHAKING";
        return "TLS " + phase + " over " + below;
    }
}
