package tofu.bench.duel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// How many messages one side has counted so far: eight bytes of a file that both it and the
/// runner have in memory.
///
/// Threads: one writes, any read, in any process.
final class LiveCount {
    private static final VarHandle COUNT = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment memory;

    private LiveCount(MemorySegment memory) {
        this.memory = memory;
    }

    /// The count of a side, which begins with 0.
    ///
    /// @param role [Side#SERVE] or [Side#DRIVE]
    static LiveCount of(Task task, String role) throws IOException {
        Path file = task.folder().resolve("count-" + role);
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            // Lives as long as it is reachable.
            return new LiveCount(
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES, Arena.ofAuto()));
        }
    }

    void set(long count) {
        COUNT.setRelease(memory, 0L, count);
    }

    long get() {
        return (long) COUNT.getAcquire(memory, 0L);
    }
}
