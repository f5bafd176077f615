package tofu.engine;

import java.lang.reflect.InvocationTargetException;

/// Keeps what tests provoke out of the log. By reflection, because the engine's module does not
/// read
/// `java.logging`.
///
/// Threads: any.
final class QuietLog implements AutoCloseable {
    private static final String[] NAMES = {"tofu.engine", "tofu.leak"};

    /// Loggers are forgotten, and their levels with them, while nobody refers to them.
    private final Object[] loggers = new Object[NAMES.length];

    QuietLog() {
        for (int i = 0; i < NAMES.length; i++) {
            loggers[i] = level(NAMES[i], "OFF");
        }
    }

    @Override
    public void close() {
        for (String name : NAMES) {
            level(name, "INFO");
        }
    }

    private static Object level(String name, String level) {
        try {
            Class<?> loggers = Class.forName("java.util.logging.Logger");
            Class<?> levels = Class.forName("java.util.logging.Level");
            Object logger = loggers.getMethod("getLogger", String.class).invoke(null, name);
            Object value = levels.getMethod("parse", String.class).invoke(null, level);
            loggers.getMethod("setLevel", levels).invoke(logger, value);
            return logger;
        } catch (ClassNotFoundException e) {
            return name; // then nothing is logged with it
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
