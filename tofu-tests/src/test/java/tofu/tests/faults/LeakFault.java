package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import tofu.api.AllocationStrategy;
import tofu.api.Ampe;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.Options;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Warnings;

/// Messages that are forgotten in great number: paranoid leak detection finds each of them, once.
/// Alone in the process, as it silences the log, which would get a stack for each.
@Isolated
class LeakFault {
    private static final int LEAKS = 1_000;
    private static final int HONEST = 10_000;

    private static final Pattern LEAK =
            Pattern.compile("LEAK: (a|\\d+) messages? became unreachable");

    /// Held, as the log manager would forget it.
    private static final Logger LOGGER = Logger.getLogger("tofu");

    @Test
    void aThousandOfAThousandForgottenMessagesAreFound() {
        Warnings warnings = Warnings.collect();
        boolean console = LOGGER.getUseParentHandlers();
        LOGGER.setUseParentHandlers(false);
        Options options = Options.builder().leakDetection(LeakDetection.PARANOID).build();
        try (Ampe engine = Ampe.open(options)) {
            plant(engine);
            awaitCollection();
            engine.put(engine.get(AllocationStrategy.ALWAYS));
            assertThat(warnings.texts())
                    .as("told as soon as the next message is got")
                    .singleElement(STRING)
                    .contains("LeakFault.forget");
        } finally {
            LOGGER.setUseParentHandlers(console);
            Warnings.stop();
        }
        assertThat(warnings.texts()).last(STRING).contains("LEASE=" + LEAKS);
        assertThat(warnings.texts().stream().mapToInt(LeakFault::leaks).sum()).isEqualTo(LEAKS);
        System.out.printf("leak detection: %d of %d leaks found%n", LEAKS, LEAKS);
    }

    /// How many leaks a line of the log is for: those with one stack share one.
    private static int leaks(String line) {
        Matcher leak = LEAK.matcher(line);
        if (!leak.find()) {
            return 0;
        }
        return leak.group(1).equals("a") ? 1 : Integer.parseInt(leak.group(1));
    }

    /// Waits until the JVM has told of all that was unreachable.
    ///
    /// It tells of what it finds in batches, one after the other, each in any order; what is found
    /// before a batch is taken joins it, ahead of the rest. So the first object may be told of
    /// before the messages of its batch, but the second, which is made only then, may not.
    private static void awaitCollection() {
        System.gc();
        awaitCollectionOfOne();
        awaitCollectionOfOne();
    }

    private static void awaitCollectionOfOne() {
        ReferenceQueue<Object> told = new ReferenceQueue<>();
        PhantomReference<Object> one = new PhantomReference<>(new Object(), told);
        Eventually.holds(
                "the collector tells of an object",
                () -> {
                    System.gc();
                    return told.poll() == one;
                });
    }

    /// Forgets some of the messages it gets, and closes the others, at once or later.
    private static void plant(Ampe engine) {
        List<Message> later = new ArrayList<>();
        for (int i = 0; i < HONEST; i++) {
            Message message = engine.get(AllocationStrategy.ALWAYS);
            if (i % 2 == 0) {
                engine.put(message);
            } else {
                later.add(message);
            }
            if (i % (HONEST / LEAKS) == 0) {
                forget(engine);
            }
        }
        later.forEach(engine::put);
    }

    private static void forget(Ampe engine) {
        assertThat(engine.get(AllocationStrategy.ALWAYS)).isNotNull();
    }
}
