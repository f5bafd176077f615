package tofu.tests.sim;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tofu.engine.net.NetHandler;

/// The network that all engines of a world share, in memory: connections whose bytes take their
/// time, and whatever can go wrong with them.
///
/// It works in two ways. Told to be instant, whatever is written arrives at the next poll, and
/// nothing goes wrong: this is how it passes the contract of a real net. Otherwise bytes arrive,
/// connections are established and break when [#act()] says so.
///
/// Thread: one.
final class SimNetwork {
    /// What a loop does where a real one sleeps.
    interface Sleeper {
        /// Returns when the net is ready or woken, or the time is over.
        void sleep(SimNet net, long maxWaitNanos);

        /// Ends a sleep.
        void wake(SimNet net);

        /// Hears of a violation that is about to be thrown into an engine, which may swallow it.
        default void onViolation(Violation violation) {}
    }

    private static final int[] CAPACITIES = {65_536, 8_192, 1_024, 96};
    private static final int FIRST_PORT = 49_152;

    private final Choices choices;
    private final LongSupplier clock;
    private final Sleeper sleeper;
    private final Function<SocketAddress, @Nullable Tap> taps;
    private final Sealed sealed;
    private final boolean instant;
    private final Map<SocketAddress, SimAcceptor> acceptors = new LinkedHashMap<>();

    /// The dialling ends of all connections that are not over.
    private final List<SimStream> links = new ArrayList<>();

    /// Links on which nothing moves until then; in an order that does not depend on hash codes.
    private final Map<SimStream, Long> clogged = new LinkedHashMap<>();

    private boolean faults;
    private int openNets;
    private int nextPort = FIRST_PORT;

    private SimNetwork(
            Choices choices,
            LongSupplier clock,
            Sleeper sleeper,
            Function<SocketAddress, @Nullable Tap> taps,
            Sealed sealed,
            boolean instant) {
        this.choices = choices;
        this.clock = clock;
        this.sleeper = sleeper;
        this.taps = taps;
        this.sealed = sealed;
        this.instant = instant;
        this.faults = !instant;
    }

    /// Makes a network where nothing takes time, and nothing goes wrong.
    static SimNetwork instant(Sleeper sleeper) {
        Sealed nothing = new Sealed(id -> {});
        return new SimNetwork(
                bound -> 0, System::nanoTime, sleeper, address -> null, nothing, true);
    }

    /// Makes a network that behaves as its choices say.
    ///
    /// @param taps makes what looks at a new connection of an engine, with such a listener; `null`
    ///     if there is nothing to be seen
    /// @param sealed what is about to be written, though nobody could see it
    static SimNetwork of(
            Choices choices,
            LongSupplier clock,
            Sleeper sleeper,
            Function<SocketAddress, @Nullable Tap> taps,
            Sealed sealed) {
        return new SimNetwork(choices, clock, sleeper, taps, sealed, false);
    }

    SimNet openNet(Jvm jvm) {
        openNets++;
        return new SimNet(this, jvm);
    }

    // ---- for nets, streams and acceptors

    Choices choices() {
        return choices;
    }

    Sleeper sleeper() {
        return sleeper;
    }

    long nanoTime() {
        return clock.getAsLong();
    }

    @Nullable Tap newTap(SocketAddress listener) {
        return taps.apply(listener);
    }

    Sealed sealed() {
        return sealed;
    }

    void require(boolean condition, String complaint) {
        if (!condition) {
            Violation violation = new Violation("misuse of the net: " + complaint);
            sleeper.onViolation(violation);
            throw violation;
        }
    }

    /// Whether something goes wrong here.
    boolean fails(int oneIn) {
        return faults && choices.oneIn(oneIn);
    }

    /// How much of a read or write is done at once.
    int part(int length) {
        return choices.oneIn(4) ? 1 + choices.below(length) : length;
    }

    /// Whether a broken connection loses what has arrived and was not read.
    boolean losesArrived() {
        return choices.oneIn(2);
    }

    SimStream dial(SocketAddress address) throws IOException {
        boolean lookedUp = !(address instanceof InetSocketAddress inet) || !inet.isUnresolved();
        require(lookedUp, "an address that is not looked up: " + address);
        if (address instanceof UnixDomainSocketAddress && !acceptors.containsKey(address)) {
            throw new NoSuchFileException(address.toString());
        }
        if (fails(30)) {
            throw new ConnectException("no route to " + address);
        }
        int capacity = instant ? 1 << 20 : CAPACITIES[choices.below(CAPACITIES.length)];
        SimStream stream = new SimStream(this, address, new Pipe(capacity), new Pipe(capacity));
        links.add(stream);
        if (!instant && (address instanceof UnixDomainSocketAddress || choices.oneIn(4))) {
            establish(stream);
        }
        return stream;
    }

    private void establish(SimStream stream) {
        SimAcceptor acceptor = acceptors.get(stream.target);
        if (acceptor == null || acceptor.isFull()) {
            stream.refuse("refused by " + stream.target);
        } else {
            acceptor.arrive(stream.connected());
        }
    }

    SimAcceptor listen(SocketAddress address, int backlog, NetHandler handler, Jvm jvm)
            throws IOException {
        if (acceptors.containsKey(address)) {
            throw new BindException("in use: " + address);
        }
        if (fails(30)) {
            throw new IOException("cannot listen on " + address);
        }
        SocketAddress bound = address;
        if (address instanceof InetSocketAddress inet && inet.getPort() == 0) {
            bound = new InetSocketAddress(inet.getAddress(), nextPort++);
        }
        SimAcceptor acceptor = new SimAcceptor(this, bound, backlog, handler, jvm);
        acceptors.put(bound, acceptor);
        return acceptor;
    }

    void onClosed(SocketAddress address) {
        acceptors.remove(address);
    }

    void onNetClosed() {
        openNets--;
    }

    void onPoll() {
        if (instant) {
            moveAll();
        }
    }

    // ---- as time passes

    /// From now on nothing goes wrong any more, and nothing that went wrong goes on.
    void endFaults() {
        faults = false;
        for (SimStream link : clogged.keySet()) {
            if (link.isBroken() || (link.peer() != null && link.peer().isBroken())) {
                breakOff(link);
            }
        }
        clogged.clear();
    }

    /// Lets something happen to some connection.
    void act() {
        if (links.isEmpty()) {
            return;
        }
        SimStream link = choices.of(links);
        if (fails(60)) {
            disturb(link);
        } else if (!isClogged(link)) {
            move(link, choices.oneIn(3));
        }
        forget(link);
    }

    /// Lets everything arrive.
    ///
    /// @return whether anything moved
    boolean moveAll() {
        boolean moved = false;
        for (SimStream link : List.copyOf(links)) {
            moved |= move(link, false);
            forget(link);
        }
        return moved;
    }

    private boolean isClogged(SimStream link) {
        Long until = clogged.get(link);
        return until != null && until - nanoTime() > 0;
    }

    private boolean move(SimStream link, boolean part) {
        if (link.isWaitingToConnect()) {
            establish(link);
            return true;
        }
        SimStream peer = link.peer();
        if (peer == null) {
            return false;
        }
        boolean there = arrive(link.out(), peer, link, part);
        boolean back = arrive(link.in(), link, peer, part);
        return there || back;
    }

    /// Moves bytes to their reader. If that has closed, the writer is told that it has; if it has
    /// lost the connection, they are lost.
    private boolean arrive(Pipe pipe, SimStream reader, SimStream writer, boolean part) {
        if (!pipe.hasMoreToCome()) {
            return false;
        }
        int underWay = pipe.underWay();
        if (reader.isClosed() && underWay > 0) {
            pipe.cut(true);
            if (!writer.isClosed()) {
                writer.breakOff(losesArrived());
            }
        } else if (reader.isBroken()) {
            pipe.cut(false);
            return underWay > 0;
        }
        pipe.arrive(part && underWay > 0 ? 1 + choices.below(underWay) : underWay);
        return true;
    }

    private void disturb(SimStream link) {
        switch (choices.below(3)) {
            case 0 -> breakOff(link);
            case 1 -> clogged.put(link, nanoTime() + choices.below(20_000) * 1_000_000L);
            default -> {
                // One end has lost the other, which will never know.
                SimStream peer = link.peer();
                SimStream end = peer != null && choices.oneIn(2) ? peer : link;
                if (end.isConnected()) {
                    end.breakOff(losesArrived());
                    clogged.put(link, nanoTime() + Long.MAX_VALUE / 2);
                }
            }
        }
    }

    private void breakOff(SimStream link) {
        SimStream peer = link.peer();
        if (peer == null) {
            if (link.isWaitingToConnect()) {
                link.refuse("broken");
            }
            return;
        }
        link.breakOff(losesArrived());
        peer.breakOff(losesArrived());
    }

    private void forget(SimStream link) {
        SimStream peer = link.peer();
        if (link.isClosed() && (peer == null || peer.isClosed())) {
            links.remove(link);
            clogged.remove(link);
        }
    }

    /// What is left, for the end: nets, listeners and connections that were not closed.
    String leftovers() {
        for (SimStream link : List.copyOf(links)) {
            forget(link);
        }
        return openNets + " nets, " + acceptors.keySet() + ", " + links;
    }

    boolean isAbandoned() {
        leftovers();
        return openNets == 0 && acceptors.isEmpty() && links.isEmpty();
    }
}
