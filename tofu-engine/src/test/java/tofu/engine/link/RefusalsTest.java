package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tofu.engine.link.Refusals.Reason;

/// What is counted of those who may not come in, and what the log says.
class RefusalsTest {
    private final Refusals refusals = new Refusals();

    /// What is written to a logger meanwhile; it is not printed. By reflection, because the
    /// engine's module does not read `java.logging`.
    private static List<String> logged(String name, Runnable meanwhile) throws Exception {
        List<String> texts = new ArrayList<>();
        Class<?> loggers = Class.forName("java.util.logging.Logger");
        Class<?> filters = Class.forName("java.util.logging.Filter");
        Class<?> records = Class.forName("java.util.logging.LogRecord");
        Object logger = loggers.getMethod("getLogger", String.class).invoke(null, name);
        Object filter =
                Proxy.newProxyInstance(
                        RefusalsTest.class.getClassLoader(),
                        new Class<?>[] {filters},
                        (proxy, method, arguments) -> {
                            Object level = records.getMethod("getLevel").invoke(arguments[0]);
                            Object text = records.getMethod("getMessage").invoke(arguments[0]);
                            return !texts.add(level + " " + text);
                        });
        loggers.getMethod("setFilter", filters).invoke(logger, filter);
        try {
            meanwhile.run();
        } finally {
            loggers.getMethod("setFilter", filters).invoke(logger, (Object) null);
        }
        return texts;
    }

    private List<String> reported() throws Exception {
        return logged("tofu.admission", refusals::report);
    }

    @Test
    void eachReasonIsCountedByItself() {
        refusals.add(Reason.USER, null);
        refusals.add(Reason.ADDRESS, null);
        refusals.add(Reason.ADDRESS, null);

        assertThat(refusals.count(Reason.USER)).isOne();
        assertThat(refusals.count(Reason.ADDRESS)).isEqualTo(2);
        assertThat(refusals.count(Reason.NETWORK)).isZero();
        assertThat(refusals.count(Reason.RATE)).isZero();
    }

    @Test
    void theLogSaysWhatIsNewAndWhatThereWasInAll() throws Exception {
        refusals.add(Reason.NETWORK, "somebody");
        refusals.add(Reason.RATE, "10.0.0.1");
        refusals.add(Reason.RATE, "10.0.0.2");
        assertThat(reported())
                .containsExactly(
                        "WARNING connections refused: 3, the last of 10.0.0.2;"
                                + " in all NETWORK 1, RATE 2");

        refusals.add(Reason.RATE, "10.0.0.3");
        assertThat(reported())
                .containsExactly(
                        "WARNING connections refused: 1, the last of 10.0.0.3;"
                                + " in all NETWORK 1, RATE 3");
    }

    @Test
    void theLogSaysWhenNothingIsKnownOfTheLast() throws Exception {
        refusals.add(Reason.NETWORK, "somebody");
        refusals.add(Reason.USER, null);

        assertThat(reported())
                .containsExactly(
                        "WARNING connections refused: 2, the last of somebody unknown;"
                                + " in all NETWORK 1, USER 1");
    }
}
