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

    /// If it was bytes that there were none of, the consumer is told so again after this much calm,
    /// at the earliest.
    private static final long CALM_NANOS = 1_000_000_000;

    /// Where messages get their memory.
    private final SlotPool pool;

    /// If it was messages, he is told again once fewer than this have been out: a pool that swings
    /// around empty is one piece of news, not thousands.
    private final int calmBelow;

    private final Runnable onStarved;

    private final MailQueue queue = new MailQueue();

    /// Taken from the queue; the consumer's.
    private final MailChain batch = new MailChain();

    /// There is a consumer. Changed through CONSUMING, but where there may be no stack for a call.
    volatile boolean consuming;

    /// The next message waits for memory; the consumer's.
    private boolean starved;

    /// The consumer was told so, and there has been no calm since. Set by him, ended by whoever
    /// gives the message back that makes it calm.
    private volatile boolean told;

    /// He was told of messages, not of bytes.
    private volatile boolean ofMessages;

    private long toldNanos;

    /// What he takes before the first of the batch: this news, or what has overtaken it.
    private @Nullable Slot ahead;

    /// Up to here, the batch has nothing that may overtake; `null` if nobody has looked.
    private @Nullable Mail searched;

    private volatile @Nullable Thread waiting;
    private volatile boolean noWaiting;

    /// Somebody was to wake the consumer, and an Error may have kept him from it: the next one does
    /// it.
    private volatile boolean unwoken;

    /// @param pool where messages get their memory
    /// @param maxPoolMessages its bound
    /// @param onStarved called when the consumer is told that there is no memory
    Inbox(SlotPool pool, int maxPoolMessages, Runnable onStarved) {
        this.pool = pool;
        this.calmBelow = maxPoolMessages - maxPoolMessages / 4;
        this.onStarved = onStarved;
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
            unwoken = false; // first: whoever says so from now on may mean a wait that begins now
            boolean woken = false;
            try {
                wake();
                woken = true;
            } finally {
                if (!woken) {
                    unwoken = true;
                }
            }
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
        Mail mail = batch.first();
        boolean taken = mail instanceof FrameRange range && range.isEmpty() && mail.next() == null;
        return (mail == null || taken) && queue.isEmpty();
    }

    /// Finds the next message and tells its source. It stays here until [#removeFirst()], as the
    /// consumer's stack may be at its end at any call.
    ///
    /// A message that is bytes of a log needs memory. While there is none, all stays here but what
    /// may help him to give some back, and the consumer is told once, as it is he who has it. The
    /// consumer's.
    ///
    /// @return a slot of [Slot.Owner#LEASE], the same one each time; `null` if there is none, or
    ///     nothing can be taken, see [#isStarved()]
    @Nullable Slot first(Clock clock) {
        Mail mail = batch.first();
        while (mail instanceof FrameRange range && range.isEmpty()) {
            StackRoom.askForLittle(); // or the memory may be lost on its way
            pollBatch();
            range.release();
            mail = batch.first();
        }
        if (mail == null) {
            mail = firstOfNextBatch();
            if (mail == null) {
                return null;
            }
        }
        return mail instanceof FrameRange range ? firstOf(range, clock) : ready((Slot) mail);
    }

    private static Slot ready(Slot slot) {
        slot.tellSource();
        if (slot.owner() == Slot.Owner.QUEUE) {
            slot.handOver(Slot.Owner.QUEUE, Slot.Owner.LEASE);
        }
        return slot;
    }

    private @Nullable Slot firstOf(FrameRange range, Clock clock) {
        if (ahead != null) {
            return ready(ahead);
        }
        Slot slot = range.first(pool);
        if (slot != null) {
            starved = false;
            if (told && !ofMessages && clock.nanoTime() - toldNanos >= CALM_NANOS) {
                told = false;
            }
            return slot;
        }
        starved = true;
        if (!told) {
            tell(clock);
        }
        if (ahead == null) {
            findOvertaking();
        }
        return ahead == null ? null : ready(ahead);
    }

    /// Finds what needs no memory and no order: news that a send queue has room again, and updates.
    /// Whoever has all messages may need them to give some back.
    private void findOvertaking() {
        StackRoom.ask(); // or what is on its way may be lost
        queue.drainTo(batch);
        Mail before = searched == null ? batch.first() : searched;
        while (before != null && before.next() != null) {
            if (before.next() instanceof Slot slot && mayOvertake(slot)) {
                batch.removeBehind(before);
                ahead = slot;
                break;
            }
            before = before.next();
        }
        searched = before;
    }

    private static boolean mayOvertake(Slot slot) {
        int status = slot.status();
        return status == Status.SEND_QUEUE_READY.code() || status == Status.RECEIVER_UPDATE.code();
    }

    private void pollBatch() {
        if (batch.first() == searched) {
            searched = null;
        }
        batch.pollFirst();
    }

    private void tell(Clock clock) {
        StackRoom.ask();
        Slot slot = pool.takeForNotice();
        if (slot != null) {
            Notices.write(slot, 0, Status.POOL_EMPTY, MessageIds.next());
            ahead = slot.handOver(Slot.Owner.QUEUE, Slot.Owner.LEASE);
            toldNanos = clock.nanoTime();
            ofMessages = pool.messagesOut() >= calmBelow;
            told = true;
            lookForCalm();
            onStarved.run();
        }
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

    /// Messages are back. Any thread.
    void onRefill() {
        lookForCalm();
        wake();
    }

    private void lookForCalm() {
        if (told && ofMessages && pool.isBelowOrAwait(calmBelow)) {
            told = false;
        }
    }

    /// Removes the message that [#first(Clock)] has found, which is the consumer's from now on.
    void removeFirst() {
        if (ahead != null) {
            ahead = null;
            return;
        }
        if (batch.first() instanceof FrameRange range) {
            range.removeFirst(); // it stays, be it empty: to give its memory back takes calls
        } else {
            pollBatch();
        }
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

    /// Waits until there may be memory again, or somebody called [#stopWaiting()], or for no
    /// reason. The consumer's.
    void awaitMemory(Clock clock, long nanos) {
        waiting = Thread.currentThread();
        if (batch.first() instanceof FrameRange range) {
            range.awaitMemory(pool); // whoever gives something back from now on wakes us
        }
        if (!noWaiting && first(clock) == null) {
            long start = clock.nanoTime();
            clock.park(this, nanos);
            if (clock.nanoTime() - start >= nanos) {
                pool.countAgain();
            }
        }
        waiting = null;
    }

    /// Refuses all from now on, and frees what is there, as soon as the consumer has left.
    void close(Clock clock) {
        boolean interrupted = false;
        while (!enter()) {
            clock.park(this, LEAVING_NANOS);
            // Left standing, it would end every wait at once; and a virtual thread that does not
            // park keeps its carrier, which the consumer may need to leave.
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        try {
            queue.closeTo(batch);
            Slot untaken = ahead;
            ahead = null;
            if (untaken != null) {
                untaken.discard();
            }
            batch.discardAll();
        } finally {
            leave();
        }
    }
}
