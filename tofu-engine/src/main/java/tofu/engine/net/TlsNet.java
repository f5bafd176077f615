package tofu.engine.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import tofu.api.TlsSettings;

/// A net whose streams speak TLS, over another one. Both are one loop's: this one polls for both,
/// and registers the streams of both.
///
/// A stream may have decrypted bytes, or something to tell, though its socket has not: such a one
/// is *due*, and keeps a poll from waiting. And one that is closed *lingers* until the system has
/// taken its encrypted bytes and the peer has ended its side, too, but not for ever; and if there
/// are too many of those, the oldest gives way.
///
/// Thread: as in [Net].
/// Owns: the net below, and the loop's buffers.
public final class TlsNet implements Net {
    /// Closed streams that peers keep open may not use up the descriptors.
    private static final int MOST_LINGERING = 256;

    private final Net below;
    private final LongSupplier clock;
    private final long lingerNanos;
    final TlsEngines engines;
    final TlsTasks tasks;
    final TlsBuffers buffers = new TlsBuffers();

    /// Added to by whoever acts as the loop while the poller waits.
    private final Queue<TlsStream> due = new ConcurrentLinkedQueue<>();

    /// Likewise; in the order in which they will have to go.
    private final Queue<TlsClosing> lingering = new ConcurrentLinkedQueue<>();

    private int lingerers;

    private long changes;

    /// A net of one loop.
    ///
    /// @param below the loop's net for plain streams, this one's from now on
    /// @param settings keys, certificates and versions
    /// @param tasks beside the loop
    /// @param clock nanoseconds, as [System#nanoTime()] counts them
    /// @param lingerNanos how long a stream that is closed may take to send its rest and to
    ///     hear of the peer's end
    public TlsNet(
            Net below, TlsSettings settings, TlsTasks tasks, LongSupplier clock, long lingerNanos) {
        this.below = below;
        this.engines = new TlsEngines(settings);
        this.tasks = tasks;
        this.clock = clock;
        this.lingerNanos = lingerNanos;
    }

    /// Connects; the server's certificate must be for the address's host as it was spelt
    /// ([java.net.InetSocketAddress#getHostString()]), unless the settings say otherwise.
    @Override
    public NetStream connect(SocketAddress address, NetHandler handler) throws IOException {
        return TlsStream.connect(this, below, address, handler);
    }

    @Override
    public NetAcceptor listen(
            SocketAddress address,
            int backlog,
            Set<PosixFilePermission> permissions,
            NetHandler handler)
            throws IOException {
        return new TlsAcceptor(below.listen(address, backlog, permissions, handler));
    }

    @Override
    public void register(NetStream stream, NetHandler handler) throws IOException {
        if (stream instanceof TlsStream tls) {
            tls.register(this, below, handler);
        } else {
            below.register(stream, handler);
        }
    }

    @Override
    public int poll(long maxWaitNanos, Runnable awake) throws IOException {
        if (due.isEmpty() && lingering.isEmpty()) {
            return below.poll(maxWaitNanos, awake);
        }
        boolean isAwake = below.hasMore();
        int called = below.poll(due.isEmpty() ? limit(maxWaitNanos) : 0, awake);
        // Those that are due have one turn for all that one look has found, not one in each part.
        if (below.hasMore() || (due.isEmpty() && !isLingeringOver())) {
            return called;
        }
        if (called == 0 && !isAwake) {
            awake.run();
        }
        return called + runDue() + endLingering();
    }

    private long limit(long maxWaitNanos) {
        TlsClosing first = lingering.peek();
        return first == null
                ? maxWaitNanos
                : Math.min(maxWaitNanos, Math.max(first.endNanos() - clock.getAsLong(), 1));
    }

    private boolean isLingeringOver() {
        TlsClosing first = lingering.peek();
        return first != null && first.endNanos() - clock.getAsLong() <= 0;
    }

    /// Those that become due meanwhile have their turn in the next poll.
    private int runDue() {
        int called = 0;
        for (int left = due.size(); left > 0; left--) {
            TlsStream stream = due.poll();
            if (stream != null) {
                stream.runDue();
                called++;
            }
        }
        return called;
    }

    private int endLingering() {
        int ended = 0;
        while (isLingeringOver()) {
            endFirstLingering();
            ended++;
        }
        return ended;
    }

    private void endFirstLingering() {
        TlsClosing first = lingering.poll();
        if (first != null) {
            lingerers--;
            first.end();
        }
    }

    /// A stream has something to tell, though its socket has not.
    void addDue(TlsStream stream) {
        due.add(stream);
        changes++;
    }

    /// Until when a stream that is closed now may linger.
    long lingerEnd() {
        return clock.getAsLong() + lingerNanos;
    }

    /// A stream is closed and its end not over.
    void addLingering(TlsClosing stream) {
        lingering.add(stream);
        lingerers++;
        changes++;
        if (lingerers > MOST_LINGERING) {
            endFirstLingering();
        }
    }

    /// A stream's end is over.
    void removeLingering(TlsClosing stream) {
        if (lingering.remove(stream)) {
            lingerers--;
        }
    }

    @Override
    public boolean hasMore() {
        return below.hasMore();
    }

    @Override
    public void wakeup() {
        below.wakeup();
    }

    @Override
    public long changes() {
        return below.changes() + changes;
    }

    @Override
    public void close() {
        below.close();
    }
}
