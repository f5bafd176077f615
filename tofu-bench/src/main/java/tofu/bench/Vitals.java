package tofu.bench;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What this process holds: for measurements that show that nothing grows.
///
/// @param threads live threads
/// @param descriptors open file descriptors, -1 where the system does not tell
/// @param heapBytes heap in use after a collection
/// @param directBytes of buffers off the heap
/// @param residentBytes memory of the process, -1 where the system does not tell
record Vitals(int threads, long descriptors, long heapBytes, long directBytes, long residentBytes) {
    /// Collects garbage, then looks.
    static Vitals now() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return new Vitals(
                ManagementFactory.getThreadMXBean().getThreadCount(),
                openDescriptors(),
                runtime.totalMemory() - runtime.freeMemory(),
                directSize(),
                residentSize());
    }

    private static long openDescriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException e) {
            return -1;
        }
    }

    private static long directSize() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private static long residentSize() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(-1);
        } catch (IOException e) {
            return -1;
        }
    }

    @Override
    public String toString() {
        return "%d threads, %d descriptors, %.1f MB heap, %.1f MB resident"
                .formatted(threads, descriptors, heapBytes / 1e6, residentBytes / 1e6);
    }
}
