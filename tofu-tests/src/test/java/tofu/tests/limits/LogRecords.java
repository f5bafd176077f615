package tofu.tests.limits;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/// All that engines warn of in this process, whatever thread does. Who asks must be alone in it.
///
/// Threads: any.
final class LogRecords extends Handler implements AutoCloseable {
    /// Held, as the log manager would forget it.
    private static final Logger LOGGER = Logger.getLogger("tofu");

    private final Queue<String> texts = new ConcurrentLinkedQueue<>();
    private final SimpleFormatter formatter = new SimpleFormatter();

    /// Begins to collect.
    static LogRecords collect() {
        LogRecords records = new LogRecords();
        LOGGER.addHandler(records);
        return records;
    }

    Queue<String> texts() {
        return texts;
    }

    @Override
    public void publish(LogRecord entry) {
        if (entry.getLevel().intValue() >= Level.WARNING.intValue() || entry.getThrown() != null) {
            texts.add(formatter.format(entry));
        }
    }

    @Override
    public void flush() {}

    /// Ends it.
    @Override
    public void close() {
        LOGGER.removeHandler(this);
    }
}
