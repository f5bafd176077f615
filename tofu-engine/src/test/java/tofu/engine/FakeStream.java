package tofu.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tofu.api.PeerIdentity;
import tofu.engine.channel.Frame;
import tofu.engine.net.KeepAlive;
import tofu.engine.net.Net;
import tofu.engine.net.NetHandler;
import tofu.engine.net.NetStream;
import tofu.engine.net.UnixUsers;

/// A stream of a [FakeNet], and the peer at its other end: the test, or another such stream.
///
/// Somewhat long, since what the engine sees of it and what the test makes of it are one state.
///
/// Threads: as those of the net.
public final class FakeStream implements NetStream {
    /// How many bytes wait at most at the other end, if that is a stream.
    private static final int PEER_BYTES = 256 << 10;

    private final FakeNet net;
    private final ByteArrayOutputStream outbound = new ByteArrayOutputStream();
    private byte[] inbound = new byte[0];
    private @Nullable NetHandler handler;
    private int interest;
    private boolean connected = true;
    private boolean outputEnded;
    private boolean closed;
    private boolean reset;
    private boolean ended;
    private @Nullable IOException connectFailure;
    private @Nullable IOException readFailure;
    private @Nullable IOException writeFailure;
    private @Nullable RuntimeException bug;

    /// How many more bytes the kernel takes.
    private int room = Integer.MAX_VALUE;

    private @Nullable SocketAddress localAddress;
    private @Nullable SocketAddress remoteAddress;
    private boolean knownUser;

    /// Registered, and the engine knows that it is connected.
    private boolean standing;

    private boolean securing;
    private PeerIdentity.@Nullable Credentials credentials;
    private @Nullable KeepAlive keepAlive;

    private Runnable whenRead = () -> {};
    private Runnable whenWritten = () -> {};

    /// How many bytes one read gives at most.
    private int most = Integer.MAX_VALUE;

    /// The other end, if that is a stream.
    private @Nullable FakeStream peer;

    /// How often bytes were read, and written.
    int reads;

    int writes;

    /// @param net whose lock it uses
    public FakeStream(FakeNet net) {
        this.net = net;
    }

    /// Makes two streams the ends of one connection.
    static void pair(FakeStream one, FakeStream other) {
        one.peer = other;
        other.peer = one;
    }

    // ---- the peer's side

    /// Says where the peer is.
    FakeStream from(SocketAddress address) {
        remoteAddress = address;
        return this;
    }

    /// Says where our end is.
    FakeStream at(SocketAddress address) {
        localAddress = address;
        return this;
    }

    /// Lets the two ends agree on how to speak before anything is read or written, which takes
    /// until [#secure(PeerIdentity.Credentials)] or a failure.
    FakeStream securing() {
        securing = true;
        return this;
    }

    /// They have agreed.
    ///
    /// @param proved what the peer has proved of itself, `null` if nothing
    void secure(PeerIdentity.@Nullable Credentials proved) {
        change(
                () -> {
                    securing = false;
                    credentials = proved;
                });
    }

    /// Makes the peer one of all users that may be asked for.
    public FakeStream known() {
        knownUser = true;
        return this;
    }

    /// Makes connecting take until [#establish()] or [#refuse(IOException)].
    FakeStream pending() {
        connected = false;
        return this;
    }

    void establish() {
        change(() -> connected = true);
    }

    /// Makes connecting fail, or, if it is connected, registering.
    void refuse(IOException failure) {
        change(() -> connectFailure = failure);
    }

    void send(Frame... frames) {
        sendBytes(Frame.encode(frames));
    }

    void sendBytes(byte[] bytes) {
        change(
                () -> {
                    int length = inbound.length;
                    inbound = Arrays.copyOf(inbound, length + bytes.length);
                    System.arraycopy(bytes, 0, inbound, length, bytes.length);
                });
    }

    /// The peer ends its direction.
    public void end() {
        change(() -> ended = true);
    }

    void breakReading(IOException failure) {
        change(() -> readFailure = failure);
    }

    void breakWriting(IOException failure) {
        change(() -> writeFailure = failure);
    }

    /// Makes the next read throw what no stream may throw.
    void plantBug(RuntimeException failure) {
        change(() -> bug = failure);
    }

    /// Says how many more bytes the kernel takes.
    FakeStream room(int bytes) {
        change(() -> room = bytes);
        return this;
    }

    FakeStream mostPerRead(int bytes) {
        most = bytes;
        return this;
    }

    /// Says what to do whenever it is read.
    FakeStream whenRead(Runnable action) {
        whenRead = action;
        return this;
    }

    /// Says what to do whenever something was written to it.
    FakeStream whenWritten(Runnable action) {
        whenWritten = action;
        return this;
    }

    /// The frames that were written whole since the last time.
    List<Frame> received() {
        net.lock.lock();
        try {
            byte[] bytes = outbound.toByteArray();
            List<Frame> frames = new ArrayList<>(Frame.decode(bytes));
            int whole = frames.stream().mapToInt(Frame::length).sum();
            outbound.reset();
            outbound.write(bytes, whole, bytes.length - whole);
            return frames;
        } finally {
            net.lock.unlock();
        }
    }

    boolean isConnected() {
        return connected;
    }

    public boolean isClosed() {
        return closed;
    }

    boolean wasReset() {
        return reset;
    }

    boolean hasEndedOutput() {
        return outputEnded;
    }

    int interest() {
        return interest;
    }

    /// What it was told to ask the peer, if it was.
    @Nullable KeepAlive asksWhetherPeerIsThere() {
        return keepAlive;
    }

    int unread() {
        return inbound.length;
    }

    private void change(Runnable change) {
        net.lock.lock();
        try {
            change.run();
            net.changed();
        } finally {
            net.lock.unlock();
        }
    }

    // ---- the net's side

    void register(NetHandler handler, int ops) throws IOException {
        if (closed) {
            throw new IOException("closed already");
        }
        if (connected && connectFailure != null) {
            throw connectFailure;
        }
        net.require(this.handler == null, "registered twice");
        this.handler = handler;
        interest = ops;
        standing = connected;
    }

    NetHandler handler() {
        NetHandler registered = handler;
        if (registered == null) {
            throw new IllegalStateException("not registered");
        }
        return registered;
    }

    int readyOps() {
        if (closed || handler == null) {
            return 0;
        }
        boolean some = !securing && (inbound.length > 0 || ended || bug != null);
        boolean readable = some || readFailure != null;
        boolean takes = !securing && (room() > 0 || isPeerClosed());
        boolean writable = takes || writeFailure != null;
        boolean told = standing ? !securing : connected || connectFailure != null;
        int ready =
                (readable ? Net.READ : 0) | (writable ? Net.WRITE : 0) | (told ? Net.CONNECT : 0);
        return ready & interest;
    }

    /// How many bytes a write takes now.
    private int room() {
        FakeStream other = peer;
        return other == null ? room : Math.min(room, PEER_BYTES - other.inbound.length);
    }

    private boolean isPeerClosed() {
        FakeStream other = peer;
        return other != null && other.closed;
    }

    // ---- the loop's side

    @Override
    public boolean finishConnect() throws IOException {
        net.refuseUnless(!closed, "finishConnect after close");
        IOException failure = connectFailure;
        if (failure != null) {
            close();
            throw failure;
        }
        if (connected) {
            interest &= ~Net.CONNECT;
            standing = true;
        }
        return connected;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        checkUsable(target);
        whenRead.run();
        if (bug != null) {
            throw bug;
        }
        if (securing && readFailure == null) {
            return 0;
        }
        if (!securing && inbound.length > 0) {
            reads++;
            int count = Math.min(Math.min(inbound.length, most), target.remaining());
            target.put(inbound, 0, count);
            inbound = Arrays.copyOfRange(inbound, count, inbound.length);
            return count;
        }
        if (readFailure != null) {
            throw readFailure;
        }
        return ended ? -1 : 0;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public boolean isSecuring() {
        return standing && securing;
    }

    @Override
    public PeerIdentity.@Nullable Credentials credentials() {
        return credentials;
    }

    @Override
    public void keepAlive(KeepAlive values) {
        keepAlive = values;
    }

    @Override
    public boolean isFrom(UnixUsers users) {
        return knownUser;
    }

    @Override
    public int gatheredBytes() {
        return 16 << 10;
    }

    /// One system call, however many buffers.
    @Override
    public int write(ByteBuffer[] sources, int count) throws IOException {
        int before = writes;
        int bytes;
        try {
            bytes = NetStream.super.write(sources, count);
        } finally {
            writes = before + 1;
        }
        whenWritten.run();
        return bytes;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        checkUsable(source);
        net.refuseUnless(!outputEnded, "write after the end of output");
        if (writeFailure != null) {
            throw writeFailure;
        }
        if (isPeerClosed()) {
            throw new SocketException("Broken pipe");
        }
        writes++;
        byte[] bytes = new byte[securing ? 0 : Math.min(room(), source.remaining())];
        source.get(bytes);
        room -= bytes.length;
        FakeStream other = peer;
        if (other == null) {
            outbound.writeBytes(bytes);
        } else {
            other.sendBytes(bytes);
        }
        return bytes.length;
    }

    private void checkUsable(ByteBuffer buffer) throws IOException {
        net.refuseUnless(!closed, "used after close");
        net.require(connected, "used before it was connected");
        net.require(buffer.isDirect(), "a buffer on the heap");
        net.require(buffer.hasRemaining(), "a buffer without room or bytes");
    }

    @Override
    public void interest(int ops) {
        if (closed) {
            net.complain("interest after close");
            return;
        }
        net.require(handler != null, "interest before registration");
        net.require((ops & Net.CONNECT) == 0 || !connected || securing, "connected already");
        interest = ops;
    }

    @Override
    public void shutdownOutput() throws IOException {
        net.refuseUnless(!closed, "shutdown after close");
        net.refuseUnless(!outputEnded, "output ended twice");
        if (writeFailure != null) {
            throw writeFailure;
        }
        outputEnded = true;
        endPeer();
    }

    @Override
    public void close() {
        net.beforeCall.run();
        closed = true;
        endPeer();
    }

    private void endPeer() {
        FakeStream other = peer;
        if (other != null) {
            other.end();
        }
    }

    @Override
    public void reset() {
        if (closed) {
            return;
        }
        reset = true;
        close();
        FakeStream other = peer;
        if (other != null) {
            other.breakReading(new SocketException("Connection reset"));
        }
    }

    @Override
    public String toString() {
        return "stream with interest " + interest + (connected ? "" : ", not connected");
    }
}
