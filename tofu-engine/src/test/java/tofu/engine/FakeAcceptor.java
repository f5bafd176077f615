package tofu.engine;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NetHandler;
import tofu.engine.net.NetStream;

/// An acceptor of a [FakeNet]: what arrives waits in its backlog.
///
/// Threads: as those of the net.
final class FakeAcceptor implements NetAcceptor {
    private final FakeNet net;
    private final SocketAddress address;
    private final NetHandler handler;

    /// Streams, and failures to accept one.
    private final Deque<Object> backlog = new ArrayDeque<>();

    private boolean interested = true;
    private boolean closed;

    FakeAcceptor(FakeNet net, SocketAddress address, NetHandler handler) {
        this.net = net;
        this.address = address;
        this.handler = handler;
    }

    // ---- the peer's side

    /// A connection arrives.
    ///
    /// @return its stream, to be used as the peer
    FakeStream arrive() {
        net.lock.lock();
        try {
            FakeStream stream = new FakeStream(net);
            backlog.add(stream);
            net.changed();
            return stream;
        } finally {
            net.lock.unlock();
        }
    }

    /// Makes an accept fail.
    void fail(IOException failure) {
        net.lock.lock();
        try {
            backlog.add(failure);
            net.changed();
        } finally {
            net.lock.unlock();
        }
    }

    int waiting() {
        return backlog.size();
    }

    boolean isInterested() {
        return interested;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isReady() {
        return interested && !closed && !backlog.isEmpty();
    }

    NetHandler handler() {
        return handler;
    }

    int port() {
        return address instanceof InetSocketAddress inet ? inet.getPort() : -1;
    }

    // ---- the loop's side

    @Override
    public @Nullable NetStream accept() throws IOException {
        net.lock.lock();
        try {
            net.refuseUnless(!closed, "accept after close");
            Object next = backlog.poll();
            if (next instanceof IOException failure) {
                throw failure;
            }
            return (NetStream) next;
        } finally {
            net.lock.unlock();
        }
    }

    @Override
    public void interest(boolean accepting) {
        if (closed) {
            net.complain("interest after close");
            return;
        }
        interested = accepting;
    }

    @Override
    public SocketAddress localAddress() {
        return address;
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public String toString() {
        return "acceptor of " + address;
    }
}
