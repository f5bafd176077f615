package tofu.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tofu.api.Status;
import tofu.engine.link.Notices;
import tofu.engine.loop.Clock;
import tofu.pool.FrameRange;
import tofu.pool.Mail;
import tofu.pool.MailBatch;
import tofu.pool.MailChain;
import tofu.pool.MailQueue;
import tofu.pool.MessageIds;
import tofu.pool.Slot;
import tofu.pool.SlotPool;
import tofu.pool.StackRoom;

/// What a group has received and its application has not taken: many producers, one consumer at a
/// time, who may wait.
///
/// Threads: offering any; taking one at a time, which [#enter()] makes sure of. Owns what is in it.
final class Inbox {
    /// How soon to look again whether a consumer has left who was told to.
    private static final long LEAVING_NANOS = 20_000;

    private static final VarHandle CONSUMING;

    static {
        try {
            CONSUMING =
                    MethodHandles.lookup().findVarHandle(Inbox.class, "consuming", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// Where messages that came back get their memory.
    private final SlotPool pool;

    private final MailQueue queue = new MailQueue();

    /// Taken from the queue; the consumer's.
    private final MailChain batch = new MailChain();

    /// There is a consumer. Changed through CONSUMING, but where there may be no stack for a call.
    volatile boolean consuming;

    /// The next message waits for memory, and the consumer was told so; the consumer's.
    private boolean starved;

    /// By this, which he has not taken yet.
    private @Nullable Slot news;

    private volatile @Nullable Thread waiting;
    private volatile boolean noWaiting;

    /// Somebody was to wake the consumer, and an Error may have kept him from it: the next one does
    /// it.
    private volatile boolean unwoken;

    /// @param pool where messages that came back get their memory
    Inbox(SlotPool pool) {
        this.pool = pool;
    }

    /// Adds a slot and wakes the consumer if he has to be. If the caller's stack is too short for
    /// that, [#wakeIfUnwoken()] is to do it.
    ///
    /// @return false if the inbox is closed; the slot is still the caller's
    boolean offer(Slot slot) {
        MailQueue.Offer offer = queue.offer(slot);
        try {
            wakeIf(offer);
        } catch (RuntimeException | Error kept) {
            unwoken = true;
        }
        return offer != MailQueue.Offer.CLOSED;
    }

    /// Wakes the consumer, if whoever was to do it could not.
    void wakeIfUnwoken() {
        if (unwoken) {
            wake();
            unwoken = false;
        }
    }

    /// Adds a batch, as one, and wakes the consumer if he has to be; a closed inbox's share is
    /// freed.
    void offer(MailBatch mail) {
        wakeIf(mail.moveTo(queue));
    }

    private void wakeIf(MailQueue.Offer offer) {
        // Behind others: whoever came first has woken him, and he takes all.
        if (offer == MailQueue.Offer.FIRST) {
            wake();
        } else {
            wakeIfUnwoken();
        }
    }

    /// Never lets the consumer wait again; what is there can still be taken.
    void stopWaiting() {
        noWaiting = true;
        wake();
    }

    private void wake() {
        Thread consumer = waiting;
        if (consumer != null) {
            LockSupport.unpark(consumer);
        }
    }

    /// Becomes the consumer.
    ///
    /// @return false if there is one already
    boolean enter() {
        return CONSUMING.compareAndSet(this, false, true);
    }

    /// Ends what [#enter()] began.
    void leave() {
        CONSUMING.setRelease(this, false);
    }

    /// Whether there is nothing to take. The consumer's.
    boolean isEmpty() {
        return batch.isEmpty() && queue.isEmpty();
    }

    /// Finds the next message and tells its source. It stays here until [#removeFirst()], as the
    /// consumer's stack may be at its end at any call. The consumer's.
    ///
    /// A message that came back needs memory. While there is none, all stays here, and the consumer
    /// is told once, as it is he who has it.
    ///
    /// @return a slot of [Slot.Owner#LEASE], the same one each time; `null` if there is none, or
    ///     nothing can be taken, see [#isStarved()]
    @Nullable Slot first() {
        Mail mail = batch.first();
        if (mail == null) {
            mail = firstOfNextBatch();
            if (mail == null) {
                return null;
            }
        }
        return mail instanceof FrameRange range ? firstOf(range) : ready((Slot) mail);
    }

    private static Slot ready(Slot slot) {
        slot.tellSource();
        if (slot.owner() == Slot.Owner.QUEUE) {
            slot.handOver(Slot.Owner.QUEUE, Slot.Owner.LEASE);
        }
        return slot;
    }

    private @Nullable Slot firstOf(FrameRange range) {
        if (news != null) {
            return news;
        }
        Slot slot = range.first(pool);
        if (slot != null) {
            starved = false;
            return slot;
        }
        slot = starved ? null : pool.takeForNotice();
        if (slot != null) {
            Notices.write(slot, 0, Status.POOL_EMPTY, MessageIds.next());
            news = slot.handOver(Slot.Owner.QUEUE, Slot.Owner.LEASE);
            starved = true;
        }
        return slot;
    }

    /// Whether what is next waits for memory.
    boolean isStarved() {
        return starved;
    }

    private @Nullable Mail firstOfNextBatch() {
        if (queue.isEmpty()) {
            return null;
        }
        StackRoom.ask(); // or all that is on its way from the one to the other may be lost
        queue.drainTo(batch);
        return batch.first();
    }

    /// Removes the message that [#first()] has found, which is the consumer's from now on.
    void removeFirst() {
        if (news != null) {
            news = null;
            return;
        }
        if (batch.first() instanceof FrameRange range) {
            range.removeFirst();
            if (!range.isEmpty()) {
                return;
            }
        }
        batch.pollFirst();
    }

    /// Waits until something may have come, or somebody called [#stopWaiting()], or for no reason.
    /// The consumer's.
    void await(Clock clock, long nanos) {
        waiting = Thread.currentThread();
        // Dekker with wake: either we see the slot, or its producer sees us.
        if (queue.isEmpty() && !noWaiting) {
            clock.park(this, nanos);
        }
        waiting = null;
    }

    /// Refuses all from now on, and frees what is there, as soon as the consumer has left.
    void close(Clock clock) {
        while (!enter()) {
            clock.park(this, LEAVING_NANOS);
        }
        try {
            queue.closeTo(batch);
            Slot untaken = news;
            news = null;
            if (untaken != null) {
                untaken.discard();
            }
            batch.discardAll();
        } finally {
            leave();
        }
    }
}
