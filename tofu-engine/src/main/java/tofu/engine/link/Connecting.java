package tofu.engine.link;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Status;
import tofu.engine.channel.Deadline;
import tofu.engine.channel.State;
import tofu.engine.channel.Stream;
import tofu.engine.net.Net;
import tofu.engine.net.NetHandler;
import tofu.engine.net.NetStream;
import tofu.pool.SlabMessage;
import tofu.pool.Slot;

/// How a client's connection comes about: its HelloRequest names an address, the name is looked up
/// if it is one, and what was found is tried one after the other, until one accepts.
///
/// Thread: the loop. Owns the socket until it is connected.
final class Connecting implements NameLookup.Caller {
    /// Whose connection it is.
    interface Client extends NetHandler {
        /// The peer has accepted.
        ///
        /// @param connected the socket, the client's from now on
        void onConnected(NetStream connected, long nowNanos);

        /// Whether nothing is to happen any more.
        boolean hasEnded();

        /// Something has changed.
        void settle(long nowNanos);
    }

    private final Client client;
    private final Workbench bench;
    private final Stream stream;
    private final NameLookup lookup;

    /// Where the socket is to come from, once the address is known.
    private @Nullable Net net;

    /// While the addresses are tried.
    private @Nullable Candidates candidates;

    /// Of the address that is being tried.
    private @Nullable NetStream socket;

    /// @param client told when it is connected, and of readiness until then
    Connecting(Client client, Workbench bench, Stream stream) {
        this.client = client;
        this.bench = bench;
        this.stream = stream;
        this.lookup = new NameLookup(bench, this);
    }

    void begin(Slot hello, long nowNanos) {
        Address address;
        try {
            address = Address.parse(SlabMessage.view(hello));
        } catch (AmpeException e) {
            stream.onConnectFailed(e.status(), true);
            return;
        }
        net = bench.netFor(address);
        if (net == null) {
            stream.onConnectFailed(Status.TLS_FAILED, true);
            return;
        }
        SocketAddress target = address.unresolved();
        if (target instanceof InetSocketAddress inet && inet.isUnresolved()) {
            if (!lookup.ask(inet.getHostString())) {
                stream.onConnectFailed(Status.COMMUNICATION_FAILED, false);
            }
            return;
        }
        candidates = new Candidates(List.of(target));
        tryNext(nowNanos, Status.CONNECT_FAILED);
    }

    @Override
    public void onResolved(List<InetAddress> addresses, long nowNanos) {
        Slot hello = stream.hello();
        if (client.hasEnded() || hello == null) {
            return;
        }
        if (addresses.isEmpty()) {
            stream.onConnectFailed(Status.INVALID_ADDRESS, true);
        } else {
            SocketAddress host = Address.parse(SlabMessage.view(hello)).unresolved();
            candidates = new Candidates(NameLookup.named((InetSocketAddress) host, addresses));
            tryNext(nowNanos, Status.CONNECT_FAILED);
        }
        client.settle(nowNanos);
    }

    /// When the turn of the address is over that is being tried.
    long deadlineNanos() {
        Candidates trying = candidates;
        return trying == null ? Deadline.NONE : trying.deadlineNanos();
    }

    /// If its turn is over, the address has neither accepted nor refused, and another one waits.
    void onTick(long nowNanos) {
        NetStream slow = socket;
        if (slow != null
                && stream.state() == State.CONNECTING
                && Deadline.isDue(deadlineNanos(), nowNanos)) {
            slow.close();
            socket = null;
            tryNext(nowNanos, Status.CONNECT_TIMEOUT);
        }
    }

    /// The socket may have connected, or failed to.
    void onReady(long nowNanos) {
        NetStream trying = socket;
        if (trying == null || stream.state() != State.CONNECTING) {
            return;
        }
        try {
            if (trying.finishConnect()) {
                socket = null;
                candidates = null;
                client.onConnected(trying, nowNanos);
            }
        } catch (IOException e) {
            trying.close();
            socket = null;
            tryNext(nowNanos, Failures.connecting(e));
        }
    }

    /// Begins to connect to the next address.
    ///
    /// @param failure why the one before failed: the reason, if there is no other
    private void tryNext(long nowNanos, Status failure) {
        Candidates untried = candidates;
        Status reason = failure;
        while (net != null && untried != null && untried.hasNext()) {
            SocketAddress address = untried.next(nowNanos, stream.deadlineNanos());
            try {
                socket = net.connect(address, client);
                onReady(nowNanos);
                return;
            } catch (IOException e) {
                reason = Failures.connecting(e);
            }
        }
        stream.onConnectFailed(reason, reason == Status.UDS_PATH_NOT_FOUND);
    }

    /// Connects no more.
    void end() {
        lookup.withdraw();
        NetStream trying = socket;
        socket = null;
        if (trying != null) {
            trying.close();
        }
    }
}
