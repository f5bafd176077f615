package tofu.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tofu.engine.channel.Frame;
import tofu.engine.net.Net;
import tofu.engine.net.NetHandler;
import tofu.engine.net.NetStream;

/// A stream of a [FakeNet], and the peer at its other end.
///
/// Threads: as those of the net.
final class FakeStream implements NetStream {
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

    /// How many bytes one read gives at most.
    private int most = Integer.MAX_VALUE;

    FakeStream(FakeNet net) {
        this.net = net;
    }

    // ---- the peer's side

    /// Makes connecting take until [#establish()] or [#refuse(IOException)].
    FakeStream pending() {
        connected = false;
        return this;
    }

    void establish() {
        change(() -> connected = true);
    }

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
    void end() {
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

    boolean isClosed() {
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
        net.require(this.handler == null, "registered twice");
        this.handler = handler;
        interest = ops;
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
        boolean readable = inbound.length > 0 || ended || readFailure != null || bug != null;
        boolean writable = room > 0 || writeFailure != null;
        int ready =
                (readable ? Net.READ : 0)
                        | (writable ? Net.WRITE : 0)
                        | (connected || connectFailure != null ? Net.CONNECT : 0);
        return ready & interest;
    }

    // ---- the loop's side

    @Override
    public boolean finishConnect() throws IOException {
        net.require(!closed, "finishConnect after close");
        IOException failure = connectFailure;
        if (failure != null) {
            close();
            throw failure;
        }
        if (connected) {
            interest &= ~Net.CONNECT;
        }
        return connected;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        checkUsable(target);
        if (bug != null) {
            throw bug;
        }
        if (inbound.length > 0) {
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
    public int gatheredBytes() {
        return 16 << 10;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        checkUsable(source);
        net.require(!outputEnded, "write after the end of output");
        if (writeFailure != null) {
            throw writeFailure;
        }
        byte[] bytes = new byte[Math.min(room, source.remaining())];
        source.get(bytes);
        outbound.writeBytes(bytes);
        room -= bytes.length;
        return bytes.length;
    }

    private void checkUsable(ByteBuffer buffer) {
        net.require(!closed, "used after close");
        net.require(connected, "used before it was connected");
        net.require(buffer.isDirect(), "a buffer on the heap");
        net.require(buffer.hasRemaining(), "a buffer without room or bytes");
    }

    @Override
    public void interest(int ops) {
        net.require(!closed, "interest after close");
        net.require(handler != null, "interest before registration");
        net.require((ops & Net.CONNECT) == 0 || !connected, "connected already");
        interest = ops;
    }

    @Override
    public void shutdownOutput() throws IOException {
        net.require(!closed, "shutdown after close");
        net.require(!outputEnded, "output ended twice");
        if (writeFailure != null) {
            throw writeFailure;
        }
        outputEnded = true;
    }

    @Override
    public void close() {
        net.beforeCall.run();
        closed = true;
    }

    @Override
    public void reset() {
        if (!closed) {
            reset = true;
            close();
        }
    }

    @Override
    public String toString() {
        return "stream with interest " + interest + (connected ? "" : ", not connected");
    }
}
