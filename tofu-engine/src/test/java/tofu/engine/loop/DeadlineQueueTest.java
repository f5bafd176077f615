package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DeadlineQueueTest {
    private final DeadlineQueue queue = new DeadlineQueue();
    private final Task task = new Task();
    private final DeadlineQueue.Timer timer = new DeadlineQueue.Timer(task);

    private void at(long deadline) {
        task.deadline = deadline;
        queue.update(timer);
    }

    @Test
    void anEmptyQueueHasNothingToDo() {
        assertThat(queue.nextNanos()).isEqualTo(DeadlineQueue.NEVER);
        assertThat(queue.runDue(Long.MAX_VALUE)).isZero();
    }

    @Test
    void aTaskWithoutADeadlineIsNotQueued() {
        queue.update(timer);

        assertThat(queue.nextNanos()).isEqualTo(DeadlineQueue.NEVER);
    }

    @Test
    void aTaskIsCalledOnceWhenItsDeadlineHasCome() {
        at(100);
        assertThat(queue.nextNanos()).isEqualTo(100);
        assertThat(queue.runDue(99)).isZero();

        assertThat(queue.runDue(105)).isEqualTo(1);
        assertThat(task.ticks).isEqualTo(1);
        assertThat(task.lastNanos).isEqualTo(105);
        assertThat(queue.runDue(1_000)).isZero();
        assertThat(queue.nextNanos()).isEqualTo(DeadlineQueue.NEVER);
    }

    @Test
    void aDeadlineThatMovesLaterIsLookedAtEarlyAndKept() {
        at(100);
        at(200);
        assertThat(queue.nextNanos()).as("lazy").isEqualTo(100);

        assertThat(queue.runDue(150)).isZero();
        assertThat(task.ticks).isZero();
        assertThat(queue.nextNanos()).isEqualTo(200);
        assertThat(queue.runDue(200)).isEqualTo(1);
    }

    @Test
    void aDeadlineThatMovesEarlierIsKept() {
        at(200);
        at(100);

        assertThat(queue.nextNanos()).isEqualTo(100);
        assertThat(queue.runDue(100)).isEqualTo(1);
        assertThat(queue.runDue(200)).as("the old alarm is void").isZero();
        assertThat(task.ticks).isEqualTo(1);
    }

    @Test
    void aDeadlineThatIsLiftedIsForgotten() {
        at(100);
        at(DeadlineQueue.NEVER);

        assertThat(queue.runDue(500)).isZero();
        assertThat(queue.nextNanos()).isEqualTo(DeadlineQueue.NEVER);
        at(600);
        assertThat(queue.runDue(600)).isEqualTo(1);
    }

    @Test
    void aTaskMaySetItsNextDeadlineInTheCall() {
        task.onTick = () -> task.deadline += 100;
        at(100);

        assertThat(queue.runDue(100)).isEqualTo(1);
        assertThat(queue.nextNanos()).isEqualTo(200);
        assertThat(queue.runDue(350)).as("as often as it takes").isEqualTo(2);
        assertThat(queue.nextNanos()).isEqualTo(400);
    }

    @Test
    void aCancelledTaskIsNotCalled() {
        at(100);
        queue.cancel(timer);

        assertThat(queue.runDue(100)).isZero();
        queue.update(timer);
        assertThat(queue.nextNanos()).isEqualTo(DeadlineQueue.NEVER);
        assertThat(task.ticks).isZero();
    }

    @Test
    void aTaskMayCancelAnotherInTheCall() {
        Task other = new Task();
        DeadlineQueue.Timer otherTimer = new DeadlineQueue.Timer(other);
        other.deadline = 101;
        queue.update(otherTimer);
        task.onTick =
                () -> {
                    task.deadline = DeadlineQueue.NEVER;
                    queue.cancel(otherTimer);
                };
        at(100);

        assertThat(queue.runDue(200)).isEqualTo(1);
        assertThat(other.ticks).isZero();
    }

    /// So many alarms that nobody needs are borne.
    private static final int FEW = 256;

    private List<DeadlineQueue.Timer> timersAt(long deadline, int count) {
        List<DeadlineQueue.Timer> timers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Task each = new Task();
            each.deadline = deadline;
            timers.add(new DeadlineQueue.Timer(each));
            queue.update(timers.get(i));
        }
        return timers;
    }

    private void cancel(List<DeadlineQueue.Timer> timers, int count) {
        for (int i = 0; i < count; i++) {
            queue.cancel(timers.removeLast());
        }
    }

    @Test
    void alarmsOfNobodyAreSweptOutWhenTheyAreMoreThanAFew() {
        at(1_000);
        List<DeadlineQueue.Timer> timers = timersAt(100, FEW + 1);
        DeadlineQueue.Timer one = timers.removeFirst();
        for (int i = 0; i < FEW; i++) {
            queue.cancel(one); // which counts once
        }
        cancel(timers, FEW - 1);
        assertThat(queue.nextNanos()).as("those are few").isEqualTo(100);
        cancel(timers, 1);

        assertThat(queue.nextNanos()).as("swept out").isEqualTo(1_000);
    }

    @Test
    void aFewAreBorne() {
        at(1_000);
        List<DeadlineQueue.Timer> timers = timersAt(100, FEW + 1);
        cancel(timers, FEW);
        cancelOneMore(timers);
        List<DeadlineQueue.Timer> others = timersAt(200, FEW);
        cancel(others, FEW);
        assertThat(queue.nextNanos()).as("counted anew").isEqualTo(200);
    }

    private void cancelOneMore(List<DeadlineQueue.Timer> timers) {
        assertThat(queue.nextNanos()).as("not swept out").isEqualTo(100);
        cancel(timers, 1);
        assertThat(queue.nextNanos()).as("swept out").isEqualTo(1_000);
    }

    @Test
    void manyAreBorneAmongEvenMore() {
        timersAt(1_000, FEW + 1);
        List<DeadlineQueue.Timer> timers = timersAt(100, FEW + 2);
        cancel(timers, FEW + 1); // of 2 * FEW + 3
        assertThat(queue.nextNanos()).as("half of all").isEqualTo(100);

        cancel(timers, 1);

        assertThat(queue.nextNanos()).isEqualTo(1_000);
    }

    @Test
    void alarmsThatCameEarlierCountToo() {
        at(1_000);
        for (long earlier = 999; earlier > 1_000 - FEW; earlier--) {
            at(earlier);
        }
        Task other = new Task();
        DeadlineQueue.Timer otherTimer = new DeadlineQueue.Timer(other);
        other.deadline = 10;
        queue.update(otherTimer);
        task.deadline = DeadlineQueue.NEVER;
        queue.cancel(otherTimer);
        assertThat(queue.nextNanos()).as("few").isEqualTo(10);

        queue.cancel(timer);

        assertThat(queue.nextNanos()).as("all are swept out").isEqualTo(DeadlineQueue.NEVER);
    }

    @Test
    void alarmsOfNobodyThatHaveComeDoNotCountAnyMore() {
        at(1_000);
        cancel(timersAt(100, FEW), FEW);
        assertThat(queue.runDue(100)).isZero();
        assertThat(queue.nextNanos()).isEqualTo(1_000);

        cancel(timersAt(200, 1), 1);

        assertThat(queue.nextNanos()).as("no more than a few").isEqualTo(200);
    }

    @Test
    void aDeadlineThatStaysHasOneAlarm() {
        for (int i = 0; i < FEW + 1; i++) {
            at(100);
        }
        cancel(timersAt(50, 1), 1);

        assertThat(queue.nextNanos()).as("no more than a few are of nobody").isEqualTo(50);
    }

    @Test
    void aDeadlineIsDueWhenItHasCome() {
        assertThat(queue.isDue(0)).isFalse();
        at(100);

        assertThat(queue.isDue(99)).isFalse();
        assertThat(queue.isDue(100)).isTrue();
    }

    @Test
    void sweepingOutWhatIsCancelledLeavesTheOthers() {
        List<Task> tasks = new ArrayList<>();
        List<DeadlineQueue.Timer> timers = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            Task each = new Task();
            tasks.add(each);
            timers.add(new DeadlineQueue.Timer(each));
            each.deadline = 10_000 + i;
            queue.update(timers.get(i));
            each.deadline = 5_000 - i; // leaves an old alarm behind
            queue.update(timers.get(i));
        }
        for (int i = 0; i < 2_000; i++) {
            if (i % 10 != 0) {
                queue.cancel(timers.get(i));
            }
        }

        assertThat(queue.runDue(5_000)).isEqualTo(200);
        assertThat(queue.runDue(20_000)).isZero();
        for (int i = 0; i < 2_000; i++) {
            assertThat(tasks.get(i).ticks).isEqualTo(i % 10 == 0 ? 1 : 0);
        }
        assertThat(queue.nextNanos()).isEqualTo(DeadlineQueue.NEVER);
    }

    @Test
    void timeMayWrapAround() {
        Task later = new Task();
        DeadlineQueue.Timer laterTimer = new DeadlineQueue.Timer(later);
        later.deadline = Long.MIN_VALUE + 50;
        queue.update(laterTimer);
        at(Long.MAX_VALUE - 50);

        assertThat(queue.nextNanos()).isEqualTo(Long.MAX_VALUE - 50);
        assertThat(queue.runDue(Long.MAX_VALUE - 10)).isEqualTo(1);
        assertThat(queue.nextNanos()).isEqualTo(Long.MIN_VALUE + 50);
        assertThat(queue.runDue(Long.MIN_VALUE + 40)).isZero();
        assertThat(queue.runDue(Long.MIN_VALUE + 50)).isEqualTo(1);
    }

    /// Against a walk over all tasks, which is slow and right.
    @Property(tries = 300)
    void everyTaskIsCalledInTheTurnInWhichItIsDue(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(max = 100) Integer> moves,
            @ForAll @IntRange(min = 1, max = 20) int nanosPerTurn) {
        DeadlineQueue any = new DeadlineQueue();
        List<Task> tasks = new ArrayList<>();
        List<DeadlineQueue.Timer> timers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            tasks.add(new Task());
            timers.add(new DeadlineQueue.Timer(tasks.get(i)));
        }
        long now = Long.MAX_VALUE - 200;
        for (int i = 0; i < moves.size(); i++) {
            int move = moves.get(i);
            Task moved = tasks.get(i % 5);
            moved.deadline = move == 0 ? DeadlineQueue.NEVER : now + move;
            any.update(timers.get(i % 5));
            now += nanosPerTurn;
            List<Integer> expected = new ArrayList<>();
            for (Task each : tasks) {
                expected.add(each.ticks + (isDue(each, now) ? 1 : 0));
            }
            any.runDue(now);
            assertThat(tasks.stream().map(each -> each.ticks).toList()).isEqualTo(expected);
            long next = any.nextNanos();
            for (Task each : tasks) {
                boolean inTime = each.deadline == DeadlineQueue.NEVER || next - each.deadline <= 0;
                assertThat(inTime).as("woken in time").isTrue();
            }
        }
    }

    private static boolean isDue(Task task, long nowNanos) {
        return task.deadline != DeadlineQueue.NEVER && task.deadline - nowNanos <= 0;
    }
}
