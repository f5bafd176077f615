package tofu.engine.net;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.function.Consumer;
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
    private static final long NANOS_PER_MILLI = 1_000_000;

    /// After so many in a row the selector itself is out of order.
    static final int MAX_FAILED_POLLS = 16;

    /// What a key of this selector is attached to.
    sealed interface Target permits NioStream, NioAcceptor {
        /// Calls the handler.
        ///
        /// @param keyOps readiness, as the selector spells it
        void ready(int keyOps);

        /// Closes; twice does nothing.
        void close();
    }

    private final Selector selector;

    /// Stored, so that polling allocates nothing.
    private final Consumer<SelectionKey> dispatch = this::dispatch;

    /// Read by who acts as the loop while it waits.
    private volatile boolean polling;

    private long changes;

    /// Handlers called by the poll that is under way; a field because `dispatch` must not capture.
    private int handlerCalls;

    /// Called by the poll that is under way before its first handler; a field likewise.
    private Runnable onFirstCall = () -> {};

    private final Runnable onCall = this::onCall;

    private final LongSupplier clock;
    private final Redials redials = new Redials();

    /// Polls that failed, one after the other.
    private int failedPolls;

    NioNet(Selector selector, LongSupplier clock) {
        this.selector = selector;
        this.clock = clock;
    }

    /// Opens a port of its own for one loop.
    ///
    /// @param clock nanoseconds, as [System#nanoTime()] counts them
    /// @return the port, to be closed by the caller
    /// @throws IOException if the system has no descriptors left
    public static NioNet open(LongSupplier clock) throws IOException {
        FirstSockets.open();
        return new NioNet(Selector.open(), clock);
    }

    @Override
    public NetStream connect(SocketAddress address, NetHandler handler) throws IOException {
        NioStream stream = new NioStream(Sockets.openStream(address));
        boolean done = false;
        try {
            stream.dial(this, address, handler);
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
        ServerSocketChannel server = null;
        UdsFile file = null;
        boolean done = false;
        try {
            server = Sockets.openServer(address);
            server.configureBlocking(false);
            if (address instanceof UnixDomainSocketAddress uds) {
                file = UdsFile.listen(server, uds.getPath(), backlog, permissions);
            } else {
                bindTcp(server, address, backlog);
            }
            SocketAddress local = file == null ? server.getLocalAddress() : address;
            NioAcceptor acceptor = new NioAcceptor(this, server, file, local, handler);
            acceptor.register(selector);
            onChange();
            done = true;
            return acceptor;
        } catch (RuntimeException | Error e) {
            throw Sockets.failure(address, e);
        } finally {
            if (!done && server != null) {
                NioAcceptor.discard(server, file);
            }
        }
    }

    @Override
    public void register(NetStream stream, NetHandler handler) throws IOException {
        if (!(stream instanceof NioStream own)) {
            throw new IllegalArgumentException("not accepted by a NioNet: " + stream);
        }
        own.register(this, selector, handler, 0);
    }

    @Override
    public int poll(long maxWaitNanos, Runnable awake) throws IOException {
        polling = true;
        onFirstCall = awake;
        handlerCalls = 0;
        try {
            if (redials.isEmpty()) {
                select(maxWaitNanos);
            } else {
                select(redials.limit(maxWaitNanos, clock.getAsLong()));
                redials.runDue(clock.getAsLong(), onCall);
            }
        } finally {
            polling = false;
        }
        return handlerCalls;
    }

    /// One failure is most likely that of a channel which was closed, and is forgotten by now.
    private void select(long maxWaitNanos) throws IOException {
        try {
            if (maxWaitNanos <= 0) {
                selector.selectNow(dispatch);
            } else {
                selector.select(dispatch, toMillis(maxWaitNanos));
            }
            failedPolls = 0;
        } catch (IOException e) {
            failedPolls++;
            if (failedPolls == MAX_FAILED_POLLS) {
                throw e;
            }
        }
    }

    Selector selector() {
        return selector;
    }

    /// Calls the stream's handler again, after a while.
    void redial(NioStream stream) {
        redials.add(stream);
        onChange();
    }

    @Override
    public void wakeup() {
        selector.wakeup();
    }

    @Override
    public long changes() {
        return changes;
    }

    /// Something has changed that a select under way does not see.
    void onChange() {
        changes++;
    }

    @Override
    public void close() {
        if (!selector.isOpen()) {
            return;
        }
        for (SelectionKey key : selector.keys()) {
            ((Target) key.attachment()).close();
        }
        Sockets.closeQuietly(selector);
    }

    private void dispatch(SelectionKey key) {
        // A handler of this round may have closed it.
        if (key.isValid()) {
            onCall();
            ((Target) key.attachment()).ready(key.readyOps());
        }
    }

    /// Before each call of a handler.
    private void onCall() {
        if (handlerCalls == 0) {
            onFirstCall.run();
        }
        handlerCalls++;
    }

    /// Gives the descriptors of closed channels back now, unless a handler is running.
    void releaseClosed() {
        if (polling || !selector.isOpen()) {
            return;
        }
        try {
            selector.selectNow(key -> {}); // what is ready stays so for the next poll
        } catch (IOException e) {
            // The next poll releases them, or reports it.
        }
        selector.wakeup(); // selectNow may have eaten one
    }

    /// Milliseconds as `select` takes them: rounded up, at least 1; 0 for [Long#MAX_VALUE], its
    /// "without end".
    ///
    /// @param nanos more than 0
    static long toMillis(long nanos) {
        assert nanos > 0 : nanos;
        if (nanos == Long.MAX_VALUE) {
            return 0;
        }
        return nanos / NANOS_PER_MILLI + (nanos % NANOS_PER_MILLI == 0 ? 0 : 1);
    }

    private static void bindTcp(ServerSocketChannel server, SocketAddress address, int backlog)
            throws IOException {
        if (!(address instanceof InetSocketAddress inet) || inet.isUnresolved()) {
            throw new SocketException(address + " cannot be listened on");
        }
        try {
            Sockets.bind(server, inet, backlog);
        } catch (BindException e) {
            throw BindProbe.explain(inet, e);
        }
    }
}
