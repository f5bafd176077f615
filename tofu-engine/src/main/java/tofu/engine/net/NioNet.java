package tofu.engine.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.Selector;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.function.LongSupplier;

/// The port over one `java.nio` selector, for TCP and Unix domain sockets.
///
/// The system gives a closed stream's descriptor back at the next [#poll(long, Runnable)], as the
/// selector still knows it until then; the same poll sends the RST of [NetStream#reset()].
///
/// Thread: as in [Net].
/// Owns: the selector. Streams and acceptors are their callers'; [#close()] closes what they left.
/// Errors: as in [Net]; besides [SocketOptionException] if an option cannot be set.
public final class NioNet implements Net {
    private final Selection selection;

    private NioNet(Selection selection) {
        this.selection = selection;
    }

    /// Opens a port of its own for one loop.
    ///
    /// @param clock nanoseconds, as [System#nanoTime()] counts them
    /// @return the port, to be closed by the caller
    /// @throws IOException if the system has no descriptors left
    public static NioNet open(LongSupplier clock) throws IOException {
        FirstSockets.open();
        return new NioNet(new Selection(Selector.open(), clock));
    }

    @Override
    public NetStream connect(SocketAddress address, NetHandler handler) throws IOException {
        NioStream stream = new NioStream(Sockets.openStream(address));
        boolean done = false;
        try {
            stream.dial(selection, address, handler);
            done = true;
            return stream;
        } catch (RuntimeException | Error e) {
            throw Sockets.failure(address, e);
        } finally {
            if (!done) {
                Sockets.closeQuietly(stream.channel());
            }
        }
    }

    @Override
    public NetAcceptor listen(
            SocketAddress address,
            int backlog,
            Set<PosixFilePermission> permissions,
            NetHandler handler)
            throws IOException {
        try {
            return NioAcceptor.listen(selection, address, backlog, permissions, handler);
        } catch (RuntimeException | Error e) {
            throw Sockets.failure(address, e);
        }
    }

    @Override
    public void register(NetStream stream, NetHandler handler) throws IOException {
        if (!(stream instanceof NioStream own)) {
            throw new IllegalArgumentException("not accepted by a NioNet: " + stream);
        }
        own.register(selection, handler, 0);
    }

    @Override
    public int poll(long maxWaitNanos, Runnable awake) throws IOException {
        return selection.poll(maxWaitNanos, awake);
    }

    @Override
    public boolean hasMore() {
        return selection.hasMore();
    }

    @Override
    public void wakeup() {
        selection.wakeup();
    }

    @Override
    public long changes() {
        return selection.changes();
    }

    @Override
    public void close() {
        selection.close();
    }
}
