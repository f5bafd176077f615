package tofu.engine.loop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// The tasks that have something to do on a loop, each at most once. Linked through the entries, so
/// that scheduling allocates nothing and the loop never looks at a task that has nothing to do.
///
/// Threads: any may offer; the loop takes.
public final class ReadyQueue {
    /// A task's place in the queue, its own for life.
    public static final class Entry {
        private final LoopTask task;

        /// The receiver of whoever schedules the task.
        final Leader leader;

        private @Nullable Entry next;

        @SuppressWarnings("unused") // through QUEUED
        private volatile boolean queued;

        /// A place for one task.
        ///
        /// @param task what is called
        /// @param leader the receiver of whoever schedules the task
        public Entry(LoopTask task, Leader leader) {
            this.task = task;
            this.leader = leader;
        }
    }

    private static final VarHandle QUEUED;
    private static final VarHandle NEWEST;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            QUEUED = lookup.findVarHandle(Entry.class, "queued", boolean.class);
            NEWEST = lookup.findVarHandle(ReadyQueue.class, "newest", Entry.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // through NEWEST
    private volatile @Nullable Entry newest;

    ReadyQueue() {}

    /// Adds a task unless it is there already.
    ///
    /// @return true if the loop may have to be woken
    boolean offer(Entry entry) {
        // Written though it be there: pairs with getAndSet in runAll, so that the call that is to
        // come sees what the caller has done. A compare-and-set that fails writes nothing.
        if ((boolean) QUEUED.getAndSet(entry, true)) {
            return false;
        }
        Entry head = null;
        boolean added = false;
        try {
            while (!added) {
                head = (Entry) NEWEST.getAcquire(this);
                entry.next = head;
                // Pairs with getAndSet in runAll.
                added = NEWEST.compareAndSet(this, head, entry);
            }
        } finally {
            if (!added) {
                entry.queued = false; // the stack is at its end; another may add it
            }
        }
        return head == null;
    }

    boolean isEmpty() {
        return NEWEST.getVolatile(this) == null;
    }

    /// Calls every task that is queued now, in the order they came.
    ///
    /// @return how many
    int runAll(long nowNanos) {
        if (isEmpty()) {
            return 0;
        }
        Entry entry = reversed((Entry) NEWEST.getAndSet(this, null));
        int count = 0;
        while (entry != null) {
            Entry following = entry.next;
            entry.next = null;
            // Before the call: what is offered from now on is a new reason to call. Pairs with
            // getAndSet in offer: what was done before it, which is no reason, is seen by the call.
            QUEUED.getAndSet(entry, false);
            entry.task.onScheduled(nowNanos);
            entry = following;
            count++;
        }
        return count;
    }

    private static @Nullable Entry reversed(@Nullable Entry newest) {
        Entry behind = null;
        Entry entry = newest;
        while (entry != null) {
            Entry older = entry.next;
            entry.next = behind;
            behind = entry;
            entry = older;
        }
        return behind;
    }
}
