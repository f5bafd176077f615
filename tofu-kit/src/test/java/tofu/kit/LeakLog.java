package tofu.kit;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Hears what a pool says when its engine is closed: whether messages have not come back. By
/// reflection, because the kit's module does not read `java.logging`.
///
/// Threads: any.
final class LeakLog {
    private static final List<String> HEARD = new CopyOnWriteArrayList<>();

    /// Loggers are forgotten, and their filters with them, while nobody refers to them.
    private static final Object LOGGER = listen("tofu.leak");

    private LeakLog() {}

    /// Begins to listen.
    static void begin() {
        if (LOGGER.toString().isEmpty()) {
            throw new AssertionError("no logger");
        }
    }

    /// What was said since the last time.
    static List<String> take() {
        List<String> heard = List.copyOf(HEARD);
        HEARD.removeAll(heard);
        return heard;
    }

    private static Object listen(String name) {
        try {
            Class<?> loggers = Class.forName("java.util.logging.Logger");
            Class<?> filters = Class.forName("java.util.logging.Filter");
            Object logger = loggers.getMethod("getLogger", String.class).invoke(null, name);
            Object filter =
                    Proxy.newProxyInstance(
                            LeakLog.class.getClassLoader(),
                            new Class<?>[] {filters},
                            (proxy, method, arguments) -> {
                                Object record = arguments[0];
                                HEARD.add(
                                        (String)
                                                Class.forName("java.util.logging.LogRecord")
                                                        .getMethod("getMessage")
                                                        .invoke(record));
                                return true;
                            });
            loggers.getMethod("setFilter", filters).invoke(logger, filter);
            return logger;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
