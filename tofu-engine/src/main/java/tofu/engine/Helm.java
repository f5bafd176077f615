package tofu.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Decides which thread drives a loop: its keeper, the thread that the engine has for it, or a
/// leader, an application's thread that waits for a message and drives the loop meanwhile.
///
/// A leader that has got its message leaves the helm to nobody, as it will most likely be back
/// before anything else happens: so a message and its answer need no second thread. The keeper
/// watches, and takes the helm when nobody has had it for a while, or when it is called. It rests
/// when one leader has waited for long, and is told when that one leaves.
///
/// Each change of hands is a store, which no Error can part; what an Error may keep a thread from
/// is to wake another one, who looks by himself before long.
///
/// Threads: any, as said. At most one of them is at the helm.
final class Helm {
    private static final int KEEPER = 0;
    private static final int LEADER = 1;
    private static final int NOBODY = 2;

    /// How often the keeper looks: the loop may be nobody's for twice as long.
    private static final long WATCH_NANOS = 1_000_000;

    /// How soon the keeper looks again when it was called and somebody else is at the helm.
    private static final long SOON_NANOS = 50_000;

    /// After so many looks without a turn of the loop the keeper rests.
    private static final int QUIET_LOOKS = 16;

    /// How long the keeper rests at most: who is to end its rest may be kept from it by an Error.
    private static final long REST_NANOS = 1_000_000_000;

    private static final VarHandle HOLDER;

    static {
        try {
            HOLDER = MethodHandles.lookup().findVarHandle(Helm.class, "holder", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int holder = NOBODY;

    /// Turns of the loop so far; written at the helm.
    private volatile long turns;

    /// The number of turns when the keeper was called: one more turn does what it was called for.
    private volatile long calledAt = -1;

    /// The keeper looks seldom, as one leader has waited for long.
    volatile boolean resting;

    private volatile @Nullable Thread keeper;

    /// A receiver who asks the keeper for the helm.
    private volatile @Nullable Thread candidate;

    /// Gives the helm to the keeper, before there is any other thread.
    void keep(Thread thread) {
        keeper = thread;
        holder = KEEPER;
    }

    /// At the helm: a turn of the loop begins.
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time
    void turn() {
        turns++;
    }

    // ---- the keeper

    /// Waits until the keeper is at the helm.
    ///
    /// @return false if it was all the time
    boolean attend() {
        if (holder == KEEPER) {
            return false;
        }
        long seen = -1;
        int quiet = 0;
        while (true) {
            long now = turns;
            boolean called = calledAt >= now;
            if ((called || now == seen) && HOLDER.compareAndSet(this, NOBODY, KEEPER)) {
                return true;
            }
            quiet = now == seen ? quiet + 1 : 0;
            seen = now;
            if (called) {
                LockSupport.parkNanos(this, SOON_NANOS);
            } else if (quiet < QUIET_LOOKS) {
                LockSupport.parkNanos(this, WATCH_NANOS);
            } else {
                rest(now);
                seen = -1;
                quiet = 0;
            }
            Thread.interrupted(); // left standing, it would end every wait at once
        }
    }

    /// Waits for the end of a long wait.
    private void rest(long seen) {
        resting = true;
        // Dekker with leave and call: either we see what they did, or they unpark us.
        if (holder == LEADER && calledAt < seen) {
            LockSupport.parkNanos(this, REST_NANOS);
        }
        resting = false;
    }

    /// Keeper: whether a receiver wants to lead.
    boolean isWanted() {
        return candidate != null;
    }

    /// Keeper: leaves the helm to the receiver who has asked for it.
    void cede() {
        Thread wants = candidate;
        candidate = null;
        holder = NOBODY;
        LockSupport.unpark(wants);
    }

    // ---- receivers

    /// Takes the helm if nobody has it.
    boolean lead() {
        if (holder != NOBODY || !HOLDER.compareAndSet(this, NOBODY, LEADER)) {
            return false;
        }
        candidate = null;
        return true;
    }

    /// Leader: leaves the helm to nobody.
    void leave() {
        holder = NOBODY;
        if (resting) {
            LockSupport.unpark(keeper);
        }
    }

    /// Asks the keeper for the helm; it unparks the calling thread when that is free.
    void want() {
        candidate = Thread.currentThread();
    }

    /// Asks for nothing any more.
    void wantNothing() {
        candidate = null;
    }

    // ---- any thread

    boolean isLed() {
        return holder == LEADER;
    }

    /// Makes the keeper take the helm, unless the loop makes another turn before.
    void call() {
        calledAt = turns;
        LockSupport.unpark(keeper);
    }
}
