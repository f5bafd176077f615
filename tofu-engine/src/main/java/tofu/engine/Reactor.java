package tofu.engine;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tofu.engine.channel.Deadline;
import tofu.engine.channel.Limits;
import tofu.engine.net.Net;
import tofu.pool.SlotPool;
import tofu.pool.StackRoom;

/// One event loop, as a stepper: [#step(long)] does bounded work and returns. A thread drives it in
/// production, a test drives it with virtual time.
///
/// ```
/// step: commands -> ready tasks -> poll and dispatch -> deadlines -> publish
/// ```
///
/// Whoever is at the [Helm] drives it. While it waits for its net, or nobody drives it, a thread
/// that posts a message may do the loop's ready tasks itself: all state is behind one lock, which
/// is free then.
///
/// Thread: one drives it; what the section "any thread" has, any. Owns the net, and the buffers
/// that all its connections share.
///
/// Somewhat long: who may touch the loop's state, and who must wake it, is decided here only.
final class Reactor {
    /// Somebody drives the loop, and will look for work before he waits.
    private static final int AWAKE = 0;

    /// Whoever drives the loop waits for the net, or is about to.
    private static final int ASLEEP = 1;

    /// Nobody drives the loop.
    private static final int ADRIFT = 2;

    /// Asleep or adrift: somebody was to wake the loop, and an Error may have kept him from it. As
    /// he cannot know what has become of the loop meanwhile, the next one wakes both ways.
    private static final int UNTOLD = 3;

    /// A message that comes this soon after others were written is most likely one of many: better
    /// gathered by the loop than written at once.
    private static final long BURST_NANOS = 10_000;

    /// Senders who have sent so recently what had gathered most likely go on so.
    private static final long FED_NANOS = 200_000;

    /// What the connections that are ready may read in one turn, shared among them: more would no
    /// longer be in the processor's cache when their messages are taken (decision 18).
    private static final int READ_BYTES = 256 << 10;

    /// The least share, worth a system call of its own.
    private static final int LEAST_READ_BYTES = 16 << 10;

    /// How long whoever drives a loop lets it sleep at most. Whoever is to wake it may be kept from
    /// that by an Error, such as the end of its stack: others wait no longer than this then.
    static final long LOOK_NANOS = 1_000_000_000;

    /// How often a loop looks for what has come, before a deadline ends something.
    private static final int MOST_LOOKS = 8;

    /// How long a loop that ends waits for whoever acts as the loop.
    private static final long HOLD_NANOS = 1_000_000_000;

    private static final VarHandle MODE;

    static {
        try {
            MODE = MethodHandles.lookup().findVarHandle(Reactor.class, "mode", int.class);
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
    private final DeadlineQueue deadlines = new DeadlineQueue();
    private final ReadyQueue ready = new ReadyQueue();
    private final Queue<Command> commands = new ConcurrentLinkedQueue<>();
    private final ByteBuffer readBuffer;
    private final ByteBuffer staging;

    /// What lives on this loop, by group.
    private final Map<EngineGroup, Set<Endpoint>> endpoints = new HashMap<>();

    /// Groups that are closing, and who waits for the end of their channels on this loop.
    private final Map<EngineGroup, CountDownLatch> closing = new HashMap<>();

    /// Kept, so that failing allocates nothing.
    @SuppressWarnings("UnnecessaryLambda")
    private final BiConsumer<EngineGroup, CountDownLatch> letGo = (group, done) -> done.countDown();

    private final Helm helm = new Helm();
    private final Spin spin;
    private final boolean directFlush;

    /// Held by whoever acts as the loop; free while the loop waits.
    private final ReentrantLock state = new ReentrantLock();

    @SuppressWarnings("UnusedVariable") // through MODE
    private volatile int mode = AWAKE;

    /// Waiting without the lock; the driver's.
    private boolean waiting;

    /// When the wait that is under way ends by itself, [Deadline#NONE] if it does not.
    private long alarmNanos = Deadline.NONE;

    private boolean written;

    /// When a sender has sent what had gathered.
    private volatile long fedNanos;

    /// When messages were written last.
    private long writtenNanos;

    /// The only group that has anything on this loop, `null` if there are none or several.
    private volatile @Nullable EngineGroup soleGroup;

    private volatile boolean refilled;

    /// A receiver that may be driving the loop is to look for what has changed for it.
    private volatile boolean nudged;

    /// Nobody drives the loop any more.
    private volatile boolean dead;

    private volatile boolean stopped;

    /// The time of this turn of the loop, read at most twice a turn.
    private long nowNanos;

    private boolean timeIsOld;

    /// Events of the last poll, the driver's; of the next one there will be about as many.
    private int eventsBefore;

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
        this.starvation = new Starvation(this, engine.emptyPool());
        this.directFlush = engine.options().directFlush();
        this.spin = new Spin(engine.options().spin().toNanos());
        this.nowNanos = environment.nanoTime();
        this.writtenNanos = nowNanos - BURST_NANOS;
        this.fedNanos = nowNanos - FED_NANOS;
    }

    // ---- driving it

    /// Does what there is to do; if there is nothing, waits for it first.
    ///
    /// @param maxWaitNanos how long to wait at most; zero or less does not wait
    /// @return how many tasks, events and commands there were
    /// @throws IOException if waiting itself failed
    int step(long maxWaitNanos) throws IOException {
        state.lock();
        try {
            helm.turn();
            nowNanos = environment.nanoTime();
            int work = runCommands() + ready.runAll(nowNanos);
            if (nudged) {
                nudged = false;
                work++;
            }
            if (refilled) {
                refilled = false;
                notices.tellWaiting();
                starvation.retry(nowNanos);
                work++;
            }
            deliveries.publish();
            work += poll(work > 0 ? 0 : maxWaitNanos);
            work += runDue();
            engine.emptyPool().check(nowNanos);
            deliveries.publish();
            return work;
        } finally {
            if (state.isHeldByCurrentThread()) { // else an Error has kept it from being taken again
                state.unlock();
            }
        }
    }

    /// Runs deadlines that have come; but first looks for what has come until now. A process that
    /// was stopped, or had no processor, may find that all is late, and what it waited for is here.
    private int runDue() throws IOException {
        long now = now();
        if (!Deadline.isDue(deadlines.nextNanos(), now)) {
            return 0;
        }
        return look() + deadlines.runDue(now);
    }

    /// Looks for events until there are none, but not for long: a turn reads a bounded number of
    /// bytes, and more may be here.
    private int look() throws IOException {
        int events = 0;
        int found = net.poll(0);
        for (int looks = 1; found > 0 && looks < MOST_LOOKS; looks++) {
            events += found;
            found = net.poll(0);
        }
        return events + found;
    }

    private int poll(long maxWaitNanos) throws IOException {
        long waitNanos = isStopped() ? 0 : maxWaitNanos;
        alarmNanos = deadlines.nextNanos();
        if (alarmNanos != Deadline.NONE) {
            waitNanos = Math.min(waitNanos, alarmNanos - nowNanos);
        }
        if (waitNanos > 0) {
            noteWritten();
            long spinNanos = helm.isLed() ? spin.begin() : 0;
            if (spinNanos > 0) {
                if (spin(Math.min(spinNanos, waitNanos))) {
                    return eventsBefore;
                }
                long before = nowNanos;
                nowNanos = environment.nanoTime();
                // Without end is without end.
                waitNanos -= waitNanos == Long.MAX_VALUE ? 0 : nowNanos - before;
            }
        }
        if (waitNanos > 0) {
            // Dekker with wake: either we see what was added, or who added it sees us asleep.
            MODE.setVolatile(this, ASLEEP);
            if (hasWork() || isStopped() || helm.isWanted()) {
                MODE.setVolatile(this, AWAKE);
                waitNanos = 0;
            }
        }
        if (waitNanos <= 0) {
            timeIsOld = false;
            eventsBefore = net.poll(0);
            return eventsBefore;
        }
        waiting = true;
        state.unlock();
        try {
            eventsBefore = net.poll(waitNanos);
        } finally {
            resume();
        }
        return eventsBefore;
    }

    /// Looks for events for a while. The loop stays awake: others only have to tell what they want.
    ///
    /// @return whether there were any
    private boolean spin(long nanos) throws IOException {
        long start = environment.nanoTime();
        do {
            timeIsOld = true;
            eventsBefore = net.poll(0);
            if (eventsBefore > 0) {
                spin.ended(true);
                return true;
            }
            environment.spin();
            if (hasWork() || helm.isWanted()) {
                return false;
            }
        } while (environment.nanoTime() - start < nanos);
        spin.ended(false);
        return false;
    }

    /// Called first by whatever the net calls: the wait is over.
    void resume() {
        if (waiting) {
            waiting = false;
            state.lock();
            MODE.setVolatile(this, AWAKE);
            timeIsOld = true;
        }
    }

    /// Whether somebody has asked for something since the last turn. A loop that has work does not
    /// sleep, or is woken.
    boolean hasWork() {
        return !ready.isEmpty() || !commands.isEmpty() || refilled || nudged;
    }

    /// Whether the loop has nothing more to do, for ever.
    boolean isStopped() {
        return stopped || engine.failure() != null;
    }

    /// Closes everything without any ado, and lets everybody go who waits. To let go takes no
    /// memory, and comes first; what fails does not keep the rest from being done.
    ///
    /// Whoever acts as the loop may never be done, or may have been kept from saying that he is: he
    /// is waited for, but not for long.
    ///
    /// @return false if something is left: to be called again
    boolean abandon() {
        stopped = true;
        dead = true;
        boolean held = false;
        try {
            boolean done = dropCommands();
            held = tryHold();
            closing.forEach(letGo);
            closing.clear();
            return closeEverything() && done;
        } finally {
            if (held) {
                state.unlock();
            }
        }
    }

    private boolean tryHold() {
        try {
            return state.tryLock(HOLD_NANOS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return state.tryLock();
        }
    }

    private boolean closeEverything() {
        boolean done = true;
        for (Set<Endpoint> ofGroup : endpoints.values()) {
            for (Iterator<Endpoint> left = ofGroup.iterator(); left.hasNext(); ) {
                try {
                    left.next().abandon();
                    left.remove();
                } catch (RuntimeException | Error again) {
                    done = false;
                }
            }
        }
        if (done) {
            net.close();
        }
        return done;
    }

    // ---- any thread

    /// Asks for something of the control plane.
    void execute(Command command) {
        commands.add(command);
        if (dead) {
            dropCommands();
        }
        wake();
    }

    /// Ends the loop; or, if it has failed, its work.
    void stop() {
        stopped = true;
        wake();
    }

    /// Ends the wait of a receiver that drives the loop: something has changed for it.
    void nudge() {
        nudged = true;
        wake();
    }

    /// Asks for a call of a task, soon.
    void schedule(ReadyQueue.Entry entry, EngineGroup group) {
        boolean told = false;
        try {
            boolean first = ready.offer(entry);
            int seen = mode;
            if ((first || seen == UNTOLD) && !(seen == ADRIFT && group.leader().isCurrent())) {
                wake();
            }
            told = true;
        } finally {
            if (!told) {
                mode = UNTOLD; // a store needs no stack, where the call that failed had not enough
            }
        }
    }

    /// Asks for a call of a task that has a message to send: by the loop, or in this thread.
    /// Whoever has led the loop and has more messages to take will lead it again before long;
    /// others must not wait for that, though what it has deferred is in the queue before them.
    void post(ReadyQueue.Entry entry, EngineGroup group) {
        boolean told = false;
        try {
            boolean first = ready.offer(entry);
            int seen = mode;
            if (seen == ADRIFT ? !group.leader().defersFlush() : first || seen == UNTOLD) {
                flush();
            }
            told = true;
        } finally {
            if (!told) {
                mode = UNTOLD;
            }
        }
    }

    /// Sends what has gathered, though it comes in a burst: the loop need not be woken for it.
    void postMany() {
        if (directFlush && !ready.isEmpty()) {
            if (flushHere(true)) {
                fedNanos = environment.nanoTime();
            } else {
                wake();
            }
        }
    }

    /// Sees to it that what was posted is sent.
    void flush() {
        if (mode != AWAKE && !ready.isEmpty() && !(directFlush && flushHere(false))) {
            wake();
        }
    }

    /// Sees to it that what the leader has deferred is sent.
    void flushDeferred() {
        int seen = mode;
        if ((seen == ADRIFT || seen == UNTOLD) && !ready.isEmpty() && !flushHere(true)) {
            wake();
        }
    }

    /// Does the loop's ready tasks in this thread, if nobody else does.
    ///
    /// @param evenInBurst whether to do them though messages were written just before
    /// @return false if the loop has to be woken
    private boolean flushHere(boolean evenInBurst) {
        StackRoom.ask(); // or a lock would stay locked, and a connection half written
        if (!state.tryLock()) {
            return false;
        }
        Throwable failure = null;
        boolean done = false;
        try {
            long now = environment.nanoTime();
            if (!dead && (evenInBurst || now - writtenNanos >= BURST_NANOS)) {
                long changes = net.changes();
                nowNanos = now;
                timeIsOld = false;
                ready.runAll(now);
                deliveries.publish();
                noteWritten();
                done =
                        mode == ADRIFT
                                || (net.changes() == changes
                                        && !isEarlier(deadlines.nextNanos(), alarmNanos));
            }
        } catch (RuntimeException | Error bug) {
            failure = bug;
        } finally {
            state.unlock();
        }
        if (failure != null) {
            engine.fail(failure);
        }
        return done;
    }

    private static boolean isEarlier(long deadline, long other) {
        return deadline != Deadline.NONE && (other == Deadline.NONE || deadline - other < 0);
    }

    /// The pool has slots again.
    void onRefill() {
        refilled = true;
        wake();
    }

    /// Makes whoever drives the loop look for work, or the keeper drive it.
    void wake() {
        int seen = mode;
        if (seen != AWAKE && MODE.compareAndSet(this, seen, AWAKE)) {
            boolean told = false;
            try {
                if (seen != ADRIFT) {
                    net.wakeup();
                }
                if (seen != ASLEEP) {
                    helm.call();
                }
                told = true;
            } finally {
                if (!told) {
                    mode = UNTOLD;
                }
            }
        }
    }

    /// Keeper: whether senders do most of the loop's work themselves.
    boolean isFedBySenders() {
        return environment.nanoTime() - fedNanos < FED_NANOS;
    }

    /// Keeper: whether messages come one upon the other.
    boolean isBursting() {
        return environment.nanoTime() - writtenNanos < 5 * BURST_NANOS;
    }

    // ---- who drives it: any thread

    /// Gives the loop to its keeper, before there is any other thread.
    void keep(Thread keeper) {
        helm.keep(keeper);
    }

    /// Keeper: waits until the loop is its own to drive.
    void attend() {
        if (helm.attend()) {
            mode = AWAKE;
        }
    }

    /// Keeper: lets a receiver drive the loop who has asked for it.
    void cede() {
        if (helm.isWanted() && !isStopped()) {
            mode = ADRIFT;
            helm.cede();
            callIfWork();
        }
    }

    /// Whether a group's receiver may drive the loop: if nobody else needs it.
    boolean mayBeLedBy(EngineGroup group) {
        return soleGroup == group;
    }

    /// Whether the calling thread acts as the loop.
    boolean isCurrent() {
        return state.isHeldByCurrentThread();
    }

    /// Whether a receiver drives the loop.
    boolean isLed() {
        return helm.isLed();
    }

    /// Begins to drive the loop.
    ///
    /// @return false if somebody does already
    boolean lead() {
        boolean taken = helm.lead();
        if (taken) {
            mode = AWAKE;
        }
        return taken;
    }

    /// Ends what [#lead()] began.
    ///
    /// @param forGood whether the leader will not be back soon
    void leave(boolean forGood) {
        mode = ADRIFT;
        helm.leave();
        if (forGood) {
            wake();
        } else {
            callIfWork();
        }
    }

    /// Asks whoever keeps the loop to let the calling thread lead it.
    void askToLead() {
        helm.want();
        wake();
    }

    private void callIfWork() {
        // Dekker with wake, as before a wait.
        if (hasWork() || isStopped()) {
            wake();
        }
    }

    // ---- commands

    private int runCommands() {
        int count = 0;
        for (Command command = commands.poll(); command != null; command = commands.poll()) {
            switch (command) {
                case Command.Adopt adopt -> engine.adoptOn(this, adopt);
                case Command.Resolved resolved ->
                        resolved.waiting().onResolved(resolved.addresses(), nowNanos);
                case Command.Evict evict -> evict.oldest().evict(nowNanos);
                case Command.CloseGroup close -> closeGroup(close.group(), close.done());
            }
            count++;
        }
        return count;
    }

    /// Lets go of those who wait for a loop that nobody drives.
    ///
    /// @return false if something is left
    private boolean dropCommands() {
        List<Command> left = null;
        for (Command command = commands.poll(); command != null; command = commands.poll()) {
            try {
                switch (command) {
                    case Command.Adopt adopt -> adopt.stream().close();
                    case Command.CloseGroup close -> close.done().countDown();
                    case Command.Resolved _, Command.Evict _ -> {}
                }
            } catch (RuntimeException | Error again) {
                left = left == null ? new ArrayList<>() : left;
                left.add(command);
            }
        }
        return left == null || !commands.addAll(left);
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
            findSoleGroup();
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
        findSoleGroup();
    }

    private void findSoleGroup() {
        soleGroup = endpoints.size() == 1 ? endpoints.keySet().iterator().next() : null;
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

    /// Looks up a name for somebody who lives here.
    ///
    /// @return to be withdrawn by who needs it no longer; `null` if it cannot be looked up now
    Resolver.@Nullable Question resolve(String host, Command.Lookup waiting) {
        return environment
                .resolver()
                .ask(host, addresses -> execute(new Command.Resolved(waiting, addresses)));
    }

    /// The time of this turn.
    long now() {
        if (timeIsOld) {
            nowNanos = environment.nanoTime();
            timeIsOld = false;
        }
        return nowNanos;
    }

    /// Messages were written in this turn.
    void onWritten() {
        written = true;
    }

    private void noteWritten() {
        if (written) {
            written = false;
            writtenNanos = environment.nanoTime();
        }
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

    /// How much a connection may read now, in bytes.
    int readShare() {
        return Math.max(READ_BYTES / Math.max(eventsBefore, 1), LEAST_READ_BYTES);
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
