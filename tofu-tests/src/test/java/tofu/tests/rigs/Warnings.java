package tofu.tests.rigs;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;

/// The warnings that engines log in one test: of leaks (`tofu.leak`) and of bugs (`tofu.engine`).
///
/// Tests run side by side in one process; a warning belongs to the test from whose thread the
/// warning thread descends, or whose thread group it is in, as the engines' threads are.
///
/// Threads: any.
public final class Warnings {
    private static final InheritableThreadLocal<@Nullable Warnings> OURS =
            new InheritableThreadLocal<>();

    private static final Map<ThreadGroup, Warnings> OF_GROUP = new ConcurrentHashMap<>();

    /// Held, as the log manager would forget it.
    private static final Logger LOGGER = Logger.getLogger("tofu");

    static {
        LOGGER.addHandler(new Collector());
    }

    private final Queue<String> texts = new ConcurrentLinkedQueue<>();

    Warnings() {}

    /// Begins to collect for this thread and those that it starts from now on.
    public static Warnings collect() {
        Warnings warnings = new Warnings();
        OURS.set(warnings);
        return warnings;
    }

    /// Begins to collect for this thread and those that it starts, and for a group of threads.
    static Warnings collect(ThreadGroup group) {
        Warnings warnings = collect();
        OF_GROUP.put(group, warnings);
        return warnings;
    }

    /// Ends what [#collect()] began, for this thread.
    public static void stop() {
        OURS.remove();
    }

    /// Ends what [#collect(ThreadGroup)] began.
    static void stop(ThreadGroup group) {
        stop();
        OF_GROUP.remove(group);
    }

    /// What was logged until now, oldest first; taking one out expects it.
    public Queue<String> texts() {
        return texts;
    }

    private static final class Collector extends Handler {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord entry) {
            Warnings warnings = OURS.get();
            if (warnings == null) {
                warnings = OF_GROUP.get(Thread.currentThread().getThreadGroup());
            }
            if (warnings != null && entry.getLevel().intValue() >= Level.WARNING.intValue()) {
                warnings.texts.add(formatter.format(entry));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
