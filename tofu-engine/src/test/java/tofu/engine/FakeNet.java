package tofu.engine;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NetHandler;
import tofu.engine.net.NetStream;
import tofu.pool.StackRoom;

/// A net in memory, whose peers and failures a test writes; it keeps the contract of a real one.
/// Strict: it complains of what no engine should do, even where a real net bears it; [#check()]
/// tells of all complaints, and of what was left open.
///
/// Threads: the loop drives it; peers may act from any thread, and a poll waits for them if the net
/// is made to block. Nets whose streams are each other's peers have one loop together.
public final class FakeNet implements Net {
    /// Answers to a connect.
    @FunctionalInterface
    interface Dialer {
        /// Gives the stream's end, or fails at once.
        FakeStream dial(SocketAddress address) throws IOException;
    }

    private static final int FIRST_PORT = 40_001;

    final ReentrantLock lock = new ReentrantLock();
    private final Condition ready = lock.newCondition();
    private final boolean blocking;
    private final List<FakeStream> streams = new ArrayList<>();
    private final Map<SocketAddress, FakeAcceptor> acceptors = new LinkedHashMap<>();
    private final List<Throwable> complaints = new ArrayList<>();
    private boolean woken;
    private boolean polling;
    private boolean closed;
    private int ports = FIRST_PORT;

    /// What becomes of connects; at first all succeed at once.
    volatile Dialer dialer = address -> new FakeStream(this);

    /// What the next listen fails with.
    volatile @Nullable IOException listenFailure;

    /// What the next poll fails with.
    public volatile @Nullable RuntimeException pollFailure;

    /// Runs first in every call of the net and its streams that a failing loop makes.
    public volatile Runnable beforeCall = () -> {};

    /// Makes a wait that ends see nothing of what has come, as if the thread had been stopped.
    boolean blind;

    /// Runs where a real net sleeps.
    public volatile Runnable whileAsleep = () -> {};

    /// How often the net was woken.
    public int wakeups;

    /// How long the last poll was to wait.
    public volatile long lastWaitNanos;

    /// How many handlers were called in all.
    public int handlerCalls;

    /// How many handlers a poll calls at most.
    public int mostCalls = Integer.MAX_VALUE;

    /// What the last poll has found, and not called.
    private final Deque<BooleanSupplier> found = new ArrayDeque<>();

    /// What has changed that a poll that is under way does not see: by itself, nothing.
    public volatile long unseen;

    /// @param blocking whether a poll waits for what other threads do
    public FakeNet(boolean blocking) {
        this.blocking = blocking;
    }

    /// Every address that was dialled, in order.
    final List<SocketAddress> dialled = new ArrayList<>();

    @Override
    public NetStream connect(SocketAddress address, NetHandler handler) throws IOException {
        lock.lock();
        try {
            require(!closed, "connect after close");
            boolean lookedUp = !(address instanceof InetSocketAddress inet) || !inet.isUnresolved();
            require(lookedUp, "an address that is not looked up: " + address);
            dialled.add(address);
            FakeStream stream = dialer.dial(address);
            stream.register(handler, stream.isConnected() ? 0 : CONNECT);
            streams.add(stream);
            return stream;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public NetAcceptor listen(
            SocketAddress address,
            int backlog,
            Set<PosixFilePermission> permissions,
            NetHandler handler)
            throws IOException {
        lock.lock();
        try {
            require(!closed, "listen after close");
            IOException failure = listenFailure;
            listenFailure = null;
            if (failure != null) {
                throw failure;
            }
            SocketAddress bound = address;
            if (address instanceof InetSocketAddress inet && inet.getPort() == 0) {
                bound = new InetSocketAddress(inet.getAddress(), ports++);
            }
            FakeAcceptor other = acceptors.get(bound);
            if (other != null && !other.isClosed()) {
                complain("an address listened on twice");
                throw new BindException("Address already in use: " + bound);
            }
            FakeAcceptor acceptor = new FakeAcceptor(this, bound, handler);
            acceptors.put(bound, acceptor);
            return acceptor;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void register(NetStream stream, NetHandler handler) throws IOException {
        lock.lock();
        try {
            FakeStream fake = (FakeStream) stream;
            fake.register(handler, 0);
            streams.add(fake);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int poll(long maxWaitNanos, Runnable awake) {
        beforeCall.run();
        lock.lock();
        try {
            require(!closed, "poll after close");
            require(!polling, "poll within a poll");
            polling = true;
            lastWaitNanos = maxWaitNanos;
            RuntimeException failure = pollFailure;
            pollFailure = null;
            if (failure != null) {
                throw failure;
            }
            boolean goesOn = hasMore();
            int called = dispatch(awake);
            if (called == 0 && maxWaitNanos > 0 && !goesOn) {
                sleep(maxWaitNanos);
                called = blind ? 0 : dispatch(awake);
            }
            woken = false;
            handlerCalls += called;
            return called;
        } finally {
            polling = false;
            lock.unlock();
        }
    }

    @Override
    public boolean hasMore() {
        return !found.isEmpty();
    }

    private void sleep(long nanos) {
        call(whileAsleep);
        try {
            long left = nanos;
            while (blocking && !woken && !anyReady() && left > 0) {
                left = ready.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            complain("the loop's thread was interrupted");
            Thread.currentThread().interrupt();
        }
    }

    private boolean anyReady() {
        return streams.stream().anyMatch(stream -> stream.readyOps() != 0)
                || acceptors.values().stream().anyMatch(FakeAcceptor::isReady);
    }

    private int dispatch(Runnable awake) {
        if (!found.isEmpty() || anyReady()) {
            call(awake);
        }
        if (found.isEmpty()) {
            find();
        }
        int called = 0;
        while (!found.isEmpty() && called < mostCalls) {
            called += found.removeFirst().getAsBoolean() ? 1 : 0;
        }
        streams.removeIf(FakeStream::isClosed);
        return called;
    }

    /// Finds what is ready: acceptors first, then streams, those that were just accepted included.
    private void find() {
        for (FakeAcceptor acceptor : acceptors.values()) {
            if (acceptor.isReady()) {
                found.add(() -> callIfReady(acceptor));
            }
        }
        found.add(this::findStreams);
    }

    /// Without a bound, who becomes ready by the call of another is called in the same poll.
    private boolean findStreams() {
        for (FakeStream stream : streams) {
            if (mostCalls == Integer.MAX_VALUE || stream.readyOps() != 0) {
                found.add(() -> callIfReady(stream));
            }
        }
        return false;
    }

    private boolean callIfReady(FakeAcceptor acceptor) {
        boolean ready = acceptor.isReady();
        if (ready) {
            call(() -> acceptor.handler().onReady(ACCEPT));
        }
        return ready;
    }

    private boolean callIfReady(FakeStream stream) {
        int ops = stream.readyOps();
        if (ops != 0) {
            call(() -> stream.handler().onReady(ops));
        }
        return ops != 0;
    }

    /// Calls without the lock: a handler waits for whoever acts as the loop, and others act while a
    /// real net sleeps.
    private void call(Runnable handler) {
        lock.unlock();
        try {
            handler.run();
        } finally {
            lock.lock();
        }
    }

    @Override
    public long changes() {
        return unseen;
    }

    @Override
    public void wakeup() {
        beforeCall.run();
        StackRoom.ask(); // a real net has no lock here that stays locked when the stack ends
        lock.lock();
        try {
            wakeups++;
            woken = true;
            ready.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// How many addresses were dialled.
    int dials() {
        lock.lock();
        try {
            return dialled.size();
        } finally {
            lock.unlock();
        }
    }

    /// Something may be ready.
    void changed() {
        ready.signalAll();
    }

    @Override
    public void close() {
        beforeCall.run();
        lock.lock();
        try {
            closed = true;
            streams.stream()
                    .filter(stream -> !stream.isClosed())
                    .forEach(stream -> complain("left open: " + stream));
            acceptors.values().stream()
                    .filter(acceptor -> !acceptor.isClosed())
                    .forEach(acceptor -> complain("left open: " + acceptor));
        } finally {
            lock.unlock();
        }
    }

    // ---- for tests

    /// The acceptor that listens on a port.
    FakeAcceptor acceptor(int port) {
        return listening(port).orElseThrow(() -> new AssertionError("nobody listens on " + port));
    }

    /// The acceptor that listens on a port, if there is one.
    Optional<FakeAcceptor> listening(int port) {
        lock.lock();
        try {
            return acceptors.values().stream()
                    .filter(acceptor -> !acceptor.isClosed() && acceptor.port() == port)
                    .findFirst();
        } finally {
            lock.unlock();
        }
    }

    /// Complains of what a real net does not bear either.
    void require(boolean condition, String complaint) {
        if (!condition) {
            complain(complaint);
            throw new IllegalStateException(complaint);
        }
    }

    /// Complains of what a real net answers with a failure, and answers so.
    void refuseUnless(boolean condition, String complaint) throws IOException {
        if (!condition) {
            complain(complaint);
            throw new IOException(complaint);
        }
    }

    void complain(String complaint) {
        lock.lock();
        try {
            complaints.add(new AssertionError(complaint));
        } finally {
            lock.unlock();
        }
    }

    /// Takes the complaints away, which [#check()] then does not know of.
    public Set<String> takeComplaints() {
        lock.lock();
        try {
            Set<String> taken =
                    complaints.stream().map(Throwable::getMessage).collect(Collectors.toSet());
            complaints.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /// Checks that the net was closed, and used as it may be.
    public void check() {
        lock.lock();
        try {
            if (!closed) {
                complain("the net was not closed");
            }
            if (!complaints.isEmpty()) {
                AssertionError failure = new AssertionError("the net was misused");
                complaints.forEach(failure::addSuppressed);
                throw failure;
            }
        } finally {
            lock.unlock();
        }
    }
}
