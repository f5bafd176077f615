package tofu.pool;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one thread writes to the system logger `tofu.leak` until closed; none of it is printed.
///
/// The loggers of the module `java.logging` stand behind it. `tofu.pool` does not read that module,
/// nor should it for a test's sake: so this goes through reflection.
///
/// Thread: the one that captures.
final class LeakLog implements AutoCloseable {
    private static final ThreadLocal<@Nullable LeakLog> CURRENT = new ThreadLocal<>();

    /// Held, or the JDK would forget the logger and its filter.
    @SuppressWarnings("unused")
    private static final Object LOGGER = filteredLogger();

    private final List<Entry> entries = new ArrayList<>();

    private LeakLog() {}

    /// One warning.
    record Entry(String level, String message, @Nullable Throwable thrown) {}

    /// Begins to listen to the current thread.
    static LeakLog capture() {
        LeakLog log = new LeakLog();
        CURRENT.set(log);
        return log;
    }

    /// What was written so far.
    List<Entry> entries() {
        return List.copyOf(entries);
    }

    @Override
    public void close() {
        CURRENT.remove();
    }

    private static Object filteredLogger() {
        try {
            Class<?> loggerType = Class.forName("java.util.logging.Logger");
            Class<?> filterType = Class.forName("java.util.logging.Filter");
            Object logger =
                    loggerType.getMethod("getLogger", String.class).invoke(null, "tofu.leak");
            InvocationHandler isLoggable = (proxy, method, arguments) -> take(arguments[0]);
            Object filter =
                    Proxy.newProxyInstance(
                            LeakLog.class.getClassLoader(),
                            new Class<?>[] {filterType},
                            isLoggable);
            loggerType.getMethod("setFilter", filterType).invoke(logger, filter);
            return logger;
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// Keeps a record of a thread that captures; lets any other one through.
    private static boolean take(Object logRecord) throws ReflectiveOperationException {
        LeakLog log = CURRENT.get();
        if (log == null) {
            return true;
        }
        log.entries.add(
                new Entry(
                        String.valueOf(value(logRecord, "getLevel")),
                        String.valueOf(value(logRecord, "getMessage")),
                        (Throwable) value(logRecord, "getThrown")));
        return false;
    }

    private static @Nullable Object value(Object logRecord, String getter)
            throws ReflectiveOperationException {
        Method method = logRecord.getClass().getMethod(getter);
        return method.invoke(logRecord);
    }
}
