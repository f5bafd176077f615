package tofu.engine;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import tofu.engine.net.NetStream;

/// What other threads ask of a loop; the control plane.
sealed interface Command {
    /// Takes over a connection that another loop accepted.
    ///
    /// @param number the channel number that is reserved for it
    /// @param arrival its place among the [Handshakes]
    record Adopt(NetStream stream, EngineGroup group, int number, long arrival)
            implements Command {}

    /// A name lookup has ended.
    ///
    /// @param addresses what was found, empty if nothing
    record Resolved(Lookup waiting, List<InetAddress> addresses) implements Command {}

    /// Ends a connection that has not said hello, unless it has by now.
    record Evict(Connection oldest) implements Command {}

    /// Ends all channels of a group on this loop.
    record CloseGroup(EngineGroup group, CountDownLatch done) implements Command {}

    /// Who waits for a name lookup.
    interface Lookup {
        /// Called on the loop.
        void onResolved(List<InetAddress> addresses, long nowNanos);
    }
}
