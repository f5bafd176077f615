package tofu.bench.duel;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import tofu.api.LeakDetection;
import tofu.api.Options;

/// Makes the [Options] of an engine from text such as `loops=2,sendQueueMessages=16384`: any
/// option that is a number, a duration (`PT1S`) or a level of leak detection.
final class TofuOptions {
    /// The system property that a side takes them from.
    static final String PROPERTY = "tofu.bench.options";

    private TofuOptions() {}

    static Options ofProperty() {
        return of(System.getProperty(PROPERTY, ""));
    }

    static Options of(String text) {
        Options.Builder builder = Options.builder();
        for (String pair : text.split(",", -1)) {
            if (!pair.isEmpty()) {
                String[] parts = pair.split("=", 2);
                set(builder, parts[0], parts.length > 1 ? parts[1] : "");
            }
        }
        return builder.build();
    }

    private static void set(Options.Builder builder, String name, String value) {
        Method setter =
                Arrays.stream(Options.Builder.class.getMethods())
                        .filter(m -> m.getName().equals(name) && m.getParameterCount() == 1)
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("no option " + name));
        try {
            setter.invoke(builder, parsed(setter.getParameterTypes()[0], value));
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("cannot set " + name + " to " + value, e);
        }
    }

    private static Object parsed(Class<?> type, String value) {
        if (type == int.class) {
            return Integer.parseInt(value);
        }
        if (type == long.class) {
            return Long.parseLong(value);
        }
        if (type == boolean.class) {
            return Boolean.parseBoolean(value);
        }
        if (type == Duration.class) {
            return Duration.parse(value);
        }
        if (type == LeakDetection.class) {
            return LeakDetection.valueOf(value);
        }
        throw new IllegalArgumentException("options of " + type + " cannot be set here");
    }
}
