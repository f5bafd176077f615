package tofu.engine;

import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import tofu.engine.channel.Deadline;

/// The tasks of a loop that wait for a point in time.
///
/// Lazy: a deadline that moves later, as most do again and again, costs nothing; the task is looked
/// at when its old one comes, and put back. Alarms that nobody needs any more are swept out when
/// they are more than the others.
///
/// Thread: the loop.
final class DeadlineQueue {
    /// A task's place in the queue, its own for life.
    static final class Timer {
        private @Nullable LoopTask task;

        /// The earliest time for which there is an alarm, [Deadline#NONE] if there is none.
        private long alarmNanos = Deadline.NONE;

        Timer(LoopTask task) {
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

    /// Looks at the task's deadline, which may have changed.
    void update(Timer timer) {
        LoopTask task = timer.task;
        long deadline = task == null ? Deadline.NONE : task.deadlineNanos();
        if (deadline != Deadline.NONE
                && (timer.alarmNanos == Deadline.NONE || deadline - timer.alarmNanos < 0)) {
            if (timer.alarmNanos != Deadline.NONE) {
                stale++;
            }
            timer.alarmNanos = deadline;
            alarms.add(new Alarm(deadline, timer));
        }
    }

    /// Lets go of a task for ever.
    void cancel(Timer timer) {
        timer.task = null;
        if (timer.alarmNanos != Deadline.NONE) {
            timer.alarmNanos = Deadline.NONE;
            stale++;
        }
        if (stale > FEW && stale > alarms.size() / 2) {
            alarms.removeIf(alarm -> alarm.timer.alarmNanos != alarm.atNanos);
            stale = 0;
        }
    }

    /// When [#runDue(long)] has something to do.
    long nextNanos() {
        Alarm first = alarms.peek();
        return first == null ? Deadline.NONE : first.atNanos;
    }

    /// Calls every task whose deadline has come.
    ///
    /// @return how many
    int runDue(long nowNanos) {
        int count = 0;
        Alarm first = alarms.peek();
        while (first != null && Deadline.isDue(first.atNanos, nowNanos)) {
            alarms.remove();
            Timer timer = first.timer;
            LoopTask task = timer.task;
            if (task == null || timer.alarmNanos != first.atNanos) {
                stale--;
            } else {
                timer.alarmNanos = Deadline.NONE;
                if (Deadline.isDue(task.deadlineNanos(), nowNanos)) {
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
