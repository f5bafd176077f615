package tofu.engine.loop;

import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// The tasks of a loop that wait for a point in time.
///
/// Lazy: a deadline that moves later, as most do again and again, costs nothing; the task is looked
/// at when its old one comes, and put back. Alarms that nobody needs any more are swept out when
/// they are more than the others.
///
/// Thread: the loop.
public final class DeadlineQueue {
    /// No point in time.
    public static final long NEVER = Long.MAX_VALUE;

    /// A task's place in the queue, its own for life.
    public static final class Timer {
        private @Nullable LoopTask task;

        /// The earliest time for which there is an alarm, [#NEVER] if there is none.
        private long alarmNanos = NEVER;

        /// A place for one task.
        ///
        /// @param task what is called
        public Timer(LoopTask task) {
            this.task = task;
        }
    }

    private record Alarm(long atNanos, Timer timer) implements Comparable<Alarm> {
        @Override
        public int compareTo(Alarm other) {
            return Long.signum(atNanos - other.atNanos);
        }
    }

    private static final int FEW = 256;

    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>();
    private int stale;

    DeadlineQueue() {}

    /// Looks at the task's deadline, which may have changed.
    ///
    /// @param timer the task's place
    public void update(Timer timer) {
        LoopTask task = timer.task;
        long deadline = task == null ? NEVER : task.deadlineNanos();
        if (deadline != NEVER && (timer.alarmNanos == NEVER || deadline - timer.alarmNanos < 0)) {
            if (timer.alarmNanos != NEVER) {
                stale++;
            }
            timer.alarmNanos = deadline;
            alarms.add(new Alarm(deadline, timer));
        }
    }

    /// Lets go of a task for ever.
    ///
    /// @param timer the task's place
    public void cancel(Timer timer) {
        timer.task = null;
        if (timer.alarmNanos != NEVER) {
            timer.alarmNanos = NEVER;
            stale++;
        }
        if (stale > FEW && stale > alarms.size() / 2) {
            alarms.removeIf(alarm -> alarm.timer.alarmNanos != alarm.atNanos);
            stale = 0;
        }
    }

    /// When [#runDue(long)] has something to do, [#NEVER] if it will not.
    long nextNanos() {
        Alarm first = alarms.peek();
        return first == null ? NEVER : first.atNanos;
    }

    /// Whether [#runDue(long)] has something to do.
    boolean isDue(long nowNanos) {
        return isDue(nextNanos(), nowNanos);
    }

    private static boolean isDue(long atNanos, long nowNanos) {
        return atNanos != NEVER && atNanos - nowNanos <= 0;
    }

    /// Calls every task whose deadline has come.
    ///
    /// @return how many
    int runDue(long nowNanos) {
        int count = 0;
        Alarm first = alarms.peek();
        while (first != null && isDue(first.atNanos, nowNanos)) {
            alarms.remove();
            Timer timer = first.timer;
            LoopTask task = timer.task;
            if (task == null || timer.alarmNanos != first.atNanos) {
                stale--;
            } else {
                timer.alarmNanos = NEVER;
                if (isDue(task.deadlineNanos(), nowNanos)) {
                    task.onTick(nowNanos);
                    count++;
                }
                update(timer);
            }
            first = alarms.peek();
        }
        return count;
    }
}
