package tofu.engine;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import tofu.engine.channel.Deadline;
import tofu.engine.channel.Limits;
import tofu.engine.net.Net;
import tofu.pool.SlotPool;

/// One event loop, as a stepper: [#step(long)] does bounded work and returns. A thread drives it in
/// production, a test drives it with virtual time.
///
/// ```
/// step: commands -> ready tasks -> poll and dispatch -> deadlines -> publish
/// ```
///
/// Thread: one drives it; [#execute(Command)], [#schedule(ReadyQueue.Entry)] and [#onRefill()] any.
/// Owns the net, and the buffers that all its connections share.
final class Reactor {
    private static final VarHandle ASLEEP;

    static {
        try {
            ASLEEP = MethodHandles.lookup().findVarHandle(Reactor.class, "asleep", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Engine engine;
    private final int index;
    private final Net net;
    private final Environment environment;
    private final SlotPool pool;
    private final Limits limits;
    private final Deliveries deliveries;
    private final Notices notices;
    private final Strangers strangers;
    private final Starvation starvation;
    private final Handshakes handshakes;
    private final DeadlineQueue deadlines = new DeadlineQueue();
    private final ReadyQueue ready = new ReadyQueue();
    private final Queue<Command> commands = new ConcurrentLinkedQueue<>();
    private final ByteBuffer readBuffer;
    private final ByteBuffer staging;

    /// What lives on this loop, by group.
    private final Map<EngineGroup, Set<Endpoint>> endpoints = new HashMap<>();

    /// Groups that are closing, and who waits for the end of their channels on this loop.
    private final Map<EngineGroup, CountDownLatch> closing = new HashMap<>();

    @SuppressWarnings("unused") // through ASLEEP
    private volatile boolean asleep;

    private volatile boolean refilled;

    /// Nobody drives the loop any more.
    private volatile boolean dead;

    private boolean stopped;

    /// The time of this turn of the loop, read at most twice a turn.
    private long nowNanos;

    private boolean timeIsOld;

    Reactor(Engine engine, int index, Net net) {
        this.engine = engine;
        this.index = index;
        this.net = net;
        this.environment = engine.environment();
        this.readBuffer = environment.newReadBuffer();
        this.staging = environment.newStaging();
        this.pool = engine.pool();
        this.limits = Limits.of(engine.options());
        this.deliveries = new Deliveries(index);
        this.notices = new Notices(pool, deliveries);
        this.strangers = new Strangers(notices);
        this.starvation = new Starvation(this, engine.options().maxPoolMessages());
        this.handshakes =
                new Handshakes(
                        Math.max(
                                1,
                                engine.options().maxPendingHandshakes()
                                        / engine.options().loops()));
        this.nowNanos = environment.nanoTime();
    }

    // ---- driving it

    /// Does what there is to do; if there is nothing, waits for it first.
    ///
    /// @param maxWaitNanos how long to wait at most; zero or less does not wait
    /// @return how many tasks, events and commands there were
    /// @throws IOException if waiting itself failed
    int step(long maxWaitNanos) throws IOException {
        nowNanos = environment.nanoTime();
        int work = runCommands() + ready.runAll(nowNanos);
        if (refilled) {
            refilled = false;
            notices.tellWaiting();
            starvation.retry(nowNanos);
            work++;
        }
        deliveries.publish();
        work += poll(work > 0 ? 0 : maxWaitNanos);
        work += deadlines.runDue(now());
        starvation.check(nowNanos);
        deliveries.publish();
        return work;
    }

    private int poll(long maxWaitNanos) throws IOException {
        long waitNanos = stopped ? 0 : maxWaitNanos;
        long next = deadlines.nextNanos();
        if (next != Deadline.NONE) {
            waitNanos = Math.min(waitNanos, next - nowNanos);
        }
        if (waitNanos > 0) {
            // Dekker with wakeIfAsleep: either we see what was added, or who added it sees us
            // asleep.
            ASLEEP.setVolatile(this, true);
            if (hasWork()) {
                waitNanos = 0;
            }
        }
        timeIsOld = waitNanos > 0;
        int events = net.poll(waitNanos);
        ASLEEP.setVolatile(this, false);
        return events;
    }

    /// Whether somebody has asked for something since the last turn. A loop that has work does not
    /// sleep, or is woken.
    boolean hasWork() {
        return !ready.isEmpty() || !commands.isEmpty() || refilled;
    }

    /// Whether the loop has nothing more to do, for ever.
    boolean isStopped() {
        return stopped;
    }

    /// Closes everything without any ado, and lets everybody go who waits.
    void abandon() {
        stopped = true;
        endpoints.values().forEach(ofGroup -> ofGroup.forEach(Endpoint::abandon));
        endpoints.clear();
        dead = true;
        dropCommands();
        closing.values().forEach(CountDownLatch::countDown);
        closing.clear();
        net.close();
    }

    // ---- any thread

    /// Asks for something of the control plane.
    void execute(Command command) {
        commands.add(command);
        if (dead) {
            dropCommands();
        }
        wakeIfAsleep();
    }

    /// Asks for a call of a task, soon.
    void schedule(ReadyQueue.Entry entry) {
        if (ready.offer(entry)) {
            wakeIfAsleep();
        }
    }

    /// The pool has slots again.
    void onRefill() {
        refilled = true;
        wakeIfAsleep();
    }

    private void wakeIfAsleep() {
        if ((boolean) ASLEEP.getVolatile(this) && ASLEEP.compareAndSet(this, true, false)) {
            net.wakeup();
        }
    }

    // ---- commands

    private int runCommands() {
        int count = 0;
        for (Command command = commands.poll(); command != null; command = commands.poll()) {
            switch (command) {
                case Command.Adopt adopt ->
                        engine.adoptOn(this, adopt.stream(), adopt.group(), adopt.number());
                case Command.Resolved resolved ->
                        resolved.waiting().onResolved(resolved.addresses(), nowNanos);
                case Command.CloseGroup close -> closeGroup(close.group(), close.done());
                case Command.Stop _ -> stopped = true;
            }
            count++;
        }
        return count;
    }

    /// Lets go of those who wait for a loop that nobody drives.
    private void dropCommands() {
        for (Command command = commands.poll(); command != null; command = commands.poll()) {
            switch (command) {
                case Command.Adopt adopt -> adopt.stream().close();
                case Command.CloseGroup close -> close.done().countDown();
                case Command.Resolved _, Command.Stop _ -> {}
            }
        }
    }

    private void closeGroup(EngineGroup group, CountDownLatch done) {
        // A channel that was opened just before is scheduled, and not yet among the endpoints.
        ready.runAll(nowNanos);
        closing.put(group, done);
        Set<Endpoint> ofGroup = endpoints.getOrDefault(group, Set.of());
        for (Endpoint endpoint : new ArrayList<>(ofGroup)) {
            endpoint.onGroupClosed(nowNanos);
        }
        endIfLast(group);
    }

    private void endIfLast(EngineGroup group) {
        Set<Endpoint> left = endpoints.get(group);
        if (left == null || left.isEmpty()) {
            endpoints.remove(group);
            CountDownLatch done = closing.remove(group);
            if (done != null) {
                // What the group is still given is in its inbox before whoever waits empties that.
                deliveries.publish();
                done.countDown();
            }
        }
    }

    // ---- for what lives on this loop

    /// Counts an endpoint among those that live here.
    void begin(Endpoint endpoint) {
        endpoints.computeIfAbsent(endpoint.group(), group -> new LinkedHashSet<>()).add(endpoint);
    }

    /// The endpoint has ended and closed its socket.
    void end(Endpoint endpoint) {
        Set<Endpoint> ofGroup = endpoints.get(endpoint.group());
        if (ofGroup != null) {
            ofGroup.remove(endpoint);
        }
        if (endpoint instanceof Connection connection) {
            stopStarving(connection);
        }
        endIfLast(endpoint.group());
    }

    void resolve(String host, Command.Lookup waiting) {
        environment
                .resolver()
                .resolve(host, addresses -> execute(new Command.Resolved(waiting, addresses)));
    }

    /// The time of this turn.
    long now() {
        if (timeIsOld) {
            nowNanos = environment.nanoTime();
            timeIsOld = false;
        }
        return nowNanos;
    }

    Engine engine() {
        return engine;
    }

    int index() {
        return index;
    }

    Net net() {
        return net;
    }

    SlotPool pool() {
        return pool;
    }

    Limits limits() {
        return limits;
    }

    Deliveries deliveries() {
        return deliveries;
    }

    Notices notices() {
        return notices;
    }

    Strangers strangers() {
        return strangers;
    }

    DeadlineQueue deadlines() {
        return deadlines;
    }

    Handshakes handshakes() {
        return handshakes;
    }

    ByteBuffer readBuffer() {
        return readBuffer;
    }

    ByteBuffer staging() {
        return staging;
    }

    boolean isReadBufferInUse() {
        return starvation.isActive();
    }

    void onStarved(Connection connection) {
        starvation.begin(connection, nowNanos);
    }

    /// A connection needs no memory any more.
    void stopStarving(Connection connection) {
        starvation.forget(connection, nowNanos);
    }

    boolean isStarving(Connection connection) {
        return starvation.isFor(connection);
    }

    void parkReader(Connection connection) {
        starvation.park(connection);
    }
}
