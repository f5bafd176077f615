package tofu.tests.sim;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NetHandler;
import tofu.engine.net.NetStream;

/// A listening socket in memory.
///
/// Thread: one.
final class SimAcceptor implements NetAcceptor {
    private final SimNetwork network;
    private final SocketAddress address;
    private final int backlog;
    private final NetHandler handler;
    private final Jvm jvm;
    private final Deque<SimStream> waiting = new ArrayDeque<>();
    private boolean accepting = true;
    private boolean closed;

    SimAcceptor(
            SimNetwork network, SocketAddress address, int backlog, NetHandler handler, Jvm jvm) {
        this.network = network;
        this.address = address;
        this.backlog = backlog;
        this.handler = handler;
        this.jvm = jvm;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isFull() {
        return waiting.size() >= backlog;
    }

    void arrive(SimStream stream) {
        waiting.addLast(stream);
    }

    boolean isReady() {
        return !closed && accepting && !waiting.isEmpty();
    }

    /// Calls the handler unless another handler has seen to it.
    boolean callIfReady() {
        boolean ready = isReady();
        if (ready) {
            handler.onReady(Net.ACCEPT);
        }
        return ready;
    }

    @Override
    public @Nullable NetStream accept() throws IOException {
        jvm.mayFailToo();
        SimStream stream = take();
        if (stream != null) {
            stream.tap(network.newTap(address));
        }
        return stream;
    }

    /// Accepts for somebody who is no engine.
    @Nullable SimStream take() throws IOException {
        network.require(!closed, "accept after close");
        if (!waiting.isEmpty() && network.fails(20)) {
            throw new IOException("Too many open files");
        }
        return waiting.pollFirst();
    }

    @Override
    public void interest(boolean wanted) {
        jvm.mayFail();
        accepting = wanted;
    }

    @Override
    public SocketAddress localAddress() {
        jvm.mayFail();
        return address;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            waiting.forEach(SimStream::reset);
            waiting.clear();
            network.onClosed(address);
            jvm.mayFail();
        }
    }
}
