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

    /// Asks for the names.
    ///
    /// @return `null` if it cannot be told
    static PeerIdentity.@Nullable UnixUser of(SocketChannel channel) {
        if (!canTell(channel)) {
            return null;
        }
        try {
            UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
            return PeerIdentity.UnixUser.of(peer.user().getName(), peer.group().getName());
        } catch (IOException | UnsupportedOperationException | LinkageError e) {
            return null; // it is closed; or this module may not read that one
        }
    }

    /// Asks whether it is one of those; by their numbers, as a number may have several names.
    ///
    /// @return false, too, if it cannot be told
    static boolean isOneOf(SocketChannel channel, UnixUsers users) {
        if (!canTell(channel)) {
            return false;
        }
        try {
            UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
            return users.has(peer.user(), peer.group());
        } catch (IOException | UnsupportedOperationException | LinkageError e) {
            return false; // likewise
        }
    }

    private static boolean canTell(SocketChannel channel) {
        for (SocketOption<?> option : channel.supportedOptions()) {
            if (option.name().equals("SO_PEERCRED")) {
                return true;
            }
        }
        return false;
    }
}
