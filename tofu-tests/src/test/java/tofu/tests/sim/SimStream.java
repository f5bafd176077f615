package tofu.tests.sim;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tofu.engine.net.Net;
import tofu.engine.net.NetHandler;
import tofu.engine.net.NetStream;

/// One end of a connection in memory. Strict: what [NetStream] forbids is a [Violation].
///
/// Thread: one.
final class SimStream implements NetStream {
    private final SimNetwork network;
    private final Pipe in;
    private final Pipe out;

    /// Where to, while it is not connected; `null` at the accepting end.
    final @Nullable SocketAddress target;

    private @Nullable SimStream peer;
    private @Nullable NetHandler handler;
    private @Nullable SimNet net;
    private Jvm jvm = Jvm.sound();
    private int interest;
    private boolean connected;
    private boolean closed;
    private @Nullable IOException connectFailure;

    /// The connection has broken, as this end sees it.
    private boolean broken;

    private @Nullable Tap tap;

    SimStream(SimNetwork network, @Nullable SocketAddress target, Pipe in, Pipe out) {
        this.network = network;
        this.target = target;
        this.in = in;
        this.out = out;
    }

    /// Makes the other end, and connects the two.
    SimStream connected() {
        SimStream other = new SimStream(network, null, out, in);
        other.peer = this;
        other.connected = true;
        peer = other;
        connected = true;
        return other;
    }

    void refuse(String reason) {
        connectFailure = new ConnectException(reason);
    }

    /// Looks at every frame that is written here from now on.
    void tap(@Nullable Tap listener) {
        tap = listener;
    }

    boolean isWaitingToConnect() {
        return !connected && !closed && connectFailure == null;
    }

    boolean isConnected() {
        return connected;
    }

    /// Whether it is an engine's.
    boolean isRegistered() {
        return net != null;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isBroken() {
        return broken;
    }

    Pipe in() {
        return in;
    }

    Pipe out() {
        return out;
    }

    @Nullable SimStream peer() {
        return peer;
    }

    // ---- the net's side

    void register(SimNet owner, NetHandler told, int ops) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        network.require(net == null, "a stream registered twice");
        net = owner;
        jvm = owner.jvm();
        handler = told;
        interest = ops;
    }

    int interest() {
        return closed ? 0 : interest;
    }

    int readyOps() {
        if (closed) {
            return 0;
        }
        boolean readable = connected && (in.arrived() > 0 || in.isAtEnd() || broken);
        boolean writable = connected && (out.room() > 0 || broken);
        boolean decided = connected || connectFailure != null;
        return interest
                & ((readable ? Net.READ : 0)
                        | (writable ? Net.WRITE : 0)
                        | (decided ? Net.CONNECT : 0));
    }

    void call(int ops) {
        NetHandler told = handler;
        network.require(told != null, "a stream without a handler");
        Objects.requireNonNull(told).onReady(ops);
    }

    /// The connection breaks, as this end will see it.
    void breakOff(boolean losesArrived) {
        broken = true;
        in.cut(losesArrived);
    }

    // ---- the owner's side

    @Override
    public boolean finishConnect() throws IOException {
        checkOpen();
        try {
            jvm.mayFailToo();
        } catch (IOException e) {
            close();
            throw e;
        }
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
        checkUsable();
        network.require(target.hasRemaining(), "a read into no room");
        jvm.mayFailToo();
        if (in.arrived() > 0) {
            return in.read(target, network.part(target.remaining()));
        }
        if (broken) {
            throw new SocketException("Connection reset");
        }
        return in.isAtEnd() ? -1 : 0;
    }

    @Override
    public int gatheredBytes() {
        jvm.mayFail();
        return Integer.highestOneBit(out.capacity());
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        boolean taken = false;
        try {
            int start = source.position();
            int count = take(source);
            taken = true;
            if (tap != null) {
                tap.onWritten(source, start, count);
            }
            network.sealed().handOver();
            jvm.mayFail(); // written it is, all the same
            return count;
        } finally {
            if (!taken) {
                network.sealed().drop();
            }
        }
    }

    private int take(ByteBuffer source) throws IOException {
        checkUsable();
        network.require(source.hasRemaining(), "a write of nothing");
        jvm.mayFailToo();
        if (broken) {
            throw new SocketException("Broken pipe");
        }
        if (out.hasEnded()) {
            throw new ClosedChannelException();
        }
        return out.write(source, network.part(source.remaining()));
    }

    @Override
    public void interest(int ops) {
        jvm.mayFail();
        if (!closed) {
            network.require(net != null, "interest before registration");
            interest = ops;
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        checkUsable();
        jvm.mayFailToo();
        if (broken) {
            throw new SocketException("Socket is not connected");
        }
        out.end();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        checkLooked();
        boolean unread = !in.isEmpty();
        closed = true;
        if (connected && unread) {
            breakPeer();
        } else {
            out.end();
        }
        jvm.mayFail();
    }

    @Override
    public void reset() {
        if (closed) {
            return;
        }
        checkLooked();
        closed = true;
        if (connected) {
            breakPeer();
        }
        jvm.mayFail();
    }

    /// Nobody is late whose bytes are here: a loop that has overslept looks before it cuts.
    private void checkLooked() {
        boolean late = net != null && net.hasOverslept();
        boolean here = in.arrived() > 0 && !broken && (interest & Net.READ) != 0;
        network.require(!late || !here, "cut off without a look at what has arrived: " + this);
    }

    private void breakPeer() {
        SimStream other = peer;
        if (other != null && !other.closed) {
            other.breakOff(network.losesArrived());
        }
    }

    private void checkUsable() throws IOException {
        checkOpen();
        network.require(connected, "used before it was connected");
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public String toString() {
        return "connection to %s (%s, interest %d, there %s, back %s)"
                .formatted(target, state(), interest, out, in);
    }

    private String state() {
        String own = (closed ? "closed" : connected ? "connected" : "connecting");
        return own
                + (broken ? ", broken" : "")
                + (peer == null ? "" : peer.closed ? ", peer closed" : ", peer open");
    }
}
