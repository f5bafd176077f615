package tofu.engine.net;

import java.io.IOException;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;
import tofu.api.PeerIdentity;

/// Asks the system who is at the other end of a Unix domain socket.
///
/// The JDK's module that knows how, `jdk.net`, need not be there.
///
/// Threads: any but a loop: names of users may be looked up in the network.
final class UnixPeer {
    private UnixPeer() {}

    /// Asks.
    ///
    /// @return `null` if it cannot be told
    static PeerIdentity.@Nullable UnixUser of(SocketChannel channel) {
        for (SocketOption<?> option : channel.supportedOptions()) {
            if (option.name().equals("SO_PEERCRED")) {
                return ask(channel);
            }
        }
        return null;
    }

    private static PeerIdentity.@Nullable UnixUser ask(SocketChannel channel) {
        try {
            UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
            return new PeerIdentity.UnixUser(peer.user().getName(), peer.group().getName());
        } catch (IOException | UnsupportedOperationException | LinkageError e) {
            return null; // it is closed; or this module may not read that one
        }
    }
}
