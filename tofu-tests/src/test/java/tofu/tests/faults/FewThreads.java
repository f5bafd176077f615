package tofu.tests.faults;

import java.io.File;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Options;
import tofu.api.Status;

/// A program that opens an engine of four loops while two threads can be started;
/// [FewThreadsScenario] limits them.
///
/// Prints "ok" at the end, or fails.
final class FewThreads {
    private static final int TRIES = 10;

    private FewThreads() {}

    /// Opens engines, once with threads enough and then without.
    ///
    /// @param arguments none
    /// @throws Exception if anything fails that should not
    public static void main(String[] arguments) throws Exception {
        Options options = Options.builder().loops(4).build();
        Ampe.open(options).close();
        int descriptors = descriptors();
        Deque<CountDownLatch> parked = new ArrayDeque<>();
        park(parked);
        for (int i = 0; i < 2; i++) {
            parked.removeLast().countDown();
        }
        int refused = 0;
        for (int i = 0; i < TRIES; i++) {
            try {
                Ampe.open(options).close();
            } catch (AmpeException e) {
                check(e.status() == Status.COMMUNICATION_FAILED, "" + e);
                check(e.getCause() instanceof OutOfMemoryError, "the cause: " + e.getCause());
                refused++;
            }
        }
        check(refused > 0, "opened without threads");
        check(descriptors() == descriptors, descriptors + " descriptors, then " + descriptors());
        parked.forEach(CountDownLatch::countDown);
        check(threadsOfTofu() == 0, "threads left");
        Ampe.open(options).close();
        System.out.println("ok");
    }

    /// Takes all threads that there are.
    private static void park(Deque<CountDownLatch> parked) {
        try {
            while (true) {
                CountDownLatch latch = new CountDownLatch(1);
                Thread.ofPlatform().daemon().start(() -> await(latch));
                parked.add(latch);
            }
        } catch (OutOfMemoryError full) {
            check(parked.size() > 4, "hardly any threads to begin with");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(Duration.ofMinutes(5).toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("forgotten");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long threadsOfTofu() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("tofu"))
                .count();
    }

    private static int descriptors() {
        String[] names = new File("/proc/self/fd").list();
        return names == null ? 0 : names.length;
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}
