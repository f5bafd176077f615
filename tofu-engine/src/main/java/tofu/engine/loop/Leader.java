package tofu.engine.loop;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import tofu.pool.StackRoom;

/// A group's receiver as one that drives the loop while it waits, see [Helm].
///
/// It drives the loop whenever it comes back for a message, and that is soon. So what it enqueues
/// while it has messages to take need not be sent one by one: it is deferred, and sent together.
///
/// Threads: the receiver waits and drives; all others only ask whether they are the leader. A field
/// of the leader's that another thread sees is never that thread, so a stale value does no harm.
public final class Leader {
    /// A receiver that has waited this often asks to drive the loop itself. Each time that it stays
    /// away for long, it loses the loop again, which costs as much as some waits.
    private static final int WAITS_TO_LEAD = 16;

    /// So many messages are worth a system call of their own: the peers have something to do while
    /// the leader goes on.
    private static final int MOST_DEFERRED = 64;

    private final Waiter waiter;
    private final Clock clock;

    /// `null` if nobody may lead.
    private final @Nullable Reactor loop;

    /// How often the receiver has waited since it has driven the loop.
    private int waits;

    /// The receiver that has driven the loop last.
    private @Nullable Thread leader;

    /// The same receiver, while it has messages to send that it has not flushed.
    private @Nullable Thread deferring;

    /// Messages that it has deferred.
    private int deferred;

    /// The receiver of one waiter; it has not waited yet.
    ///
    /// @param waiter whose receiver it is
    /// @param clock the time
    /// @param loop what it may drive, `null` if nothing
    public Leader(Waiter waiter, Clock clock, @Nullable Reactor loop) {
        this.waiter = waiter;
        this.clock = clock;
        this.loop = loop;
    }

    // ---- the receiver

    /// Begins to wait for a message.
    public void onWait() {
        waits++;
    }

    /// Drives the loop, if nobody else does, until there is a message or the time is over.
    ///
    /// @param startNanos when the wait has begun
    /// @param timeoutNanos how long it may take
    /// @return false if the receiver has to wait in another way
    public boolean drive(long startNanos, long timeoutNanos) {
        Reactor led = leadable();
        if (led == null) {
            return false;
        }
        StackRoom.ask(); // or the end of a receiver's stack would be the end of the loop
        if (!led.lead()) {
            return false;
        }
        waits = 0;
        leader = Thread.currentThread();
        deferring = null;
        boolean forGood = true;
        try {
            boolean goesOn;
            do {
                // Dekker with nudge: either we see the message, or its sender sees us lead.
                if (!waiter.hasMail()) {
                    long most = timeoutNanos - (clock.nanoTime() - startNanos);
                    led.step(Math.min(most, Reactor.LOOK_NANOS));
                }
                long left = timeoutNanos - (clock.nanoTime() - startNanos);
                forGood = !waiter.hasMail() && left > 0;
                // What the last look has found is here in time.
                goesOn = forGood || (!waiter.hasMail() && led.hasMore());
            } while (goesOn
                    && !waiter.isRefusing()
                    && !led.isStopped() // its keeper has to end it, whom nobody may have told yet
                    && !Thread.currentThread().isInterrupted()
                    && led.mayBeLedBy(waiter));
        } catch (IOException | RuntimeException | Error bug) {
            led.fail(bug);
        } finally {
            led.leave(forGood);
        }
        return true;
    }

    /// Asks to drive the loop, if the receiver has waited often enough.
    public void askIfDue() {
        Reactor wanted = leadable();
        if (wanted != null && waits >= WAITS_TO_LEAD) {
            wanted.askToLead();
        }
    }

    /// The loop, if the calling thread may drive it. A virtual thread would take its carrier along.
    private @Nullable Reactor leadable() {
        Reactor only = loop;
        boolean may =
                only != null
                        && !only.isStopped()
                        && only.mayBeLedBy(waiter)
                        && !Thread.currentThread().isVirtual();
        return may ? only : null;
    }

    // ---- any thread

    /// Whether the calling thread is a receiver that drives the loop whenever it waits.
    boolean isCurrent() {
        return leader == Thread.currentThread();
    }

    /// Whether the calling thread will drive the loop again before long, and send then what it has
    /// enqueued. With its last message it flushes, which is deferred if others were: to
    /// [#flushIfDue()].
    boolean defersFlush() {
        if (!isCurrent()) {
            return false;
        }
        boolean defers = deferring == Thread.currentThread();
        if (!defers && waiter.hasMail()) {
            defers = true;
            deferring = Thread.currentThread();
            deferred = 0;
        }
        return defers;
    }

    /// Flushes what the calling thread has deferred, if it has taken all messages that the last
    /// turn of the loop brought, or has deferred many.
    public void flushIfDue() {
        Reactor led = loop;
        if (led == null || deferring == null || deferring != Thread.currentThread()) {
            return;
        }
        if (!waiter.hasMail()) {
            flush();
        } else if (++deferred >= MOST_DEFERRED) {
            deferred = 0;
            led.flushDeferred();
        }
    }

    /// Flushes what the calling thread has deferred.
    public void flush() {
        Reactor led = loop;
        if (led != null && deferring == Thread.currentThread()) {
            deferring = null;
            led.flushDeferred();
        }
    }

    /// Makes a receiver look into the inbox that waits by driving the loop.
    public void nudge() {
        Reactor led = loop;
        if (led != null && led.isLed()) {
            led.nudge();
        }
    }
}
