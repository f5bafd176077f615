package tofu.engine.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tofu.api.PeerIdentity;

/// One end of a connected, or connecting, byte stream; never blocks.
///
/// Thread: the loop that it is registered with.
public interface NetStream {
    /// Completes connecting, after which there is no more interest in [Net#CONNECT].
    ///
    /// @return true when connected, false when it is still under way
    /// @throws IOException if the connection was refused or failed; the stream is closed then
    boolean finishConnect() throws IOException;

    /// Reads what there is, at most the buffer's remaining bytes.
    ///
    /// @param target a buffer with room, direct if it is to be fast
    /// @return the number of bytes, 0 when there are none now, -1 at the end of the stream
    /// @throws IOException if the connection failed
    int read(ByteBuffer target) throws IOException;

    /// Writes what the system takes now, at most the buffer's remaining bytes.
    ///
    /// @param source a buffer, direct if it is to be fast; not kept
    /// @return the number of bytes, 0 when the system takes none now
    /// @throws IOException if the connection failed
    int write(ByteBuffer source) throws IOException;

    /// Writes what the system takes now of several buffers, in one call if it can.
    ///
    /// @param sources direct buffers with bytes; not kept
    /// @param count how many of them, 1 or more
    /// @return the number of bytes, 0 when the system takes none now
    /// @throws IOException if the connection failed, and nothing was taken
    default int write(ByteBuffer[] sources, int count) throws IOException {
        int bytes = 0;
        for (int i = 0; i < count; i++) {
            try {
                bytes += write(sources[i]);
            } catch (IOException e) {
                if (bytes == 0) {
                    throw e;
                }
                return bytes; // the next one finds it
            }
            if (sources[i].hasRemaining()) {
                break;
            }
        }
        return bytes;
    }

    /// How many bytes are worth a write of their own: with fewer the system calls count, with many
    /// more the system takes only a part of them.
    ///
    /// @return a power of two
    int gatheredBytes();

    /// Our end, as the system has it.
    ///
    /// @return the address; `null` if there is none, or it cannot be told
    default @Nullable SocketAddress localAddress() {
        return null;
    }

    /// The peer's end, as the system has it.
    ///
    /// @return the address; `null` if there is none, or it cannot be told
    default @Nullable SocketAddress remoteAddress() {
        return null;
    }

    /// Whether it is connected, and the two ends are still agreeing on how to speak: until that is
    /// over, nothing is read or written. The end of it is told as [Net#CONNECT] to whom that is of
    /// interest; that it has failed, by reading and writing.
    ///
    /// @return false, for a stream that has no such thing at all times
    default boolean isSecuring() {
        return false;
    }

    /// What the peer has proved of itself. Any thread but a loop: the system may have to look up
    /// its name.
    ///
    /// @return `null` if it has proved nothing, or not yet
    default PeerIdentity.@Nullable Credentials credentials() {
        return null;
    }

    /// Whether the peer is one of such users. Any thread but a loop, likewise.
    ///
    /// @param users who would do
    /// @return false if it is not, or if nobody can tell
    default boolean isFrom(UnixUsers users) {
        return false;
    }

    /// Says when the system is to ask whether the peer is still there, if it is one to ask so.
    ///
    /// @param values how long, and how often
    default void keepAlive(KeepAlive values) {}

    /// Says which readiness is to be told; cheap when nothing changes.
    ///
    /// @param ops bits of [Net#READ], [Net#WRITE], [Net#CONNECT]
    void interest(int ops);

    /// Ends the own direction: the peer reads what was written, then the end of the stream.
    ///
    /// @throws IOException if the connection failed
    void shutdownOutput() throws IOException;

    /// Closes; what was written is still sent, unless there is input that was not read. The
    /// descriptor is free after the next poll. Closing twice does nothing.
    void close();

    /// Closes and tells the peer that the connection is broken; what was written may be lost.
    /// Takes effect by the next poll.
    void reset();

    /// Says what is to happen once there is nothing left of the stream, which is closed or reset:
    /// some have still to say, or to hear, the end.
    ///
    /// @param then run on the loop, at once if nothing is left; not if the net is closed before
    default void whenGone(Runnable then) {
        then.run();
    }
}
