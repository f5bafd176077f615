package tofu.tests.rigs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What this process holds and uses, for the figures of long tests; Linux only.
public final class Vitals {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Vitals() {}

    /// The process's memory that is in RAM.
    public static long residentBytes() {
        Path status = Path.of("/proc/self/status");
        assumeTrue(Files.exists(status), "needs /proc");
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// The heap in use after a collection.
    public static long heapBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /// How much of one processor some threads use while something goes on, in percent.
    public static double percentOfCpu(List<Thread> threads, Runnable meanwhile) {
        long start = System.nanoTime();
        long before = cpuNanos(threads);
        meanwhile.run();
        return 100.0 * (cpuNanos(threads) - before) / (System.nanoTime() - start);
    }

    private static long cpuNanos(List<Thread> threads) {
        return threads.stream().mapToLong(t -> THREADS.getThreadCpuTime(t.threadId())).sum();
    }
}
