package tofu.engine;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Status;
import tofu.engine.channel.Channel;
import tofu.engine.channel.Deadline;
import tofu.engine.channel.Outlet;
import tofu.engine.channel.State;
import tofu.engine.channel.Stream;
import tofu.engine.net.Net;
import tofu.engine.net.NetHandler;
import tofu.engine.net.NetStream;
import tofu.pool.SlabMessage;
import tofu.pool.Slot;
import tofu.pool.SlotSource;

/// A stream with its socket: moves bytes between the two, and does what the stream's state asks
/// for.
///
/// Somewhat long: connecting, reading and writing end in one place, [#settle(long)], which nobody
/// may bypass.
///
/// Thread: the loop, except [#schedule()], [#post()], [#postMany()] and the accessors.
/// Owns the socket.
final class Connection implements Endpoint, NetHandler, Outlet, Command.Lookup {
    /// Reads of one readiness: a busy peer does not keep the loop from the others.
    private static final int MAX_READS = 4;

    private final Reactor loop;
    private final EngineGroup group;
    private final Stream stream;
    private final ReadyQueue.Entry ready = new ReadyQueue.Entry(this);
    private final DeadlineQueue.Timer timer = new DeadlineQueue.Timer(this);

    /// A peer has connected to us, not we to it.
    private final boolean accepted;

    private @Nullable NetStream socket;

    /// While the name is looked up.
    private Resolver.@Nullable Question question;

    /// While the addresses are tried.
    private @Nullable Candidates candidates;

    private boolean begun;
    private boolean finished;

    /// Among the loop's [Handshakes].
    private boolean handshaking;

    private long arrival;

    /// The kernel takes no more bytes now.
    private boolean writeBlocked;

    /// Reading is held back because the loop's buffer is in use.
    private boolean readParked;

    private Connection(Reactor loop, EngineGroup group, int number, @Nullable NetStream accepted) {
        this.loop = loop;
        this.group = group;
        this.socket = accepted;
        this.accepted = accepted != null;
        SlotSource release = frameLength -> loop.engine().releaseNumber(number);
        this.stream =
                accepted == null
                        ? Stream.connecting(number, loop.limits(), loop.pool(), this, release)
                        : Stream.accepted(
                                number, loop.limits(), loop.pool(), this, release, loop.now());
    }

    /// Makes a connection that begins when its HelloRequest is scheduled. Any thread.
    static Connection connecting(Reactor loop, EngineGroup group, int number) {
        return new Connection(loop, group, number, null);
    }

    /// Makes a connection of a stream that was accepted. Nothing happens to it before
    /// [#begin(long)], so that its channel number stands for it before it can end.
    static Connection accepted(Reactor loop, Command.Adopt adopt) {
        return new Connection(loop, adopt.group(), adopt.number(), adopt.stream());
    }

    /// Loop: lets the net tell this connection what befalls its stream.
    void register(NetStream accepted) throws IOException {
        loop.net().register(accepted, this);
        stream.sendQueue().gather(accepted.gatheredBytes());
    }

    /// Loop: begins to read from a peer that has connected.
    ///
    /// @param arrival its place among those that have not said hello
    void begin(long arrival) {
        this.arrival = arrival;
        begun = true;
        handshaking = true;
        loop.begin(this);
        Connection oldest = loop.engine().handshakes().add(arrival, this);
        if (oldest != null) {
            oldest.giveWay(loop);
        }
        settle(loop.now());
    }

    @Override
    public EngineGroup group() {
        return group;
    }

    @Override
    public Channel channel() {
        return stream;
    }

    // ---- the stream's output

    @Override
    public void deliver(Slot slot) {
        loop.deliveries().add(group, slot);
    }

    @Override
    public void signal(Status status, long id, SlotSource onTaken) {
        if (accepted && !stream.isGreeted()) {
            loop.strangers().tell(group, stream.number(), status, id, onTaken);
        } else {
            loop.notices().tell(group, stream.number(), status, id, onTaken);
        }
    }

    @Override
    public void schedule() {
        loop.schedule(ready, group);
    }

    @Override
    public void post() {
        loop.post(ready, group);
    }

    @Override
    public void postMany() {
        loop.postMany();
    }

    @Override
    public void tellAgain() {
        schedule();
        loop.wake();
    }

    // ---- the loop's calls

    @Override
    public void onScheduled(long nowNanos) {
        if (finished) {
            return;
        }
        stream.onPost(nowNanos);
        if (!begun) {
            begun = true;
            loop.begin(this);
            Slot hello = stream.hello();
            if (hello != null) {
                connect(hello, nowNanos);
            }
        }
        settle(nowNanos);
    }

    @Override
    public long deadlineNanos() {
        Candidates trying = candidates;
        return trying == null
                ? stream.deadlineNanos()
                : Deadline.earlier(stream.deadlineNanos(), trying.deadlineNanos());
    }

    @Override
    public void onTick(long nowNanos) {
        if (readParked || loop.isStarving(this)) {
            stream.onReadingHeld(nowNanos);
        }
        stream.onTick(nowNanos);
        Candidates trying = candidates;
        if (trying != null && Deadline.isDue(trying.deadlineNanos(), nowNanos)) {
            giveUpAddress(nowNanos);
        }
        settle(nowNanos);
    }

    @Override
    public void onGroupClosed(long nowNanos) {
        stream.onGroupClosed(nowNanos);
        readParked = false;
        loop.stopStarving(this);
        settle(nowNanos);
    }

    /// Gives way to a newer connection, on that one's loop, that has not said hello either.
    private void giveWay(Reactor toOneOn) {
        if (toOneOn == loop) {
            evict(loop.now());
        } else {
            loop.execute(new Command.Evict(this));
        }
    }

    /// Ends, unless it has said hello by now.
    void evict(long nowNanos) {
        if (handshaking) {
            stream.onEvicted(Status.HANDSHAKE_TIMEOUT);
            settle(nowNanos);
        }
    }

    @Override
    public void onReady(int ops) {
        loop.resume();
        long nowNanos = loop.now();
        if ((ops & Net.CONNECT) != 0) {
            finishConnect(nowNanos);
        }
        if ((ops & Net.READ) != 0) {
            read(nowNanos);
        }
        if ((ops & Net.WRITE) != 0) {
            writeBlocked = false;
        }
        settle(nowNanos);
    }

    /// Goes on with bytes that could not be cut into messages for want of memory.
    ///
    /// @return false if there is still not enough
    boolean onRefilled(ByteBuffer bytes, long nowNanos) {
        boolean enough = stream.onRefilled(bytes, nowNanos);
        settle(nowNanos);
        return enough;
    }

    /// Reads again, after the loop's buffer was in use.
    void unpark(long nowNanos) {
        readParked = false;
        settle(nowNanos);
    }

    @Override
    public void abandon() {
        finished = true;
        if (socket != null) {
            socket.close();
        }
    }

    // ---- connecting

    private void connect(Slot hello, long nowNanos) {
        Address address;
        try {
            address = Address.parse(SlabMessage.view(hello));
        } catch (AmpeException e) {
            stream.onConnectFailed(e.status(), true);
            return;
        }
        SocketAddress target = address.unresolved();
        if (target instanceof InetSocketAddress inet && inet.isUnresolved()) {
            question = loop.resolve(inet.getHostString(), this);
            if (question == null) {
                stream.onConnectFailed(Status.COMMUNICATION_FAILED, false);
            }
            return;
        }
        candidates = new Candidates(List.of(target));
        tryNext(nowNanos, Status.CONNECT_FAILED);
    }

    @Override
    public void onResolved(List<InetAddress> addresses, long nowNanos) {
        question = null;
        Slot hello = stream.hello();
        if (finished || hello == null) {
            return;
        }
        if (addresses.isEmpty()) {
            stream.onConnectFailed(Status.INVALID_ADDRESS, true);
        } else {
            Address.TcpClient address = (Address.TcpClient) Address.parse(SlabMessage.view(hello));
            candidates = new Candidates(withPort(addresses, address.port()));
            tryNext(nowNanos, Status.CONNECT_FAILED);
        }
        settle(nowNanos);
    }

    static List<SocketAddress> withPort(List<InetAddress> addresses, int port) {
        return addresses.stream().<SocketAddress>map(a -> new InetSocketAddress(a, port)).toList();
    }

    /// Begins to connect to the next address.
    ///
    /// @param failure why the one before failed: the reason, if there is no other
    private void tryNext(long nowNanos, Status failure) {
        Candidates untried = candidates;
        Status reason = failure;
        while (untried != null && untried.hasNext()) {
            SocketAddress address = untried.next(nowNanos, stream.deadlineNanos());
            try {
                socket = loop.net().connect(address, this);
                finishConnect(nowNanos);
                return;
            } catch (IOException e) {
                reason = Failures.connecting(e);
            }
        }
        stream.onConnectFailed(reason, reason == Status.UDS_PATH_NOT_FOUND);
    }

    /// The address has neither accepted nor refused, and another one waits for its turn.
    private void giveUpAddress(long nowNanos) {
        NetStream connecting = socket;
        if (connecting != null && stream.state() == State.CONNECTING) {
            connecting.close();
            socket = null;
            tryNext(nowNanos, Status.CONNECT_TIMEOUT);
        }
    }

    private void finishConnect(long nowNanos) {
        NetStream connecting = socket;
        if (connecting == null || stream.state() != State.CONNECTING) {
            return;
        }
        try {
            if (connecting.finishConnect()) {
                candidates = null;
                stream.sendQueue().gather(connecting.gatheredBytes());
                stream.onConnected(nowNanos);
            }
        } catch (IOException e) {
            connecting.close();
            socket = null;
            tryNext(nowNanos, Failures.connecting(e));
        }
    }

    // ---- moving bytes

    private void read(long nowNanos) {
        NetStream from = socket;
        if (from == null) {
            return;
        }
        ByteBuffer shared = loop.staging();
        if (!stream.awaitsOnlyTheEnd()) {
            if (loop.isReadBufferInUse()) {
                readIntoOwnSlot(from, nowNanos);
                return;
            }
            shared = loop.readBuffer();
        }
        int left = loop.readShare();
        for (int i = 0; i < MAX_READS && left > 0; i++) {
            ByteBuffer target = stream.readTarget(shared);
            if (target == null) {
                return;
            }
            if (target == shared) {
                target.limit(Math.min(target.limit(), left));
            }
            int room = target.remaining();
            int count;
            try {
                count = from.read(target);
            } catch (IOException e) {
                stream.onReceiveFailure(Status.RECV_FAILED);
                return;
            }
            if (count < 0) {
                stream.onPeerClosed();
                return;
            }
            if (count == 0) {
                return;
            }
            if (!stream.onRead(target, shared, count, nowNanos)) {
                loop.onStarved(this);
                return;
            }
            loop.deliveries().publish();
            if (count < room) {
                return;
            }
            left -= count;
        }
    }

    /// Goes on with a frame that has memory, while another connection has the loop's buffer.
    private void readIntoOwnSlot(NetStream from, long nowNanos) {
        ByteBuffer target = loop.isStarving(this) ? null : stream.ownTarget();
        if (target == null) {
            readParked = true;
            loop.parkReader(this);
            return;
        }
        try {
            int count = from.read(target);
            if (count < 0) {
                stream.onPeerClosed();
            } else if (count > 0) {
                stream.onRead(target, loop.readBuffer(), count, nowNanos);
            }
        } catch (IOException e) {
            stream.onReceiveFailure(Status.RECV_FAILED);
        }
    }

    private void write(long nowNanos) {
        NetStream to = socket;
        if (to == null || writeBlocked) {
            return;
        }
        ByteBuffer source = stream.writeSource(loop.staging());
        while (source != null) {
            int count;
            try {
                count = to.write(source);
            } catch (IOException e) {
                stream.onSendFailure(Status.SEND_FAILED, nowNanos);
                return;
            }
            boolean blocked = source.hasRemaining();
            loop.onWritten();
            stream.onSent(count, nowNanos);
            if (blocked) {
                writeBlocked = true;
                return;
            }
            source = stream.writeSource(loop.staging());
        }
    }

    /// Writes what there is to write, then makes the socket what the stream's state asks for.
    private void settle(long nowNanos) {
        if (finished) {
            return;
        }
        write(nowNanos);
        if (stream.wantsShutdown()) {
            shutdown(nowNanos);
        }
        if (handshaking && (stream.isGreeted() || stream.state() == State.CLOSED)) {
            handshaking = false;
            loop.engine().handshakes().remove(arrival);
        }
        if (stream.state() == State.CLOSED) {
            finish();
            return;
        }
        if (socket != null) {
            boolean read = stream.wantsRead() && !readParked;
            int connect = stream.state() == State.CONNECTING ? Net.CONNECT : 0;
            socket.interest(connect | (read ? Net.READ : 0) | (writeBlocked ? Net.WRITE : 0));
        }
        loop.deadlines().update(timer);
    }

    private void shutdown(long nowNanos) {
        NetStream ours = socket;
        if (ours != null) {
            try {
                ours.shutdownOutput();
            } catch (IOException e) {
                stream.onSendFailure(Status.SEND_FAILED, nowNanos);
            }
        }
    }

    private void finish() {
        finished = true;
        loop.deadlines().cancel(timer);
        if (question != null) {
            question.withdraw();
            question = null;
        }
        NetStream ours = socket;
        socket = null;
        try {
            if (ours != null && stream.isAbrupt()) {
                ours.reset();
            } else if (ours != null) {
                ours.close();
            }
        } finally {
            loop.end(this);
        }
    }
}
