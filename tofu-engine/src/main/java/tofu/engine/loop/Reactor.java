package tofu.engine.loop;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tofu.engine.net.Net;
import tofu.pool.StackRoom;

/// One event loop, as a stepper: [#step(long)] does bounded work and returns. A thread drives it in
/// production, a test drives it with virtual time.
///
/// ```
/// step: commands -> ready tasks -> refill -> publish -> poll and dispatch -> deadlines
///       -> end of turn -> publish
/// ```
///
/// Whoever is at the [Helm] drives it. While it waits for its net, or nobody drives it, a thread
/// that posts a message may do the loop's ready tasks itself: all state of the loop, and of whoever
/// lives on it, is behind one lock, which is free then.
///
/// Thread: one drives it; what the section "any thread" has, any. Owns the net.
///
/// Somewhat long: who may touch the loop's state, and when somebody else does the loop's work, is
/// decided here only.
public final class Reactor {
    /// How long whoever drives a loop lets it sleep at most. Whoever is to wake it may be kept from
    /// that by an Error, such as the end of its stack: others wait no longer than this then.
    public static final long LOOK_NANOS = 1_000_000_000;

    /// How often a loop looks for what has come, before a deadline ends something.
    private static final int MOST_LOOKS = 8;

    /// How long a loop that ends waits for whoever acts as the loop.
    private static final long HOLD_NANOS = 1_000_000_000;

    private final Turn turn;
    private final Net net;
    private final Clock clock;
    private final FirstFailure failure;
    private final DeadlineQueue deadlines = new DeadlineQueue();
    private final ReadyQueue ready = new ReadyQueue();
    private final CommandQueue commands = new CommandQueue();
    final Helm helm;
    private final Spin spin;
    private final Bursts bursts;
    private final boolean directFlush;
    private final Turns turns;

    /// Ends the wait; kept, as a poll must not allocate.
    private final Runnable awake = this::resume;

    /// Held by whoever acts as the loop; free while the loop waits.
    private final ReentrantLock state = new ReentrantLock();

    /// Waiting without the lock; the driver's.
    private boolean waiting;

    /// When the wait that is under way ends by itself, [DeadlineQueue#NEVER] if it does not.
    private long alarmNanos = DeadlineQueue.NEVER;

    /// The only one who waits for what this loop brings, `null` if there are none or several.
    private volatile @Nullable Waiter soleWaiter;

    private volatile boolean refilled;

    /// A receiver that may be driving the loop is to look for what has changed for it.
    private volatile boolean nudged;

    /// Nobody drives the loop any more.
    private volatile boolean dead;

    private volatile boolean stopped;

    /// The time of this turn of the loop: read when it begins, after a look for events, and after a
    /// wait.
    private long nowNanos;

    private boolean timeIsOld;

    /// Events of the last poll, the driver's; of the next one there will be about as many. The last
    /// few that one look has found do not count.
    private int eventsBefore;

    /// A loop that nobody drives yet.
    ///
    /// @param turn what is called upwards
    /// @param net what the loop waits with, its own from now on
    /// @param clock the time
    /// @param failure of all loops that go down together
    /// @param directFlush whether threads that post may do the loop's work
    /// @param spinNanos how long to look for events before sleeping, 0 not at all
    public Reactor(
            Turn turn,
            Net net,
            Clock clock,
            FirstFailure failure,
            boolean directFlush,
            long spinNanos) {
        this.turn = turn;
        this.turns = new Turns(turn);
        this.net = net;
        this.clock = clock;
        this.failure = failure;
        this.helm = new Helm(net::wakeup);
        this.bursts = new Bursts(clock);
        this.directFlush = directFlush;
        this.spin = new Spin(spinNanos);
        this.nowNanos = clock.nanoTime();
    }

    // ---- driving it

    /// Does what there is to do; if there is nothing, waits for it first.
    ///
    /// @param maxWaitNanos how long to wait at most; zero or less does not wait
    /// @return how many tasks, events and commands there were
    /// @throws IOException if waiting itself failed
    public int step(long maxWaitNanos) throws IOException {
        state.lock();
        try {
            helm.turn();
            nowNanos = clock.nanoTime();
            turns.begin(nowNanos, helm.isLed());
            int work = commands.runAll(nowNanos) + ready.runAll(nowNanos);
            if (nudged) {
                nudged = false;
                work++;
            }
            if (refilled) {
                refilled = false;
                turn.onRefill(nowNanos);
                work++;
            }
            turn.publish();
            work += poll(work > 0 || net.hasMore() ? 0 : maxWaitNanos);
            work += runDue();
            turn.endOfTurn(nowNanos);
            turn.publish();
            turns.end(clock.nanoTime(), work);
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
        return deadlines.isDue(now) ? look() + deadlines.runDue(now) : 0;
    }

    /// Looks for events until there are none, but not for long: a turn reads a bounded number of
    /// bytes, and more may be here.
    private int look() throws IOException {
        int events = 0;
        int looks = 0;
        boolean goesOn;
        do {
            boolean isLook = !net.hasMore(); // else it goes on with what was found before
            int found = net.poll(0, awake);
            events += found;
            looks += isLook ? 1 : 0;
            goesOn = (found > 0 || !isLook) && looks < MOST_LOOKS;
        } while (goesOn || net.hasMore());
        return events;
    }

    private int poll(long maxWaitNanos) throws IOException {
        long waitNanos = isStopped() ? 0 : maxWaitNanos;
        alarmNanos = deadlines.nextNanos();
        if (alarmNanos != DeadlineQueue.NEVER) {
            waitNanos = Math.min(waitNanos, alarmNanos - nowNanos);
        }
        if (waitNanos > 0) {
            bursts.noteWritten();
            long spinNanos = helm.isLed() ? spin.begin() : 0;
            if (spinNanos > 0) {
                if (spin(Math.min(spinNanos, waitNanos))) {
                    return eventsBefore;
                }
                long before = nowNanos;
                nowNanos = clock.nanoTime();
                // Without end is without end.
                waitNanos -= waitNanos == Long.MAX_VALUE ? 0 : nowNanos - before;
            }
        }
        if (waitNanos > 0) {
            helm.fallAsleep();
            if (hasWork() || isStopped() || helm.isWanted()) {
                helm.riseAgain();
                waitNanos = 0;
            }
        }
        if (waitNanos <= 0) {
            timeIsOld = false;
            boolean goesOn = net.hasMore();
            int events = net.poll(0, awake);
            eventsBefore = goesOn ? Math.max(eventsBefore, events) : events;
            return events;
        }
        if (!turns.isWaiting()) {
            turns.await(clock.nanoTime());
        }
        waiting = true;
        state.unlock();
        try {
            eventsBefore = net.poll(waitNanos, awake);
        } finally {
            resume();
        }
        return eventsBefore;
    }

    /// Looks for events for a while. The loop stays awake: others only have to tell what they want.
    ///
    /// @return whether there were any
    private boolean spin(long nanos) throws IOException {
        long start = clock.nanoTime();
        turns.await(start);
        do {
            timeIsOld = true;
            eventsBefore = net.poll(0, awake);
            if (eventsBefore > 0) {
                spin.ended(true);
                return true;
            }
            clock.spin();
            if (hasWork() || helm.isWanted()) {
                return false;
            }
        } while (clock.nanoTime() - start < nanos);
        spin.ended(false);
        return false;
    }

    /// The wait is over, if there was one: nobody else acts as the loop from now on.
    private void resume() {
        if (waiting) {
            waiting = false;
            state.lock();
            helm.riseAgain();
            timeIsOld = true;
        }
        if (turns.isWaiting()) {
            turns.goOn(now());
        }
    }

    /// Whether somebody has asked for something since the last turn. A loop that has work does not
    /// sleep, or is woken.
    ///
    /// @return true until the next turn
    public boolean hasWork() {
        return !ready.isEmpty() || !commands.isEmpty() || refilled || nudged;
    }

    /// Whether the loop has nothing more to do, for ever.
    ///
    /// @return true once it is stopped, or has failed
    public boolean isStopped() {
        return stopped || failure.cause() != null;
    }

    /// Closes everything without any ado, and lets everybody go who waits, see [Turn#abandon()].
    ///
    /// Whoever acts as the loop may never be done, or may have been kept from saying that he is: he
    /// is waited for, but not for long.
    ///
    /// @return false if something is left: to be called again
    public boolean abandon() {
        stopped = true;
        dead = true;
        boolean held = false;
        try {
            boolean done = commands.dropAll();
            held = tryHold();
            done &= commands.dropBegun();
            if (!turn.abandon()) {
                return false;
            }
            net.close();
            return done;
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

    // ---- any thread

    /// Asks for something of the control plane.
    ///
    /// @param command what to do
    public void execute(Command command) {
        commands.add(command);
        if (dead) {
            command.drop(); // thrown to the caller: nobody is left who would try again
            commands.dropAll();
        }
        wake();
    }

    /// Ends the loop; or, if it has failed, its work.
    public void stop() {
        stopped = true;
        wake();
    }

    /// Tells whoever has the loop that it cannot go on.
    ///
    /// @param bug what was thrown
    void fail(Throwable bug) {
        turn.fail(bug);
    }

    /// Ends the wait of a receiver that drives the loop: something has changed for it.
    void nudge() {
        nudged = true;
        wake();
    }

    /// The pool has slots again.
    public void onRefill() {
        refilled = true;
        wake();
    }

    /// Makes whoever drives the loop look for work, or the keeper drive it.
    public void wake() {
        helm.wake();
    }

    /// Asks for a call of a task, soon.
    ///
    /// @param entry the task's place
    public void schedule(ReadyQueue.Entry entry) {
        boolean told = false;
        try {
            boolean first = ready.offer(entry);
            if (helm.untold || (first && !(helm.isAdrift() && entry.leader.isCurrent()))) {
                wake();
            }
            told = true;
        } finally {
            if (!told) {
                helm.untold = true;
            }
        }
    }

    /// Asks for a call of a task that has a message to send: by the loop, or in this thread.
    /// Whoever has led the loop and has more messages to take will lead it again before long;
    /// others must not wait for that, though what it has deferred is in the queue before them.
    ///
    /// @param entry the task's place
    public void post(ReadyQueue.Entry entry) {
        boolean told = false;
        try {
            boolean first = ready.offer(entry);
            if (helm.isAdrift() ? !entry.leader.defersFlush() : first || helm.untold) {
                flush();
            }
            told = true;
        } finally {
            if (!told) {
                helm.untold = true;
            }
        }
    }

    /// Sends what has gathered, though it comes in a burst: the loop need not be woken for it.
    public void postMany() {
        if (directFlush && !ready.isEmpty()) {
            if (flushHere(true)) {
                bursts.onFed();
            } else {
                wake();
            }
        }
    }

    /// Sees to it that what was posted is sent.
    private void flush() {
        if (helm.isQuiet() && !ready.isEmpty() && !(directFlush && flushHere(false))) {
            wake();
        }
    }

    /// Sees to it that what the leader has deferred is sent.
    void flushDeferred() {
        if ((helm.isAdrift() || helm.untold) && !ready.isEmpty()) {
            if (!flushHere(true)) {
                wake();
            } else if (clock.isUniprocessor()) {
                helm.sighted(); // the keeper would only take the processor from the leader
            }
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
        Throwable bug = null;
        boolean done = false;
        try {
            long now = clock.nanoTime();
            if (!dead && (evenInBurst || !bursts.isBurst(now))) {
                long changes = net.changes();
                nowNanos = now;
                timeIsOld = false;
                ready.runAll(now);
                turn.publish();
                bursts.noteWritten();
                turns.flushed();
                done = helm.isAdrift() || (net.changes() == changes && !hasEarlierDeadline());
            }
        } catch (RuntimeException | Error e) {
            bug = e;
        } finally {
            state.unlock();
        }
        if (bug != null) {
            fail(bug);
        }
        return done;
    }

    /// Whether there is a deadline before the end of the wait that is under way.
    private boolean hasEarlierDeadline() {
        long next = deadlines.nextNanos();
        return next != DeadlineQueue.NEVER
                && (alarmNanos == DeadlineQueue.NEVER || next - alarmNanos < 0);
    }

    // ---- who drives it: any thread

    /// Gives the loop to its keeper, before there is any other thread.
    ///
    /// @param keeper the thread
    public void keep(Thread keeper) {
        helm.keep(keeper);
    }

    /// Keeper: waits until the loop is its own to drive.
    public void attend() {
        helm.attend();
    }

    /// Keeper: lets a receiver drive the loop who has asked for it.
    public void cede() {
        if (helm.isWanted() && !isStopped()) {
            helm.cede();
            wakeIfWork();
        }
    }

    /// Keeper: whether senders do most of the loop's work themselves, and nobody waits for what
    /// else there is.
    ///
    /// @return false while there is more of what the last poll has found
    public boolean isFedBySenders() {
        return !net.hasMore() && bursts.isFedBySenders();
    }

    /// Keeper: whether messages come one upon the other, and nobody waits for the loop.
    boolean isBursting() {
        return !net.hasMore() && bursts.isBursting();
    }

    /// Leader: whether there is more of what the last poll has found.
    boolean hasMore() {
        return net.hasMore();
    }

    /// Whether somebody's receiver may drive the loop: if nobody else needs it.
    boolean mayBeLedBy(Waiter waiter) {
        return soleWaiter == waiter;
    }

    /// Whether the calling thread acts as the loop.
    ///
    /// @return true if so, which only that thread is told
    public boolean isCurrent() {
        return state.isHeldByCurrentThread();
    }

    /// Whether a receiver drives the loop.
    ///
    /// @return true if one does
    public boolean isLed() {
        return helm.isLed();
    }

    /// Begins to drive the loop.
    ///
    /// @return false if somebody does already
    public boolean lead() {
        return helm.lead();
    }

    /// Ends what [#lead()] began.
    ///
    /// @param forGood whether the leader will not be back soon
    public void leave(boolean forGood) {
        helm.leave();
        if (forGood) {
            wake();
        } else {
            wakeIfWork();
        }
    }

    /// Asks whoever keeps the loop to let the calling thread lead it.
    public void askToLead() {
        helm.want();
        wake();
    }

    private void wakeIfWork() {
        // Dekker with wake, as before a wait.
        if (hasWork() || isStopped()) {
            wake();
        }
    }

    // ---- for what lives on this loop

    /// Says who waits for what this loop brings.
    ///
    /// @param waiter the only one, `null` if there are none or several
    public void soleWaiter(@Nullable Waiter waiter) {
        soleWaiter = waiter;
    }

    /// Calls all tasks that are scheduled now, before their turn.
    public void runReady() {
        ready.runAll(nowNanos);
    }

    /// The time of this turn.
    ///
    /// @return nanoseconds, as [Clock#nanoTime()] counts them
    public long now() {
        if (timeIsOld) {
            nowNanos = clock.nanoTime();
            timeIsOld = false;
        }
        return nowNanos;
    }

    /// Messages were written in this turn.
    public void onWritten() {
        bursts.onWritten();
    }

    /// The tasks that wait for a point in time.
    ///
    /// @return the loop's own
    public DeadlineQueue deadlines() {
        return deadlines;
    }

    /// What the loop has counted.
    ///
    /// @return its own, for any thread to read
    public Turns turns() {
        return turns;
    }

    /// How many events a turn has, about.
    ///
    /// @return those of the last poll
    public int events() {
        return eventsBefore;
    }
}
