package tofu.engine.link;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tofu.api.Channel.Role;
import tofu.api.PeerIdentity;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.engine.channel.Channel;
import tofu.engine.channel.Deadline;
import tofu.engine.channel.Inflow;
import tofu.engine.channel.LoopMemory;
import tofu.engine.channel.State;
import tofu.engine.channel.Stream;
import tofu.engine.link.Entrance.Visit;
import tofu.engine.loop.Command;
import tofu.engine.loop.Reactor;
import tofu.engine.net.Net;
import tofu.engine.net.NetStream;
import tofu.engine.net.TlsException;
import tofu.pool.Slot;
import tofu.pool.SlotSource;

/// A stream with its socket: moves bytes between the two, and does what the stream's state asks
/// for.
///
/// Somewhat long: reading, writing and ending meet in one place, [#settle(long)], which nobody may
/// bypass.
///
/// Thread: the loop, except the accessors; [#giveWay(Reactor)] any loop. Owns the socket.
public final class Connection
        implements Endpoint, Connecting.Client, WaitingReaders.Reader, Handshakes.Newcomer {
    /// Reads of one readiness: a busy peer does not keep the loop from the others.
    private static final int MAX_READS = 4;

    /// System calls to write of one readiness: nor do busy senders, who add to what is being
    /// written. As many as a full send queue needs with chunks of full size.
    private static final int MAX_WRITES = 16;

    private final Workbench bench;
    private final Seat seat;
    private final Stream stream;
    private final Inflow inflow;
    private final Account account;

    /// How we connect to the peer; `null` if it has connected to us.
    private final @Nullable Connecting connecting;

    private @Nullable NetStream socket;

    /// Both ends, for those who look.
    private volatile @Nullable SocketAddress localAddress;

    private volatile @Nullable SocketAddress remoteAddress;

    /// Who can be asked for the peer's credentials: the socket, from when it is connected.
    private volatile @Nullable NetStream witness;

    /// The two ends have not agreed yet on how to speak: see [NetStream#isSecuring()].
    private boolean securing;

    /// Among the engine's [Handshakes].
    private boolean handshaking;

    private long arrival;

    /// The peer's hello was counted.
    private boolean met;

    /// The kernel takes no more bytes now.
    private boolean writeBlocked;

    /// When nothing comes.
    private final IdleWatch idle;

    /// Reading waits for memory.
    private boolean awaitsMemory;

    /// What it counts as, if it has come in.
    private final Visit visit;

    private Connection(
            Workbench bench, Outbox outbox, int number, @Nullable NetStream accepted, Visit visit) {
        this.bench = bench;
        this.seat = new Seat(bench, outbox, number, this);
        this.socket = accepted;
        this.visit = visit;
        this.idle = new IdleWatch(bench.limits.idleNanos());
        LoopMemory memory = bench.memory;
        SlotSource release = seat.numberRelease();
        if (accepted == null) {
            this.stream = Stream.connecting(number, bench.limits, memory, seat, release);
            this.connecting = new Connecting(this, bench, stream);
        } else {
            long now = bench.loop.now();
            this.stream = Stream.accepted(number, bench.limits, memory, seat, release, now);
            this.connecting = null;
        }
        this.inflow = stream.inflow();
        this.account = new Account(outbox.mailbox().totals(), this, bench.shared.recorder());
    }

    /// Makes a connection that begins when its HelloRequest is scheduled. Any thread.
    ///
    /// @param bench of the loop that it lives on
    /// @param outbox its group's, on that loop
    /// @param number its channel number
    /// @return the connection
    public static Connection connecting(Workbench bench, Outbox outbox, int number) {
        return new Connection(bench, outbox, number, null, Visit.UNCOUNTED);
    }

    /// Makes a connection of a stream that was accepted. Nothing happens to it before
    /// [#begin(long)], so that its channel number stands for it before it can end.
    ///
    /// @param visit ended with the connection, once its socket is closed
    static Connection accepted(
            Workbench bench, Outbox outbox, int number, NetStream stream, Visit visit) {
        return new Connection(bench, outbox, number, stream, visit);
    }

    /// Loop: lets the net tell this connection what befalls its stream.
    void register(NetStream accepted) throws IOException {
        bench.net.register(accepted, this);
        learnEnds(accepted);
        stream.sendQueue().gather(accepted.gatheredBytes());
        if (securing) {
            stream.onSecuring(bench.loop.now());
        }
    }

    /// Loop: begins to read from a peer that has connected.
    ///
    /// @param order its place among those that have not said hello
    void begin(long order) {
        arrival = order;
        handshaking = true;
        account.connecting();
        account.connected(securing);
        seat.begin();
        Handshakes.Newcomer oldest = bench.shared.handshakes().add(order, this);
        if (oldest != null) {
            oldest.giveWay(bench.loop);
        }
        settle(bench.loop.now());
    }

    /// Before the application may look.
    private void learnEnds(NetStream connected) {
        localAddress = connected.localAddress();
        remoteAddress = connected.remoteAddress();
        witness = connected;
        securing = connected.isSecuring();
        connected.keepAlive(bench.keepAlive);
    }

    /// The two ends may have agreed on how to speak; that they have not is told by reading. Who has
    /// agreed has proved something, if only that it speaks TLS, and nobody is asked for that.
    private void onSecured(NetStream connected) {
        boolean before = securing;
        securing = connected.isSecuring();
        if (!securing) {
            stream.onSecured();
            if (before && connected.credentials() != null) {
                account.secured();
            }
        }
    }

    @Override
    public Role role() {
        return connecting == null ? Role.SERVER : Role.CLIENT;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public PeerIdentity.@Nullable Credentials credentials() {
        NetStream asked = witness;
        return asked == null ? null : asked.credentials();
    }

    @Override
    public long endedNanos() {
        return seat.endedNanos();
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
        return stream;
    }

    @Override
    public Account account() {
        return account;
    }

    @Override
    public boolean isStranger() {
        return connecting == null && !stream.isGreeted();
    }

    // ---- the loop's calls

    @Override
    public void onScheduled(long nowNanos) {
        if (seat.isLeft()) {
            return;
        }
        stream.onPost(nowNanos);
        if (seat.begin()) {
            Slot hello = stream.hello();
            if (hello != null && connecting != null) {
                account.connecting();
                connecting.begin(hello, nowNanos);
            }
        }
        settle(nowNanos);
    }

    @Override
    public long deadlineNanos() {
        long deadline = Deadline.earlier(stream.deadlineNanos(), idle.deadlineNanos());
        return connecting == null
                ? deadline
                : Deadline.earlier(deadline, connecting.deadlineNanos());
    }

    @Override
    public void onTick(long nowNanos) {
        if (awaitsMemory) {
            inflow.onMemoryLacking(nowNanos);
        }
        // What the window has held is not read yet, though it may be open by now.
        boolean held = awaitsMemory || inflow.isHeld();
        if (idle.isIdle(nowNanos, inflow.isWanted() && !held)) {
            stream.onIdle();
        }
        stream.onTick(nowNanos);
        if (connecting != null) {
            connecting.onTick(nowNanos);
        }
        settle(nowNanos);
    }

    @Override
    public void onGroupClosed(long nowNanos) {
        stream.onGroupClosed(nowNanos);
        stopAwaitingMemory();
        settle(nowNanos);
    }

    private void stopAwaitingMemory() {
        if (awaitsMemory) {
            awaitsMemory = false;
            bench.waitingReaders.remove(this);
        }
    }

    /// Ends a connection that has not said hello, unless it has by now.
    private record Evict(Connection oldest) implements Command {
        @Override
        public void run(long nowNanos) {
            oldest.evict(nowNanos);
        }

        @Override
        public void drop() {
            // its loop has closed it
        }
    }

    @Override
    public void giveWay(Reactor caller) {
        if (caller == bench.loop) {
            evict(bench.loop.now());
        } else {
            bench.loop.execute(new Evict(this));
        }
    }

    private void evict(long nowNanos) {
        if (handshaking) {
            stream.onEvicted(Status.HANDSHAKE_TIMEOUT);
            settle(nowNanos);
        }
    }

    @Override
    public void onReady(int ops) {
        long nowNanos = bench.loop.now();
        if ((ops & Net.CONNECT) != 0) {
            if (socket != null) {
                onSecured(socket);
            } else if (connecting != null) {
                connecting.onReady(nowNanos);
            }
        }
        if ((ops & Net.READ) != 0) {
            read(nowNanos);
        }
        if ((ops & Net.WRITE) != 0) {
            writeBlocked = false;
        }
        settle(nowNanos);
    }

    @Override
    public boolean hasBegunFrame() {
        return inflow.hasBegunFrame();
    }

    @Override
    public long frameAgeNanos(long nowNanos) {
        return inflow.frameAgeNanos(nowNanos);
    }

    @Override
    public void onFrameEvicted(long nowNanos) {
        stream.onFrameEvicted();
        settle(nowNanos);
    }

    @Override
    public void readOn(long nowNanos) {
        awaitsMemory = false;
        inflow.onMemoryCome(nowNanos); // from here on it is the peer's turn
        read(nowNanos);
        settle(nowNanos);
    }

    @Override
    public void abandon() {
        seat.abandon();
        endConnecting();
        if (socket != null) {
            socket.close();
        }
        stream.abandon();
    }

    private void endConnecting() {
        if (connecting != null) {
            connecting.end();
        }
    }

    @Override
    public void onConnected(NetStream connected, long nowNanos) {
        socket = connected;
        learnEnds(connected);
        account.connected(securing);
        stream.sendQueue().gather(connected.gatheredBytes());
        stream.onConnected(nowNanos);
        idle.onHeard(nowNanos);
        if (securing) {
            stream.onSecuring(nowNanos);
        }
    }

    @Override
    public boolean hasEnded() {
        return seat.isLeft();
    }

    // ---- moving bytes

    private void read(long nowNanos) {
        NetStream from = socket;
        if (from == null) {
            return;
        }
        int left = bench.readShare();
        for (int i = 0; i < MAX_READS && left > 0; i++) {
            ByteBuffer target = inflow.target(bench.scratch, left);
            if (target == null) {
                awaitMemoryIfWanted(nowNanos);
                return;
            }
            int room = target.remaining();
            int count;
            try {
                count = from.read(target);
            } catch (IOException e) {
                onReceiveFailure(e);
                return;
            }
            if (count < 0) {
                stream.onPeerClosed();
                return;
            }
            if (count == 0) {
                return;
            }
            stream.onRead(count, nowNanos);
            countHello();
            onHeard(nowNanos);
            if (stream.state() == State.CLOSED) {
                return; // told at the end of the turn, once it is counted
            }
            bench.publish();
            if (count < room) {
                return;
            }
            left -= count;
        }
    }

    /// Before its application hears of it.
    private void countHello() {
        if (!met && stream.isGreeted()) {
            met = true;
            account.greeted();
        }
    }

    private void awaitMemoryIfWanted(long nowNanos) {
        if (inflow.lacksMemory()) {
            awaitsMemory = true;
            inflow.onMemoryAwaited(nowNanos);
            bench.waitingReaders.add(this);
        }
    }

    /// Who has not said hello has a deadline of his own.
    private void onHeard(long nowNanos) {
        if (!isStranger()) {
            idle.onHeard(nowNanos);
        }
    }

    private void onReceiveFailure(IOException failure) {
        if (failure instanceof TlsException tls) {
            stream.onSecurityFailure(tls.status(), tls.text());
        } else {
            stream.onReceiveFailure(Status.RECV_FAILED);
        }
    }

    private void onSendFailure(IOException failure, long nowNanos) {
        if (failure instanceof TlsException tls) {
            stream.onSecurityFailure(tls.status(), tls.text());
        } else {
            stream.onSendFailure(Status.SEND_FAILED, nowNanos);
        }
    }

    private void write(long nowNanos) {
        NetStream to = socket;
        if (to == null || writeBlocked) {
            return;
        }
        ByteBuffer[] sources = bench.sources;
        int count = stream.writeSources(sources);
        for (int calls = 0; count > 0; calls++) {
            if (calls == MAX_WRITES) {
                seat.schedule(); // goes on behind the others; a sender leaves that to the loop
                return;
            }
            int bytes;
            try {
                bytes = to.write(sources, count);
            } catch (IOException e) {
                onSendFailure(e, nowNanos);
                return;
            }
            boolean blocked = sources[count - 1].hasRemaining();
            bench.loop.onWritten();
            stream.onSent(bytes, nowNanos);
            if (blocked) {
                writeBlocked = true;
                stream.onSendBlocked(nowNanos);
                return;
            }
            count = stream.writeSources(sources);
        }
    }

    /// Writes what there is to write, then makes the socket what the stream's state asks for.
    @Override
    public void settle(long nowNanos) {
        if (seat.isLeft()) {
            return;
        }
        write(nowNanos);
        if (stream.wantsShutdown()) {
            shutdown(nowNanos);
        }
        if (handshaking && (stream.isGreeted() || stream.state() == State.CLOSED)) {
            handshaking = false;
            bench.shared.handshakes().remove(arrival);
        }
        if (stream.state() == State.CLOSED) {
            countEnd(nowNanos);
            finish();
            return;
        }
        account.waitsFor(
                (inflow.isHeld() ? Account.WINDOW_CLOSED : 0)
                        | (awaitsMemory ? Account.POOL_EMPTY : 0)
                        | (writeBlocked ? Account.WRITE_BLOCKED : 0),
                nowNanos);
        if (socket != null) {
            boolean read = inflow.isWanted() && !awaitsMemory;
            socket.interest(
                    (read ? Net.READ : 0)
                            | (writeBlocked ? Net.WRITE : 0)
                            | (securing ? Net.CONNECT : 0));
        }
        seat.updateDeadline();
    }

    private void countEnd(long nowNanos) {
        Status reason = stream.endReason();
        if (reason != null && stream.isFrameRejected()) {
            account.frameRejected(reason);
        }
        DeadlineName deadline = stream.deadlineHit();
        if (deadline != null) {
            account.deadlineHit(deadline);
        }
        account.close(reason, nowNanos);
    }

    private void shutdown(long nowNanos) {
        NetStream ours = socket;
        if (ours != null) {
            try {
                ours.shutdownOutput();
            } catch (IOException e) {
                onSendFailure(e, nowNanos);
            }
        }
    }

    private void finish() {
        seat.close();
        NetStream ours = socket;
        socket = null;
        try {
            endConnecting();
            if (ours != null && stream.isAbrupt()) {
                ours.reset();
            } else if (ours != null) {
                ours.close();
            }
        } finally {
            if (ours == null) {
                visit.end();
            } else {
                ours.whenGone(visit::end);
            }
            stopAwaitingMemory();
            seat.leave();
        }
    }
}
