package tofu.engine.net;

import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// A listening socket; never blocks.
///
/// Thread: the loop that it is registered with.
public interface NetAcceptor {
    /// Accepts one connection.
    ///
    /// @return a stream owned by the caller and registered nowhere, or `null` when there is none
    ///     now
    /// @throws PeerException if one could not be accepted because of its peer
    /// @throws IOException if none can be accepted now, for example for want of descriptors
    @Nullable NetStream accept() throws IOException;

    /// Says whether waiting connections are to be told.
    ///
    /// @param accepting false to let them wait in the system's backlog
    void interest(boolean accepting);

    /// Where it listens, with the port that the system chose.
    ///
    /// @return the bound address
    SocketAddress localAddress();

    /// Closes, and removes the file of a Unix domain socket if it is still its own. Closing twice
    /// does nothing.
    void close();
}
