package tofu.tests.rigs;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// What a process holds at one moment; Linux only.
///
/// @param minutes when, since the beginning
/// @param heapKiB the Java heap in use, after a garbage collection
/// @param residentKiB resident memory
/// @param descriptors sockets and selectors
/// @param threads threads of engines
public record Pulse(double minutes, long heapKiB, long residentKiB, int descriptors, int threads) {
    private static final Path STATUS = Path.of("/proc/self/status");

    /// Collects garbage, then looks.
    public static Pulse take(double minutes) throws IOException {
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 10;
        return new Pulse(minutes, heap, resident(), Descriptors.count(), engineThreads());
    }

    private static long resident() throws IOException {
        try (var lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        }
    }

    /// How many threads engines have in this process.
    public static int engineThreads() {
        return (int)
                Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("tofu-"))
                        .count();
    }

    /// By how much something grows an hour: the line that fits best.
    public static double slopePerHour(List<Pulse> pulses, ToDoubleFunction<Pulse> value) {
        double meanX = pulses.stream().mapToDouble(Pulse::minutes).average().orElse(0);
        double meanY = pulses.stream().mapToDouble(value).average().orElse(0);
        double xy = 0;
        double xx = 0;
        for (Pulse pulse : pulses) {
            double x = pulse.minutes - meanX;
            xy += x * (value.applyAsDouble(pulse) - meanY);
            xx += x * x;
        }
        return xx == 0 ? 0 : xy / xx * 60;
    }
}
