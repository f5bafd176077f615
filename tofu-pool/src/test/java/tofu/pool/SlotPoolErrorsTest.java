package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.AllocationStrategy;

/// What an application does to itself costs it a message at most, and the pool nothing.
class SlotPoolErrorsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// With magazines, and without.
    @ParameterizedTest
    @ValueSource(ints = {256, 32})
    void stackOverflowsInApplicationsLeaveThePoolWhole(int messages) throws Exception {
        SlotPool pool = Pools.pool(messages, Pools.MEBIBYTE);
        Random random = new Random(7);
        for (int i = 0; i < 1_500; i++) {
            int first = random.nextInt(400);
            long stack = 192 << 10 | random.nextInt(16) << 12;
            Thread thread = new Thread(null, () -> overflow(pool, first), "deep", stack);
            thread.setDaemon(true);
            thread.start();
            assertThat(thread.join(PATIENCE)).as("thread %d ends", i).isTrue();
        }

        Assertions.assertTimeoutPreemptively(PATIENCE, () -> checkWhole(pool, messages));
    }

    private static void checkWhole(SlotPool pool, int messages) {
        List<SlabMessage> held = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            SlabMessage lease = pool.get(AllocationStrategy.POOL_ONLY);
            assertThat(lease).as("message %d of %d", i, messages).isNotNull();
            held.add(lease);
        }
        assertThat(pool.get(AllocationStrategy.POOL_ONLY)).isNull();
        held.forEach(SlabMessage::close);
        assertThat(pool.messagesOut()).isZero();
        pool.close();
        assertThat(pool.bytesAllocated()).isZero();
    }

    private static void overflow(SlotPool pool, int first) {
        @Nullable SlabMessage[] last = new SlabMessage[1];
        try {
            down(pool, last, first, first);
        } catch (StackOverflowError expected) {
            SlabMessage message = last[0];
            if (message != null) {
                message.close(); // if that failed for want of stack, it is still the application's
            }
        }
    }

    @SuppressWarnings("InfiniteRecursion")
    private static long down(SlotPool pool, @Nullable SlabMessage[] last, int left, long sum) {
        if (left <= 0) {
            SlabMessage message = pool.get(AllocationStrategy.ALWAYS);
            last[0] = message;
            if (message != null) {
                message.close();
            }
        }
        return down(pool, last, left - 1, sum + left) + 1;
    }

    /// It is in a magazine by then, and may be a message again when what is adrift is looked for.
    @Test
    void aSlotIsInItsPlaceAlthoughTheStackEndsInWhatFollows() throws Exception {
        SlotPool pool = Pools.pool(128, Pools.MEBIBYTE); // magazines of two slots
        FutureTask<Boolean> task = new FutureTask<>(() -> closeAtTheEndOfTheStack(pool));
        Thread.ofPlatform().daemon().start(task);

        assertThat(task.get()).as("still the message's after all were looked for").isTrue();

        assertThat(pool.messagesOut()).isZero();
        pool.close();
        assertThat(pool.bytesAllocated()).isZero();
    }

    private static boolean closeAtTheEndOfTheStack(SlotPool pool) {
        List<SlabMessage> held = Pools.leases(pool, 1_000);
        while (held.size() > 63) {
            held.removeLast().close();
        }
        // With two in the magazine 65 are out; from 64 on memory goes back to the system.
        assertThat(atTheEndOfTheStack(held.removeLast()::close)).as("had no stack").isTrue();
        SlabMessage again = Pools.lease(pool);
        pool.awaitRefill();
        if (again.slot().owner() != Slot.Owner.LEASE) {
            return false; // it is in the list, too: whoever uses the pool now may never return
        }
        again.close();
        held.forEach(SlabMessage::close);
        return true;
    }

    /// Calls something where there is no [StackRoom], but some stack.
    ///
    /// @return whether its stack has ended
    private static boolean atTheEndOfTheStack(Runnable work) {
        if (hasRoom()) {
            return atTheEndOfTheStack(work);
        }
        try {
            work.run();
            return false;
        } catch (StackOverflowError expected) {
            return true;
        }
    }

    private static boolean hasRoom() {
        try {
            StackRoom.ask();
            return true;
        } catch (StackOverflowError noRoom) {
            return false;
        }
    }

    @Test
    void aSlabWithAViewInASystemCallIsKeptAndFreedLater() throws Exception {
        SlotPool pool = Pools.pool(8, 64 * Pools.MEBIBYTE);
        List<SlabMessage> held = longOnes(pool);
        Pipe pipe = Pipe.open();
        try (Pipe.SourceChannel source = pipe.source();
                Pipe.SinkChannel sink = pipe.sink()) {
            ByteBuffer view = held.get(30).body().segment().asByteBuffer();
            Thread writer = writeToFullPipe(sink, view);

            held.forEach(SlabMessage::close);

            assertThat(pool.messagesOut()).isZero();
            held = longOnes(pool);
            held.forEach(SlabMessage::close);
            source.configureBlocking(false);
            while (writer.isAlive()) {
                source.read(ByteBuffer.allocate(1 << 16));
            }
        }
        pool.close();
        assertThat(pool.bytesAllocated()).isZero();
    }

    private static List<SlabMessage> longOnes(SlotPool pool) {
        List<SlabMessage> messages = Pools.leases(pool, 64);
        messages.forEach(lease -> lease.body().append(new byte[60_000]));
        return messages;
    }

    /// Returns when a thread is in a system call that waits for room in the pipe.
    private static Thread writeToFullPipe(Pipe.SinkChannel sink, ByteBuffer view)
            throws IOException {
        sink.configureBlocking(false);
        ByteBuffer filling = ByteBuffer.allocate(1 << 16);
        while (sink.write(filling.clear()) > 0) {
            // there was room
        }
        sink.configureBlocking(true);
        FutureTask<Integer> write = new FutureTask<>(() -> sink.write(view));
        Thread writer = Thread.ofPlatform().daemon().name("writer").start(write);
        while (!isInSystemCall(writer)) {
            assertThat(write).isNotDone();
            Thread.onSpinWait();
        }
        return writer;
    }

    private static boolean isInSystemCall(Thread writer) {
        return Arrays.stream(writer.getStackTrace())
                .anyMatch(
                        frame ->
                                frame.isNativeMethod()
                                        && frame.getMethodName().startsWith("write"));
    }
}
