package tofu.tests.sim;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NetHandler;
import tofu.engine.net.NetStream;

/// What one loop has of a [SimNetwork].
///
/// Thread: the loop's, but [#wakeup()] any.
final class SimNet implements Net {
    private final SimNetwork network;
    private final Jvm jvm;
    private final List<SimStream> streams = new ArrayList<>();
    private final List<SimAcceptor> acceptors = new ArrayList<>();
    private volatile boolean woken;
    private boolean polling;

    /// What the last poll has found, and not called.
    private final List<BooleanSupplier> found = new ArrayList<>();

    private boolean closed;

    /// When the loop wants to go on at the latest, if nothing happens.
    private long alarmNanos;

    private boolean alarmSet;

    /// The last poll has slept, and nothing has come.
    private boolean slept;

    /// The last poll has ended late, without a look.
    private boolean overslept;

    SimNet(SimNetwork network, Jvm jvm) {
        this.network = network;
        this.jvm = jvm;
    }

    @Override
    public NetStream connect(SocketAddress address, NetHandler handler) throws IOException {
        network.require(!closed, "connect after close");
        jvm.mayFailToo();
        SimStream stream = network.dial(address);
        stream.tap(network.newTap(address));
        stream.register(this, handler, stream.isConnected() ? 0 : CONNECT);
        streams.add(stream);
        return stream;
    }

    @Override
    public NetAcceptor listen(
            SocketAddress address,
            int backlog,
            Set<PosixFilePermission> permissions,
            NetHandler handler)
            throws IOException {
        network.require(!closed, "listen after close");
        jvm.mayFailToo();
        SimAcceptor acceptor = network.listen(address, backlog, handler, jvm);
        acceptors.add(acceptor);
        return acceptor;
    }

    @Override
    public void register(NetStream stream, NetHandler handler) throws IOException {
        network.require(!closed, "register after close");
        jvm.mayFailToo();
        SimStream ours = (SimStream) stream;
        ours.register(this, handler, 0);
        streams.add(ours);
    }

    @Override
    public int poll(long maxWaitNanos, Runnable awake) throws IOException {
        network.require(!polling, "poll within a poll");
        polling = true;
        try {
            jvm.mayFailToWait();
            overslept = false;
            network.onPoll();
            boolean goesOn = hasMore();
            int called = dispatch(awake);
            // Until it has slept, the loop wants to go on at once; unless this was just a look
            // whether it has slept too long.
            if (!slept || maxWaitNanos > 0 || called > 0) {
                alarmSet = true;
                alarmNanos = network.nanoTime();
            }
            slept = false;
            if (called == 0 && maxWaitNanos > 0 && !woken && !goesOn) {
                alarmSet = maxWaitNanos != Long.MAX_VALUE;
                alarmNanos += alarmSet ? maxWaitNanos : 0;
                network.sleeper().sleep(this, maxWaitNanos);
                called = overslept ? 0 : dispatch(awake);
                slept = called == 0;
            }
            woken = false;
            return called;
        } finally {
            polling = false;
        }
    }

    private int dispatch(Runnable awake) {
        if (found.isEmpty()) {
            find();
        }
        if (!found.isEmpty()) {
            awake.run();
        }
        // Not all at once, sometimes.
        boolean some = found.size() > 1 && network.fails(20);
        int left = some ? network.choices().below(found.size()) : 0;
        int called = 0;
        while (found.size() > left) {
            BooleanSupplier next = found.remove(network.choices().below(found.size()));
            called += next.getAsBoolean() ? 1 : 0;
        }
        streams.removeIf(SimStream::isClosed);
        acceptors.removeIf(SimAcceptor::isClosed);
        return called;
    }

    private void find() {
        for (SimAcceptor acceptor : acceptors) {
            if (acceptor.isReady()) {
                found.add(acceptor::callIfReady);
            }
        }
        for (SimStream stream : streams) {
            if (stream.readyOps() != 0 || (stream.interest() != 0 && network.fails(100))) {
                found.add(() -> call(stream));
            }
        }
    }

    @Override
    public boolean hasMore() {
        return !found.isEmpty();
    }

    /// Tells what is ready, or, where nothing is, what is not.
    private static boolean call(SimStream stream) {
        int ready = stream.readyOps();
        int ops = ready == 0 ? stream.interest() : ready;
        if (ops != 0) {
            stream.call(ops);
        }
        return ops != 0;
    }

    /// All changes are seen at once.
    @Override
    public long changes() {
        jvm.mayFail();
        return 0;
    }

    @Override
    public void wakeup() {
        jvm.mayFail(); // nobody is woken then
        woken = true;
        network.sleeper().wake(this);
        jvm.mayFail();
    }

    boolean isWoken() {
        return woken;
    }

    Jvm jvm() {
        return jvm;
    }

    boolean isClosed() {
        return closed;
    }

    /// The process was stopped while the loop slept, until after the wait was over: the poll will
    /// say that there was nothing.
    void oversleep() {
        overslept = true;
    }

    /// The loop's turn is over: from now on it may do more than look at deadlines.
    void endTurn() {
        overslept = false;
    }

    /// Whether the loop does not know what has arrived while it slept.
    boolean hasOverslept() {
        return overslept && !jvm.isBroken();
    }

    /// Whether a poll would find something.
    boolean isReady() {
        for (SimStream stream : streams) {
            if (stream.readyOps() != 0) {
                return true;
            }
        }
        return acceptors.stream().anyMatch(SimAcceptor::isReady);
    }

    /// When the loop wants to go on at the latest.
    ///
    /// @return nanoseconds from now, [Long#MAX_VALUE] for never
    long nanosToAlarm() {
        return alarmSet ? alarmNanos - network.nanoTime() : Long.MAX_VALUE;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            alarmSet = false;
            network.onNetClosed();
            streams.forEach(SimStream::close);
            acceptors.forEach(SimAcceptor::close);
            jvm.mayFail();
        }
    }
}
