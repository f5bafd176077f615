package tofu.engine.net;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

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
        NioStream stream = new NioStream(openStream(address));
        boolean done = false;
        try {
            stream.dial(this, address, handler);
            done = true;
            return stream;
        } catch (RuntimeException | Error e) {
            throw failure(address, e);
        } finally {
            if (!done) {
                closeQuietly(stream.channel());
            }
        }
    }

    /// Opens a channel with its options set.
    static SocketChannel openStream(SocketAddress address) throws IOException {
        boolean uds = address instanceof UnixDomainSocketAddress;
        try {
            SocketChannel channel =
                    uds ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
            return configured(channel, uds);
        } catch (RuntimeException | Error e) {
            throw failure(address, e);
        }
    }

    /// Configures a channel, or closes it.
    static SocketChannel configured(SocketChannel channel, boolean uds) throws IOException {
        boolean done = false;
        try {
            configure(channel, uds);
            done = true;
            return channel;
        } finally {
            if (!done) {
                closeQuietly(channel);
            }
        }
    }

    /// Begins to connect a channel.
    ///
    /// @return true if connected, false if under way
    static boolean connect(SocketChannel channel, SocketAddress address) throws IOException {
        if (address instanceof UnixDomainSocketAddress file) {
            return UdsFile.connect(channel, file.getPath());
        }
        try {
            return channel.connect(address);
        } catch (SocketException e) {
            throw unreachable(address, e);
        }
    }

    /// What keeps an open TCP socket from being connected, and has no type of its own, lies on the
    /// way to the peer: no such network, say. The texts depend on the locale.
    ///
    /// @param what the channel, or its address
    static SocketException unreachable(Object what, SocketException cause) {
        if (cause.getClass() != SocketException.class) {
            return cause;
        }
        ConnectException failure = new ConnectException(what + ": " + cause.getMessage());
        failure.initCause(cause);
        return failure;
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
            server = openServer(address);
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
            throw failure(address, e);
        } finally {
            if (!done && server != null) {
                discard(server, file);
            }
        }
    }

    /// Opens a channel to listen with. An IPv4 one for an IPv4 address: the JDK's other ones take
    /// 0.0.0.0 for all that there is, IPv6 included.
    static ServerSocketChannel openServer(SocketAddress address) throws IOException {
        return switch (address) {
            case UnixDomainSocketAddress _ -> ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            case InetSocketAddress inet when inet.getAddress() instanceof Inet4Address ->
                    ServerSocketChannel.open(StandardProtocolFamily.INET);
            default -> ServerSocketChannel.open();
        };
    }

    /// What the JDK throws that is no [IOException] concerns one channel, too: an IPv6 address
    /// where there is no IPv6, file modes where there are none, a path that the locale cannot
    /// spell, no memory.
    ///
    /// @param what the channel, or its address
    static IOException failure(Object what, Throwable cause) {
        return new SocketException(what + ": " + cause, cause);
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
        closeQuietly(selector);
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

    /// The selector's bits for ours: bit 0 is the same, bit 1 is unused, the rest is one higher.
    static int toKeyOps(int ops) {
        return (ops & READ) | (ops & ~READ) << 1;
    }

    /// Our bits for the selector's.
    static int fromKeyOps(int keyOps) {
        return (keyOps & SelectionKey.OP_READ) | (keyOps & ~SelectionKey.OP_READ) >> 1;
    }

    /// Makes a stream's channel non-blocking; a TCP one sends at once, and notices in the end that
    /// its peer's machine is gone.
    static void configure(SocketChannel channel, boolean uds) throws IOException {
        channel.configureBlocking(false);
        if (!uds) {
            set(channel, StandardSocketOptions.TCP_NODELAY, true);
            set(channel, StandardSocketOptions.SO_KEEPALIVE, true);
        }
    }

    static void closeQuietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException | RuntimeException e) {
            // The descriptor is gone all the same, and nobody can do anything about the rest.
        }
    }

    /// Undoes listening. The file goes first: while the socket is open, no other file can have the
    /// inode number by which the file is known.
    static void discard(ServerSocketChannel server, @Nullable UdsFile file) {
        if (file != null) {
            file.remove();
        }
        closeQuietly(server);
    }

    private static void bindTcp(ServerSocketChannel server, SocketAddress address, int backlog)
            throws IOException {
        if (!(address instanceof InetSocketAddress inet) || inet.isUnresolved()) {
            throw new SocketException(address + " cannot be listened on");
        }
        try {
            bind(server, inet, backlog);
        } catch (BindException e) {
            throw BindProbe.explain(inet, e);
        }
    }

    static void bind(ServerSocketChannel server, InetSocketAddress address, int backlog)
            throws IOException {
        // A restart need not wait for the old connections in TIME_WAIT; a second listener still
        // fails.
        set(server, StandardSocketOptions.SO_REUSEADDR, true);
        try {
            server.bind(address, backlog);
        } catch (UnsupportedAddressTypeException e) {
            if (!address.getAddress().isAnyLocalAddress()) {
                throw e;
            }
            // There is no IPv6: IPv4 is all there is.
            server.bind(new InetSocketAddress(address.getPort()), backlog);
        }
    }

    private static <T> void set(NetworkChannel channel, SocketOption<T> option, T value)
            throws SocketOptionException {
        try {
            channel.setOption(option, value);
        } catch (IOException | UnsupportedOperationException e) {
            throw new SocketOptionException(option, e);
        }
    }
}
