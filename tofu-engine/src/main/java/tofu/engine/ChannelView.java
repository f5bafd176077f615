package tofu.engine;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Channel;
import tofu.api.PeerIdentity;
import tofu.api.Status;
import tofu.engine.link.Endpoint;

/// A channel as an application sees it: asks the endpoint, and keeps nothing.
///
/// Threads: any.
record ChannelView(Endpoint endpoint) implements Channel {
    @Override
    public int number() {
        return endpoint.channel().number();
    }

    @Override
    public Role role() {
        return endpoint.role();
    }

    @Override
    public State state() {
        return switch (endpoint.channel().seenState()) {
            case OPENING, CONNECTING -> State.OPENING;
            case LISTENING, OPEN -> State.OPEN;
            case BYE_SENT -> State.BYE_SENT;
            case BYE_RECEIVED -> State.BYE_RECEIVED;
            case CLOSING -> State.CLOSING;
            case CLOSED -> State.CLOSED;
        };
    }

    @Override
    public @Nullable Address localAddress() {
        SocketAddress address = endpoint.localAddress();
        return address == null ? null : addressOf(address, role() == Role.LISTENER);
    }

    @Override
    public @Nullable Address remoteAddress() {
        SocketAddress address = endpoint.remoteAddress();
        return address == null ? null : addressOf(address, false);
    }

    @Override
    public PeerIdentity peer() {
        return PeerIdentity.of(remoteAddress(), endpoint.credentials());
    }

    /// What the system has, as an address; `null` if it has no name, or one that is none of ours.
    private static @Nullable Address addressOf(SocketAddress address, boolean listener) {
        try {
            return switch (address) {
                case InetSocketAddress inet when listener ->
                        new Address.TcpServer(isAnyV6(inet) ? "" : host(inet), inet.getPort());
                case InetSocketAddress inet -> new Address.TcpClient(host(inet), inet.getPort());
                case UnixDomainSocketAddress file when listener ->
                        new Address.UdsServer(file.getPath().toString());
                case UnixDomainSocketAddress file ->
                        new Address.UdsClient(file.getPath().toString());
                default -> null;
            };
        } catch (AmpeException noName) {
            return null;
        }
    }

    /// On all interfaces, IPv4 and IPv6: an address without a host.
    private static boolean isAnyV6(InetSocketAddress inet) {
        return inet.getAddress() instanceof Inet6Address any && any.isAnyLocalAddress();
    }

    /// Never a name: `getHostString` has the one that was looked up.
    private static String host(InetSocketAddress inet) {
        return inet.getAddress() == null
                ? inet.getHostString()
                : inet.getAddress().getHostAddress();
    }

    @Override
    public int queuedMessages() {
        return endpoint.channel().sendQueue().messages();
    }

    @Override
    public long queuedBytes() {
        return endpoint.channel().sendQueue().bytes();
    }

    @Override
    public boolean hasRoom() {
        return endpoint.channel().sendQueue().hasRoom();
    }

    @Override
    public void pauseReceive() {
        checkReceives();
        endpoint.channel().pause(true);
    }

    @Override
    public void resumeReceive() {
        checkReceives();
        endpoint.channel().pause(false);
    }

    private void checkReceives() {
        if (role() == Role.LISTENER) {
            throw new AmpeException(Status.NOT_ALLOWED, "channel " + number() + " is a listener");
        }
    }

    @Override
    public boolean isReceivePaused() {
        return endpoint.channel().isPaused();
    }

    @Override
    public String toString() {
        return "Channel["
                + ("number=" + number())
                + (", role=" + role())
                + (", state=" + state())
                + (", local=" + localAddress())
                + (", remote=" + remoteAddress())
                + (", queued=" + queuedMessages())
                + "]";
    }
}
