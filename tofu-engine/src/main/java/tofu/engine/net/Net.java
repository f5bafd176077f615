package tofu.engine.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/// What one event loop needs of an operating system: non-blocking byte streams, acceptors, and a
/// wait for their readiness.
///
/// Thread: the loop that owns it, except [#wakeup()]; while one thread waits in
/// [#poll(long, Runnable)], and until that calls `awake`, another may act as the loop. Never blocks
/// outside `poll`, and looks up no names.
public interface Net extends AutoCloseable {
    /// Readiness and interest bit: bytes, end of stream or a failure can be read.
    int READ = 1;

    /// Readiness and interest bit: bytes can be written.
    int WRITE = 2;

    /// Readiness and interest bit: [NetStream#finishConnect()] will tell the outcome; or, if that
    /// has been told, [NetStream#isSecuring()] is over.
    int CONNECT = 4;

    /// Readiness and interest bit: [NetAcceptor#accept()] has a connection or a failure.
    int ACCEPT = 8;

    /// Begins to connect. The stream starts with interest [#CONNECT], or, if it is connected at
    /// once, with none; [NetStream#finishConnect()] is to be called in both cases. To a path whose
    /// listener has no room in its backlog it goes on trying until the stream is closed.
    ///
    /// @param address resolved TCP address or a Unix domain socket path
    /// @param handler told of readiness, see [NetHandler]
    /// @return the stream, owned by the caller
    /// @throws java.nio.file.NoSuchFileException if the path does not exist
    /// @throws java.net.ConnectException if nobody listens, or there is no way to it
    /// @throws IOException if it is refused at once; nothing is left open
    NetStream connect(SocketAddress address, NetHandler handler) throws IOException;

    /// Listens, with interest [#ACCEPT]. An IPv4 address, 0.0.0.0 included, is listened on with
    /// IPv4 only; `::` with all that there is.
    ///
    /// A Unix domain socket's file appears with its permissions already set, replaces a stale file,
    /// and never takes the place of a live listener or of a file that is no socket.
    ///
    /// @param address resolved TCP address or a Unix domain socket path
    /// @param backlog connections that the system holds
    /// @param permissions file mode of a Unix domain socket
    /// @param handler told of readiness
    /// @return the acceptor, owned by the caller
    /// @throws java.net.BindException if somebody listens there already
    /// @throws java.nio.file.FileAlreadyExistsException if there is a file that is no socket
    /// @throws IOException if it cannot be listened on; nothing is left open, no file left behind
    NetAcceptor listen(
            SocketAddress address,
            int backlog,
            Set<PosixFilePermission> permissions,
            NetHandler handler)
            throws IOException;

    /// Takes over a stream that some loop's [NetAcceptor#accept()] returned, with no interest.
    ///
    /// @param stream a stream that is registered nowhere
    /// @param handler told of readiness
    /// @throws IOException if the stream is closed already
    void register(NetStream stream, NetHandler handler) throws IOException;

    /// Waits until something is ready, the time is over, [#wakeup()] was called or the thread was
    /// interrupted, then calls ready handlers, each once: all, or a bounded number of them, see
    /// [#hasMore()]. An interrupt stays pending.
    ///
    /// @param maxWaitNanos how long to wait at most; zero or less polls; [Long#MAX_VALUE] waits
    ///     without end
    /// @param awake called once before the first handler: the wait is over, and the caller acts as
    ///     the loop again. Not called if there is no handler to call, but by a poll that goes on
    ///     with what the last one has left
    /// @return how many handlers were called
    /// @throws IOException if waiting itself failed
    int poll(long maxWaitNanos, Runnable awake) throws IOException;

    /// Whether the last poll has found more that is ready than it has called. The next one goes on
    /// with those that still are, and neither waits nor looks for others.
    ///
    /// @return false for a net that always calls all
    boolean hasMore();

    /// Makes a current or the next poll return at once. Any thread.
    void wakeup();

    /// Counts what a poll that is under way does not see before [#wakeup()]: changes of
    /// interest, and what was opened or closed meanwhile.
    ///
    /// @return a number that has changed if there was such a thing
    long changes();

    /// Frees the means of waiting. Streams and acceptors are to be closed before.
    @Override
    void close();
}
