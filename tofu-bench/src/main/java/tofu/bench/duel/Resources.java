package tofu.bench.duel;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// What this process has used so far.
///
/// @param cpuNanos processor time of all threads
/// @param allocatedBytes heap that all threads allocated, dead ones included
record Resources(long cpuNanos, long allocatedBytes) {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS =
            ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    static Resources now() {
        return new Resources(SYSTEM.getProcessCpuTime(), THREADS.getTotalThreadAllocatedBytes());
    }
}
