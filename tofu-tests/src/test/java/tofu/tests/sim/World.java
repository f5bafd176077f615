package tofu.tests.sim;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.Statistics;
import tofu.api.TlsSettings;

/// Engines, their applications and the network between them, in one thread and in virtual time:
/// all that happens is decided by the world's choices, so that the same choices give the same
/// world.
///
/// First there is chaos for a number of turns: every turn one of them acts, and the network fails
/// now and then. Then it is calm: nothing fails any more, nobody says anything new, and everything
/// must come to rest, delivered. Then all say bye, and all is closed; nothing may be left.
///
/// Where a loop would sleep, and where somebody waits for the loops, the others act.
///
/// In one world of four the machines fail, in one of four processes are stopped now and then: see
/// [Jvm].
///
/// Somewhat long: all that happens is decided here.
final class World implements SimNetwork.Sleeper {
    /// What its connections are like.
    enum Wires {
        PLAIN,
        SOME_SECURE
    }

    private static final int REST = 20_000;
    private static final int GRIDLOCK = 1_000;
    private static final int BOOKS_EVERY = 200;
    private static final int TRACE = 100;

    /// What waits no longer than this waits to the end, if nothing happens.
    private static final long SHORT_NANOS = 1_000_000;

    private static final String LOOPBACK = "127.0.0.1";
    private static final String PATH = "/sim/";
    private static final int PORT = 7_001;
    private static final int PORTS = 3;

    /// On this port and those behind it TLS is spoken.
    private static final int SECURE_PORT = 7_101;

    private final Choices choices;
    private final Ledger ledger = new Ledger();
    private final Sealed sealed = new Sealed(this::onSent);
    private final SimNetwork network;
    private final List<Host> hosts = new ArrayList<>();
    private final List<App> apps = new ArrayList<>();
    private final List<Runnable> actors = new ArrayList<>();
    private final Deque<String> trace = new ArrayDeque<>();
    private final boolean tracing;
    private final Wires wires;
    private long now = Long.MAX_VALUE - 3_000_000_000L; // it wraps around
    private int turns;

    /// Frames that went out whole.
    private long tapped;

    /// Messages of peers that applications have taken.
    private long heard;

    private long digest;

    /// Machines do not fail.
    private final boolean sound;

    /// Processes are stopped now and then, for longer than anybody waits.
    private final boolean stopping;

    /// A loop sleeps, and others act meanwhile; they do not let another loop sleep.
    private boolean asleep;

    private boolean calm;

    /// When the wait is over of whoever waits for a message, or for room: one at a time.
    private long patienceEnd;

    /// The first violation.
    private @Nullable Violation broken;

    private Object lastBusy = "nobody";

    /// Makes a world.
    ///
    /// @param tracing whether to remember the last events, for [#story()]
    /// @param wires whether some of the connections speak TLS
    World(Choices choices, boolean tracing, Wires wires) {
        this.choices = choices;
        this.tracing = tracing;
        this.wires = wires;
        this.network = SimNetwork.of(choices, this::now, this, this::newTap, sealed);
        int engines = 2 + choices.below(2);
        this.sound = !choices.oneIn(4);
        this.stopping = choices.oneIn(4);
        for (int i = 0; i < engines; i++) {
            Host host = new Host(this, choices, i, sound ? Jvm.sound() : Jvm.failing(choices));
            hosts.add(host);
            for (int loop = 0; loop < host.engine.loops(); loop++) {
                int number = loop;
                add(6, () -> host.step(number));
            }
        }
        add(8, network::act);
        add(1, this::passTime);
        add(1, () -> choices.of(hosts).answerName());
        if (wires == Wires.SOME_SECURE) {
            add(12, () -> choices.of(hosts).compute());
        }
        populate();
    }

    private @Nullable Tap newTap(SocketAddress listener) {
        boolean secure = listener instanceof InetSocketAddress inet && isSecure(inet.getPort());
        return secure ? null : new Tap(this::onSent);
    }

    private static boolean isSecure(int port) {
        return port >= SECURE_PORT && port < SECURE_PORT + PORTS;
    }

    /// What engines speak TLS by; `null` if they do not.
    @Nullable TlsSettings newTls() {
        return wires == Wires.SOME_SECURE ? SimTls.settings(() -> new Tap(sealed::add)) : null;
    }

    private void onSent(long id) {
        tapped++;
        try {
            ledger.onSent(id);
        } catch (Violation e) {
            onViolation(e);
            throw e;
        }
    }

    @Override
    public void onViolation(Violation violation) {
        broken = broken == null ? violation : broken;
    }

    private void checkUnbroken() {
        if (broken != null) {
            throw broken;
        }
    }

    private void add(int weight, Runnable actor) {
        for (int i = 0; i < weight; i++) {
            actors.add(actor);
        }
    }

    private void populate() {
        for (Host host : hosts) {
            int members = 1 + choices.below(3);
            for (int i = 0; i < members; i++) {
                String name = "host " + hosts.indexOf(host) + " member " + i;
                apps.add(new Member(this, host, name, choices));
            }
        }
        int rude = choices.below(3);
        for (int i = 0; i < rude; i++) {
            apps.add(new RudeClient(this, choices));
        }
        if (choices.oneIn(3)) {
            apps.add(new RudeServer(this, choices));
        }
        apps.add(new Hoarder(choices.of(hosts), choices));
        for (App app : apps) {
            add(4, app::act);
        }
    }

    // ---- its life

    /// Lives the whole life.
    ///
    /// @param chaos turns of chaos
    void live(int chaos) {
        try {
            liveOn(chaos);
        } catch (RuntimeException | Error e) {
            checkUnbroken();
            throw e;
        }
        checkUnbroken();
    }

    private void liveOn(int chaos) {
        while (turns < chaos) {
            turn();
        }
        note(() -> "-- calm");
        network.endFaults();
        hosts.forEach(host -> host.jvm().recover());
        calm = true;
        apps.forEach(App::calmDown);
        rest();
        apps.forEach(App::checkCalm);
        note(() -> "-- bye");
        apps.forEach(App::sayBye);
        rest();
        apps.forEach(App::checkEnded);
        note(() -> "-- close");
        apps.forEach(App::close);
        rest();
        hosts.forEach(Host::end);
        network.moveAll();
        if (!network.isAbandoned()) {
            throw new Violation("left open: " + network.leftovers());
        }
        checkFigures();
    }

    /// What the engines have counted is what has happened. An engine that has failed may have left
    /// something undone, and uncounted.
    private void checkFigures() {
        long sent = 0;
        long received = 0;
        for (Host host : hosts) {
            if (host.jvm().isBroken()) {
                return;
            }
            Statistics.Traffic traffic = host.checkTraffic(sound);
            sent += traffic.sentMessages();
            received += traffic.receivedMessages();
        }
        // What was sealed may not have gone out when its connection broke.
        boolean allOut = wires == Wires.SOME_SECURE ? sent >= tapped : sent == tapped;
        if (!allOut || received < heard) {
            throw new Violation(
                    "counted: %d sent, %d received; went out: %d, heard: %d"
                            .formatted(sent, received, tapped, heard));
        }
    }

    private void turn() {
        turns++;
        now += choices.below(1_000);
        try {
            actors.get(choices.below(actors.size())).run();
        } catch (Violation e) {
            // Thrown where a loop sleeps, it would be the engine that fails.
            onViolation(e);
            throw e;
        }
        checkUnbroken();
        if (turns % BOOKS_EVERY == 0) {
            hosts.forEach(Host::checkBooks);
        }
    }

    private void passTime() {
        switch (choices.below(8)) {
            case 7 -> now += choices.below(6_000) * 1_000_000L;
            case 5, 6 -> toNextAlarm();
            default -> now += choices.below(1_000_000);
        }
    }

    /// Goes on until nothing moves and nobody waits for anything.
    private void rest() {
        for (int i = 0; i < REST; i++) {
            turns++;
            boolean quiet = !round() && !toNextAlarm();
            boolean gridlock = hosts.stream().anyMatch(Host::isPoolEmpty);
            if (quiet && !gridlock) {
                hosts.forEach(Host::checkBooks);
                return;
            }
            if (gridlock && (quiet || i % GRIDLOCK == GRIDLOCK - 1)) {
                apps.forEach(App::breakGridlock);
            }
        }
        throw new Violation("does not come to rest, last busy: " + lastBusy);
    }

    /// Lets everybody do what there is to do.
    ///
    /// @return whether there was anything
    private boolean round() {
        Object busy = network.moveAll() ? network : null;
        for (Host host : hosts) {
            busy = host.stepAll() ? host : busy;
            busy = host.answerName() ? host.names() : busy;
            busy = host.compute() ? host : busy;
        }
        for (App app : apps) {
            busy = app.goOn() ? app : busy;
        }
        // Whoever looked for a message may have driven a loop, which now wants to sleep again.
        for (Host host : hosts) {
            busy = host.stepAll() ? host : busy;
        }
        lastBusy = busy == null ? lastBusy : busy;
        return busy != null;
    }

    /// Lets time pass until the first loop wants to go on.
    ///
    /// @return false if none does
    private boolean toNextAlarm() {
        long nanos = Long.MAX_VALUE;
        for (Host host : hosts) {
            for (SimNet net : host.nets) {
                nanos = Math.min(nanos, net.nanosToAlarm());
            }
        }
        if (nanos == Long.MAX_VALUE) {
            return false;
        }
        now += Math.max(nanos, 0);
        return true;
    }

    /// Somebody waits for the loops.
    void await(CountDownLatch latch) {
        for (int i = 0; i < REST && latch.getCount() > 0; i++) {
            // Decisions that come from a list may have run out: then all are the same actor's.
            if (calm || i >= REST / 2) {
                if (!round()) {
                    toNextAlarm();
                }
            } else {
                turn();
                if (i % 512 == 511) {
                    toNextAlarm();
                }
            }
        }
        if (latch.getCount() > 0) {
            throw new Violation("whoever waits for the loops waits for ever");
        }
    }

    @Override
    public void sleep(SimNet net, long maxWaitNanos) {
        Host host = owner(net);
        host.checkSleep(net);
        if (asleep || calm) {
            return;
        }
        asleep = true;
        try {
            long start = now;
            for (int i = choices.below(12); i > 0; i--) {
                turn();
                host.checkSleep(net);
                if (net.isWoken() || net.isReady() || now - start >= maxWaitNanos) {
                    return;
                }
            }
            if (stopping && maxWaitNanos != Long.MAX_VALUE && host.isStepping(net)) {
                stop(net, start, maxWaitNanos);
            } else if (maxWaitNanos <= SHORT_NANOS) {
                now = start + maxWaitNanos;
            }
        } finally {
            asleep = false;
        }
    }

    /// The process is stopped, until after its wait was over; the network is not.
    private void stop(SimNet net, long start, long maxWaitNanos) {
        if (choices.oneIn(8)) {
            now = start + maxWaitNanos + choices.below(6_000) * 1_000_000L;
            network.moveAll();
            net.oversleep();
        }
    }

    /// Somebody is about to wait for a message, or for room, and does nothing else meanwhile.
    ///
    /// @return how long at most, the same number
    long waitFor(long nanos) {
        patienceEnd = now + nanos;
        return nanos;
    }

    /// Whoever waits does so without driving a loop: to the end, until somebody may have woken him,
    /// or for no reason.
    void park(long nanos) {
        if (nanos <= 0 || nanos > patienceEnd - now) {
            throw new Violation("waits for %d of %d ns".formatted(nanos, patienceEnd - now));
        }
        boolean before = asleep;
        asleep = true;
        try {
            long start = now;
            for (int i = choices.below(12); i > 0 && now - start < nanos; i--) {
                turn();
            }
            if (choices.oneIn(2)) {
                now = Math.max(now - start, nanos) + start;
            } else if (now == start) {
                now += nanos / 2 + 1; // decisions that come from a list may be all the same
            }
        } finally {
            asleep = before;
        }
    }

    /// A loop looks for events before it sleeps: meanwhile bytes arrive, and nobody else acts.
    void spin() {
        now += 1_000 + choices.below(20_000);
        network.act();
    }

    @Override
    public void wake(SimNet net) {
        // Whoever drives the loop asks the net.
    }

    private Host owner(SimNet net) {
        for (Host host : hosts) {
            if (host.nets.contains(net)) {
                return host;
            }
        }
        throw new Violation("a net of nobody");
    }

    // ---- for those who live in it

    Ledger ledger() {
        return ledger;
    }

    SimNetwork network() {
        return network;
    }

    long now() {
        return now;
    }

    /// An application has taken a message of a peer.
    void onHeard() {
        heard++;
    }

    boolean isCalm() {
        return calm;
    }

    /// Tells everybody that an engine is about to be closed.
    void onClosing(Host host) {
        apps.forEach(app -> app.onClosing(host));
    }

    /// Whether somebody may wait: not while a loop is in the middle of a turn, or somebody else
    /// waits.
    boolean mayWait() {
        return !asleep;
    }

    /// Picks an address to talk to, which may be nobody's.
    Address.Client anAddress() {
        if (wires == Wires.SOME_SECURE && !choices.oneIn(4)) {
            String host = choices.oneIn(8) ? SimNames.KNOWN : LOOPBACK;
            return new Address.TlsClient(host, SECURE_PORT + choices.below(PORTS));
        }
        return switch (choices.below(8)) {
            case 0, 1, 2, 3 -> new Address.TcpClient(LOOPBACK, PORT + choices.below(PORTS));
            case 4, 5 -> new Address.UdsClient(PATH + choices.below(PORTS));
            case 6 -> new Address.TcpClient(SimNames.KNOWN, PORT + choices.below(PORTS));
            default -> new Address.TcpClient("nobody.example", PORT);
        };
    }

    /// Picks an address to listen on, which may be taken.
    Address.Server aDoor() {
        if (wires == Wires.SOME_SECURE && !choices.oneIn(4)) {
            return new Address.TlsServer(LOOPBACK, SECURE_PORT + choices.below(PORTS));
        }
        return switch (choices.below(8)) {
            case 0, 1, 2, 3 -> new Address.TcpServer(LOOPBACK, PORT + choices.below(PORTS));
            case 4, 5 -> new Address.UdsServer(PATH + choices.below(PORTS));
            case 6 -> new Address.TcpServer(LOOPBACK, 0);
            default -> new Address.TcpServer("nobody.example", PORT);
        };
    }

    /// Remembers an event.
    void note(Supplier<String> event) {
        if (tracing) {
            if (trace.size() == TRACE) {
                trace.removeFirst();
            }
            trace.addLast("turn " + turns + ": " + event.get());
        }
    }

    /// Mixes an event into the digest.
    void mix(long event) {
        digest = Long.rotateLeft(digest * 0x9E3779B97F4A7C15L + event, 17) ^ now;
    }

    /// What tells this world from another.
    long digest() {
        return digest;
    }

    int turns() {
        return turns;
    }

    /// How many messages were sent by TLS.
    int sealed() {
        return sealed.sent();
    }

    int posts() {
        return ledger.size();
    }

    /// The last events.
    String story() {
        return String.join("\n", trace) + "\nopen: " + network.leftovers() + "\n" + hosts;
    }
}
