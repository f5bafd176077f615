package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tofu.engine.channel.Crew;

class ReadyQueueTest {
    private final ReadyQueue queue = new ReadyQueue();
    private final List<Task> called = new ArrayList<>();

    private Task task() {
        Task task = new Task();
        task.onCall = () -> called.add(task);
        return task;
    }

    @Test
    void tasksAreCalledInTheOrderTheyCame() {
        Task first = task();
        Task second = task();
        Task third = task();

        assertThat(queue.offer(second.entry)).as("the loop sleeps").isTrue();
        assertThat(queue.offer(first.entry)).isFalse();
        assertThat(queue.offer(third.entry)).isFalse();

        assertThat(queue.runAll(77)).isEqualTo(3);
        assertThat(called).containsExactly(second, first, third);
        assertThat(first.lastNanos).isEqualTo(77);
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.runAll(78)).isZero();
    }

    @Test
    void aTaskIsQueuedOnce() {
        Task task = task();
        ReadyQueue.Entry entry = task.entry;
        queue.offer(entry);

        assertThat(queue.offer(entry)).isFalse();
        assertThat(queue.offer(entry)).isFalse();

        assertThat(queue.runAll(0)).isEqualTo(1);
        assertThat(queue.offer(entry)).isTrue();
        assertThat(queue.runAll(0)).isEqualTo(1);
        assertThat(task.calls).hasValue(2);
    }

    @Test
    void whatIsOfferedDuringACallIsForTheNextTurn() {
        Task again = task();
        Task other = task();
        ReadyQueue.Entry entry = again.entry;
        again.onCall =
                () -> {
                    queue.offer(other.entry);
                    if (again.calls.get() == 1) {
                        queue.offer(entry);
                    }
                };
        queue.offer(entry);

        assertThat(queue.runAll(0)).isEqualTo(1);
        assertThat(queue.isEmpty()).isFalse();
        assertThat(queue.runAll(0)).isEqualTo(2);
        assertThat(again.calls).hasValue(2);
    }

    @Test
    void aTaskThatIsStillToBeCalledInThisTurnIsNotCalledTwice() {
        Task first = task();
        Task second = task();
        ReadyQueue.Entry secondEntry = second.entry;
        first.onCall = () -> queue.offer(secondEntry);
        queue.offer(first.entry);
        queue.offer(secondEntry);

        assertThat(queue.runAll(0)).isEqualTo(2);
        assertThat(second.calls).hasValue(1);
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void noOfferIsLostAmongThreads() throws Exception {
        int threads = 3;
        int perThread = 30_000;
        int tasks = 8;
        AtomicInteger[] posted = new AtomicInteger[tasks];
        int[] seen = new int[tasks];
        List<ReadyQueue.Entry> entries = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            int index = i;
            posted[i] = new AtomicInteger();
            Task task = new Task();
            task.onCall = () -> seen[index] = posted[index].get();
            entries.add(task.entry);
        }
        AtomicInteger working = new AtomicInteger(threads);
        AtomicInteger wakeups = new AtomicInteger();
        AtomicInteger batches = new AtomicInteger();
        Crew crew = new Crew();
        for (int thread = 0; thread < threads; thread++) {
            int first = thread;
            crew.add(
                    () -> {
                        for (int i = 0; i < perThread; i++) {
                            int index = (first + i) % tasks;
                            posted[index].incrementAndGet();
                            if (queue.offer(entries.get(index))) {
                                wakeups.incrementAndGet();
                            }
                        }
                        working.decrementAndGet();
                    });
        }
        crew.add(
                () -> {
                    while (working.get() > 0 || !queue.isEmpty()) {
                        batches.addAndGet(Math.min(queue.runAll(0), 1));
                    }
                });
        crew.work();

        for (int i = 0; i < tasks; i++) {
            assertThat(seen[i]).as("the last post of task " + i).isEqualTo(posted[i].get());
        }
        assertThat(wakeups).as("one for each time that there was nothing").hasValue(batches.get());
    }
}
