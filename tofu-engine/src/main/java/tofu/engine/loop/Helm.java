package tofu.engine.loop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Decides which thread drives a loop, and knows who is to be woken when there is something to do.
///
/// Its keeper drives it, the thread that the engine has for it; or a leader, an application's
/// thread that waits for a message and drives the loop meanwhile. A leader that has got its message
/// leaves the helm to nobody, as it will most likely be back before anything else happens: so a
/// message and its answer need no second thread. The keeper watches, and takes the helm when nobody
/// has had it for a while and no leader was [sighted][#sighted()] either, or when it is called. It
/// rests when one leader has waited for long, and is told when that one leaves.
///
/// | state           | who drives            | whoever has something for the loop         |
/// |-----------------|-----------------------|--------------------------------------------|
/// | `KEEPER_AWAKE`  | the keeper            | needs nobody: it looks before it waits     |
/// | `KEEPER_ASLEEP` | the keeper, in a poll | ends the poll                              |
/// | `LEADER_AWAKE`  | a leader              | needs nobody                               |
/// | `LEADER_ASLEEP` | a leader, in a poll   | ends the poll                              |
/// | `ADRIFT`        | nobody                | calls the keeper, unless he was the leader |
/// | `CALLED`        | nobody                | needs nobody: the keeper is on its way     |
///
/// Who drives changes by [#lead()], [#leave()], [#cede()] and [#attend()]. Only whoever drives
/// falls asleep, after which he looks once more for work. Only whoever finds the state asleep or
/// adrift wakes, and makes it awake or called by that: one waker for each sleep. A waker may be
/// kept from it by an Error, such as the end of his stack. Then the loop is *untold*, and the next
/// one wakes both ways, as he cannot know what has become of it meanwhile; and nobody sleeps for
/// longer than [Reactor#LOOK_NANOS].
///
/// Each change of hands is a store, which no Error can part.
///
/// Threads: any, as said. At most one of them is at the helm.
final class Helm {
    private static final int KEEPER_AWAKE = 0;
    private static final int LEADER_AWAKE = 1;
    private static final int CALLED = 2;

    /// Who drives: the state but for this bit, which says that somebody has to be woken.
    private static final int QUIET = 4;

    private static final int ADRIFT = CALLED | QUIET;

    /// How often the keeper looks: the loop may be nobody's for twice as long; while a leader is
    /// sighted, for so many looks as [#MOST_AWAY].
    private static final long WATCH_NANOS = 1_000_000;

    /// After so many looks without a turn, a leader is away, though it was sighted: what it sends
    /// may never end.
    private static final int MOST_AWAY = 16;

    /// How soon the keeper looks again when it was called and somebody else is at the helm.
    private static final long SOON_NANOS = 50_000;

    /// After so many looks without a turn of the loop the keeper rests.
    private static final int QUIET_LOOKS = 16;

    /// How long the keeper rests at most: who is to end its rest may be kept from it by an Error.
    private static final long REST_NANOS = 1_000_000_000;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Helm.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Runnable endSleep;

    /// The keeper's; not made when it looks, as there may be no memory then.
    final Watch watch = new Watch();

    private volatile int state = CALLED;

    /// Somebody was to wake whoever drives, and an Error may have kept him from it. Set by a store,
    /// which needs no stack, where the call that failed had not enough.
    volatile boolean untold;

    /// Turns of the loop so far; written at the helm.
    private volatile long turns;

    /// How often a leader was sighted beside them. Two threads may count at once, and lose
    /// some: the keeper then looks early, or once more.
    private volatile long sightings;

    /// The number of turns when the keeper was called: one more turn does what it was called for.
    private volatile long calledAt = -1;

    /// The keeper looks seldom, as one leader has waited for long.
    volatile boolean resting;

    private volatile @Nullable Thread keeper;

    /// A receiver who asks the keeper for the helm.
    private volatile @Nullable Thread candidate;

    /// @param endSleep ends the poll in which whoever drives is asleep, or the next one
    Helm(Runnable endSleep) {
        this.endSleep = endSleep;
    }

    /// Gives the helm to the keeper, before there is any other thread.
    void keep(Thread thread) {
        keeper = thread;
        state = KEEPER_AWAKE;
    }

    // ---- at the helm

    /// A turn of the loop begins.
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time
    void turn() {
        turns++;
    }

    /// Says that whoever drives is about to wait; he has to look for work once more after it.
    void fallAsleep() {
        assert driver(state) != CALLED : state;
        // Dekker with wake: either we see what was added, or who added it sees us asleep.
        STATE.setVolatile(this, state | QUIET);
    }

    /// Says that whoever drives is awake again, whoever woke him.
    void riseAgain() {
        assert driver(state) != CALLED : state;
        STATE.setVolatile(this, driver(state));
    }

    // ---- the keeper

    /// What the keeper sees of the helm, look by look.
    ///
    /// Thread: the keeper.
    final class Watch {
        private long signsSeen;
        private long turnsSeen;

        /// Looks without a sign of life.
        private int quiet;

        /// Looks without a turn, though nobody waits at the helm.
        private int away;

        void begin() {
            signsSeen = -1;
            turnsSeen = -1;
            quiet = 0;
            away = 0;
        }

        /// Looks.
        ///
        /// @return whether whoever has driven the loop is not expected back
        boolean finds() {
            long signs = signs();
            long made = turns;
            quiet = signs == signsSeen ? quiet + 1 : 0;
            away = made == turnsSeen && !isLed() ? away + 1 : 0;
            signsSeen = signs;
            turnsSeen = made;
            return quiet > 0 || away >= MOST_AWAY;
        }
    }

    /// Waits until the keeper is at the helm.
    void attend() {
        if (driver(state) == KEEPER_AWAKE) {
            return;
        }
        watch.begin();
        while (true) {
            boolean called = calledAt >= turns;
            boolean forsaken = watch.finds();
            if ((called || forsaken) && take(KEEPER_AWAKE)) {
                return;
            }
            if (called) {
                LockSupport.parkNanos(this, SOON_NANOS);
            } else if (watch.quiet < QUIET_LOOKS) {
                LockSupport.parkNanos(this, WATCH_NANOS);
            } else {
                rest();
                watch.begin();
            }
            Thread.interrupted(); // left standing, it would end every wait at once
        }
    }

    /// Signs of life of whoever drives the loop, so far.
    long signs() {
        return turns + sightings;
    }

    /// Waits for the end of a long wait.
    private void rest() {
        resting = true;
        // Dekker with leave and wake: either we see what they did, or they unpark us.
        if (isLed() && calledAt < turns) {
            LockSupport.parkNanos(this, REST_NANOS);
        }
        resting = false;
    }

    /// Keeper: whether a receiver wants to lead.
    boolean isWanted() {
        return candidate != null;
    }

    /// Keeper: leaves the helm to the receiver who has asked for it. Who has work has to look for
    /// it once more after this.
    void cede() {
        Thread wants = candidate;
        candidate = null;
        STATE.setVolatile(this, ADRIFT);
        LockSupport.unpark(wants);
    }

    // ---- receivers

    /// Takes the helm if nobody has it.
    boolean lead() {
        if (!take(LEADER_AWAKE)) {
            return false;
        }
        candidate = null;
        return true;
    }

    /// Leader: leaves the helm to nobody. He has to look for work once more after this.
    void leave() {
        sighted(); // its last turn may have begun long ago
        STATE.setVolatile(this, ADRIFT);
        if (resting) {
            LockSupport.unpark(keeper);
        }
    }

    /// Leader: says that it is at work, though not at the helm, and will be back.
    @SuppressWarnings("NonAtomicVolatileUpdate") // one more or less does not count
    void sighted() {
        sightings++;
    }

    /// Asks the keeper for the helm; it unparks the calling thread when that is free.
    void want() {
        candidate = Thread.currentThread();
    }

    // ---- any thread

    boolean isLed() {
        return driver(state) == LEADER_AWAKE;
    }

    /// Whether nobody drives the loop, and nobody was called.
    boolean isAdrift() {
        return state == ADRIFT;
    }

    /// Whether nobody looks for what was added just now, unless he is woken.
    boolean isQuiet() {
        return (state & QUIET) != 0 || untold;
    }

    /// Makes whoever drives the loop look for work, or the keeper drive it.
    void wake() {
        int seen = state;
        boolean both = untold;
        if (!both && (seen & QUIET) == 0) {
            return;
        }
        boolean mine = (seen & QUIET) != 0 && STATE.compareAndSet(this, seen, driver(seen));
        if (!mine && !both) {
            return; // somebody else is the waker
        }
        boolean told = false;
        try {
            untold = false;
            if (both || driver(seen) != CALLED) {
                endSleep.run();
            }
            if (both || driver(seen) == CALLED) {
                call();
            }
            told = true;
        } finally {
            if (!told) {
                untold = true;
            }
        }
    }

    /// Makes the keeper take the helm, unless the loop makes another turn before.
    void call() {
        calledAt = turns;
        LockSupport.unpark(keeper);
    }

    /// Takes the helm from nobody.
    private boolean take(int awake) {
        int seen = state;
        while (driver(seen) == CALLED) {
            if (STATE.compareAndSet(this, seen, awake)) {
                return true;
            }
            seen = state; // a waker has called meanwhile, or somebody has taken it
        }
        return false;
    }

    /// Who drives, in a state: as the state when he is awake.
    private static int driver(int state) {
        return state & ~QUIET;
    }
}
