package tofu.engine.link;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Channel.Role;
import tofu.api.Options;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.engine.channel.Channel;
import tofu.engine.channel.Deadline;
import tofu.engine.channel.Listener;
import tofu.engine.channel.State;
import tofu.engine.loop.Reactor;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NetHandler;
import tofu.engine.net.NetStream;
import tofu.engine.net.PeerException;
import tofu.pool.MessageIds;
import tofu.pool.SlabMessage;
import tofu.pool.Slot;

/// A listener with its socket: binds it, and accepts connections for the listener's group.
///
/// When a connection cannot be accepted for want of descriptors or channel numbers, accepting
/// pauses, longer each time, and the group is told once; connections wait in the system's backlog.
/// A connection that cannot be accepted because of its peer is told of, too, and delays no other.
///
/// Thread: the loop, except the accessors. Owns the socket.
public final class ListenSocket implements Endpoint, NetHandler, NameLookup.Caller {
    /// Connections of one readiness: a flood does not keep the loop from the others.
    private static final int MAX_ACCEPTS = 64;

    private static final long FIRST_PAUSE_NANOS = 10_000_000;
    private static final long LONGEST_PAUSE_NANOS = 640_000_000;
    private static final long QUIET_NANOS = 1_000_000_000;

    private static final InetAddress EVERYWHERE = Inet6Address.ofLiteral("::");

    private final Workbench bench;
    private final Seat seat;
    private final Reception reception;
    private final Listener listener;
    private final Account account;
    private final NameLookup lookup;

    /// Where the socket is to come from, once the address is known.
    private @Nullable Net net;

    private @Nullable NetAcceptor socket;

    /// Where it listens, for those who look.
    private volatile @Nullable SocketAddress localAddress;

    private long pauseNanos = FIRST_PAUSE_NANOS;

    /// When a lookup has taken too long, or a pause is over.
    private long alarmNanos = Deadline.NONE;

    /// A notice of trouble that the application has not taken yet: one at a time.
    private volatile boolean troubleTold;

    /// No notice of trouble before this.
    private long quietUntil = Deadline.NONE;

    /// A listener that begins when its WelcomeRequest is scheduled. Any thread.
    ///
    /// @param bench of the loop that it lives on
    /// @param outbox its group's, on that loop
    /// @param number its channel number
    /// @param arrivals where connections go that it accepts
    public ListenSocket(Workbench bench, Outbox outbox, int number, Arrivals arrivals) {
        this.bench = bench;
        this.seat = new Seat(bench, outbox, number, this);
        this.reception =
                new Reception(
                        bench, outbox.mailbox(), arrivals, () -> pause(Status.TOO_MANY_CHANNELS));
        this.listener =
                new Listener(number, bench.limits, bench.memory, seat, seat.numberRelease());
        this.account = new Account(outbox.mailbox().totals(), this, bench.shared.recorder());
        this.lookup = new NameLookup(bench, this);
    }

    @Override
    public Reactor loop() {
        return bench.loop;
    }

    @Override
    public Mailbox mailbox() {
        return seat.outbox.mailbox();
    }

    @Override
    public Channel channel() {
        return listener;
    }

    @Override
    public Role role() {
        return Role.LISTENER;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return null;
    }

    @Override
    public long endedNanos() {
        return seat.endedNanos();
    }

    @Override
    public Account account() {
        return account;
    }

    @Override
    public boolean isStranger() {
        return false;
    }

    @Override
    public void onScheduled(long nowNanos) {
        if (seat.isLeft()) {
            return;
        }
        listener.onPost(nowNanos);
        if (seat.begin()) {
            Slot welcome = listener.welcome();
            if (welcome != null) {
                open(welcome, nowNanos);
            }
        }
        settle();
    }

    @Override
    public long deadlineNanos() {
        return alarmNanos;
    }

    @Override
    public void onTick(long nowNanos) {
        if (!Deadline.isDue(alarmNanos, nowNanos)) {
            return;
        }
        alarmNanos = Deadline.NONE;
        if (lookup.isUnderWay()) {
            account.deadlineHit(DeadlineName.CONNECT);
            listener.onFailure(Status.INVALID_ADDRESS);
            settle();
        } else if (socket != null) {
            socket.interest(true);
        }
    }

    @Override
    public void onGroupClosed(long nowNanos) {
        listener.onGroupClosed(nowNanos);
        settle();
    }

    @Override
    public void abandon() {
        seat.abandon();
        lookup.withdraw();
        reception.close();
        if (socket != null) {
            socket.close();
        }
        listener.abandon();
    }

    @Override
    public void onReady(int ops) {
        NetAcceptor from = socket;
        for (int i = 0; i < MAX_ACCEPTS && from != null; i++) {
            try {
                NetStream accepted = from.accept();
                if (accepted == null) {
                    return;
                }
                if (!reception.receive(accepted, localAddress)) {
                    return;
                }
                pauseNanos = Math.max(pauseNanos / 2, FIRST_PAUSE_NANOS);
            } catch (PeerException e) {
                countRefusal();
                tell(Failures.accepting(e));
            } catch (IOException e) {
                countRefusal();
                pause(Failures.accepting(e));
                return;
            }
        }
    }

    private void countRefusal() {
        account.totals().count(Totals.Event.REFUSAL);
    }

    private void pause(Status reason) {
        if (socket != null) {
            socket.interest(false);
        }
        alarmNanos = Deadline.after(bench.loop.now(), pauseNanos);
        pauseNanos = Math.min(pauseNanos * 2, LONGEST_PAUSE_NANOS);
        seat.updateDeadline();
        tell(reason);
    }

    private void tell(Status reason) {
        if (!troubleTold && (quietUntil == Deadline.NONE || quietUntil - bench.loop.now() <= 0)) {
            troubleTold = true;
            quietUntil = Deadline.after(bench.loop.now(), QUIET_NANOS);
            seat.signal(reason, MessageIds.next(), frameLength -> troubleTold = false);
        }
    }

    // ---- opening

    private void open(Slot welcome, long nowNanos) {
        SocketAddress address;
        try {
            Address where = Address.parse(SlabMessage.view(welcome));
            net = bench.netFor(where);
            address = socketAddress(where);
        } catch (AmpeException e) {
            listener.onFailure(e.status());
            return;
        }
        if (net == null) {
            listener.onFailure(Status.TLS_FAILED);
            return;
        }
        if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
            lookUp(inet.getHostString(), nowNanos);
        } else {
            listenOnOne(List.of(address));
        }
    }

    /// This may take as long as a client may take to look up a name and connect.
    private void lookUp(String host, long nowNanos) {
        if (lookup.ask(host)) {
            alarmNanos = Deadline.after(nowNanos, bench.limits.connectNanos());
            seat.updateDeadline();
        } else {
            listener.onFailure(Status.LISTEN_FAILED);
        }
    }

    /// No host means all interfaces, which for the JDK is the same as 0.0.0.0, but not for `Net`.
    private static SocketAddress socketAddress(Address address) {
        boolean everywhere =
                switch (address) {
                    case Address.TcpServer tcp -> tcp.host().isEmpty();
                    case Address.TlsServer tls -> tls.host().isEmpty();
                    case Address.UdsServer _, Address.Client _ -> false;
                };
        return everywhere && address.unresolved() instanceof InetSocketAddress inet
                ? new InetSocketAddress(EVERYWHERE, inet.getPort())
                : address.unresolved();
    }

    @Override
    public void onResolved(List<InetAddress> addresses, long nowNanos) {
        alarmNanos = Deadline.NONE;
        Slot welcome = listener.welcome();
        if (seat.isLeft() || welcome == null) {
            return;
        }
        if (addresses.isEmpty()) {
            listener.onFailure(Status.INVALID_ADDRESS);
        } else {
            SocketAddress host = Address.parse(SlabMessage.view(welcome)).unresolved();
            listenOnOne(NameLookup.named((InetSocketAddress) host, addresses));
        }
        settle();
    }

    /// Listens on the first address of this machine. One that is in use is no reason to take
    /// another: the application is to know.
    private void listenOnOne(List<SocketAddress> addresses) {
        Options options = bench.shared.options();
        Status reason = Status.LISTEN_FAILED;
        Net from = Objects.requireNonNull(net, "an address without a net");
        for (SocketAddress address : addresses) {
            try {
                NetAcceptor opened =
                        from.listen(
                                address, options.acceptBacklog(), options.udsPermissions(), this);
                socket = opened;
                localAddress = opened.localAddress(); // before the application may look
                answer(opened);
                return;
            } catch (IOException e) {
                reason = Failures.listening(e);
            }
            if (reason == Status.ADDRESS_IN_USE) {
                break;
            }
        }
        listener.onFailure(reason);
    }

    private void answer(NetAcceptor opened) {
        Slot welcome = listener.welcome();
        if (welcome == null) {
            return;
        }
        try {
            SlabMessage message = SlabMessage.view(welcome);
            try {
                namePort(message, opened.localAddress());
            } finally {
                listener.welcome(message.slot());
            }
            listener.onListening();
            if (opened.localAddress() instanceof UnixDomainSocketAddress) {
                PathNames.warnOnce();
            }
        } catch (AmpeException e) {
            listener.onFailure(e.status());
        }
    }

    /// Names the port that the system chose, when the application left it open.
    ///
    /// @throws AmpeException if there is no memory for the longer header
    private static void namePort(SlabMessage message, SocketAddress bound) {
        if (bound instanceof InetSocketAddress inet) {
            int port = inet.getPort();
            switch (Address.parse(message)) {
                case Address.TcpServer(String host, int open) when open == 0 ->
                        message.replaceFirstHeader(new Address.TcpServer(host, port).toString());
                case Address.TlsServer(String host, int open) when open == 0 ->
                        message.replaceFirstHeader(new Address.TlsServer(host, port).toString());
                default -> {}
            }
        }
    }

    private void settle() {
        if (!seat.isLeft() && listener.state() == State.CLOSED) {
            account.close(listener.endReason(), bench.loop.now());
            seat.close();
            lookup.withdraw();
            reception.close();
            NetAcceptor ours = socket;
            socket = null;
            if (ours != null) {
                ours.close();
            }
            seat.leave();
        }
    }
}
