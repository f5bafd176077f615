package tofu.engine.net;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
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
import org.jspecify.annotations.Nullable;

/// The port over one `java.nio` selector, for TCP and Unix domain sockets.
///
/// The system gives a closed stream's descriptor back at the next [#poll(long)], as the selector
/// still knows it until then; the same poll sends the RST of [NetStream#reset()].
///
/// Thread: as in [Net].
/// Owns: the selector. Streams and acceptors are their callers'; [#close()] closes what they left.
/// Errors: as in [Net]; besides [SocketOptionException] if an option cannot be set.
public final class NioNet implements Net {
    private static final long NANOS_PER_MILLI = 1_000_000;

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

    private NioNet(Selector selector) {
        this.selector = selector;
    }

    /// Opens a port of its own for one loop.
    ///
    /// @return the port, to be closed by the caller
    /// @throws IOException if the system has no descriptors left
    public static NioNet open() throws IOException {
        return new NioNet(Selector.open());
    }

    @Override
    public NetStream connect(SocketAddress address, NetHandler handler) throws IOException {
        boolean uds = address instanceof UnixDomainSocketAddress;
        SocketChannel channel =
                uds ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        boolean done = false;
        try {
            configure(channel, uds);
            boolean connected =
                    address instanceof UnixDomainSocketAddress file
                            ? UdsFile.connect(channel, file.getPath())
                            : channel.connect(address);
            NioStream stream = new NioStream(channel);
            stream.register(this, selector, handler, connected ? 0 : CONNECT);
            done = true;
            return stream;
        } catch (UnsupportedAddressTypeException | UnsupportedOperationException e) {
            throw unsupported(address, e);
        } finally {
            if (!done) {
                closeQuietly(channel);
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
        ServerSocketChannel server =
                address instanceof UnixDomainSocketAddress
                        ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        : ServerSocketChannel.open();
        UdsFile file = null;
        boolean done = false;
        try {
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
        } catch (UnsupportedAddressTypeException | UnsupportedOperationException e) {
            throw unsupported(address, e);
        } finally {
            if (!done) {
                discard(server, file);
            }
        }
    }

    /// For example an IPv6 address where there is no IPv6, or file modes where there are none.
    private static IOException unsupported(SocketAddress address, RuntimeException cause) {
        return new SocketException(address + " is of a kind that this system does not have", cause);
    }

    @Override
    public void register(NetStream stream, NetHandler handler) throws IOException {
        if (!(stream instanceof NioStream own)) {
            throw new IllegalArgumentException("not accepted by a NioNet: " + stream);
        }
        own.register(this, selector, handler, 0);
    }

    @Override
    public int poll(long maxWaitNanos) throws IOException {
        polling = true;
        handlerCalls = 0;
        try {
            if (maxWaitNanos <= 0) {
                selector.selectNow(dispatch);
            } else {
                selector.select(dispatch, toMillis(maxWaitNanos));
            }
        } finally {
            polling = false;
        }
        return handlerCalls;
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
            handlerCalls++;
            ((Target) key.attachment()).ready(key.readyOps());
        }
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
        } catch (IOException e) {
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
        // A restart need not wait for the old connections in TIME_WAIT; a second listener still
        // fails.
        set(server, StandardSocketOptions.SO_REUSEADDR, true);
        try {
            server.bind(address, backlog);
        } catch (BindException e) {
            // The JDK makes a BindException of EACCES and EADDRNOTAVAIL, too; only the text
            // differs. In another language than English, these stay "in use".
            String text = address + ": " + e.getMessage();
            if (text.endsWith("Permission denied")
                    || text.endsWith("Cannot assign requested address")) {
                throw new SocketException(text, e);
            }
            throw e;
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
