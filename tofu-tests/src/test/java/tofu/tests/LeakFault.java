package tofu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import tofu.api.AllocationStrategy;
import tofu.api.Ampe;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.Options;

/// Messages that are forgotten in great number: paranoid leak detection finds each of them, once.
/// Alone in the process, as it silences the log, which would get a stack for each.
@Isolated
class LeakFault {
    private static final int LEAKS = 1_000;
    private static final int HONEST = 10_000;

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
            Queue<String> found = warnings.texts();
            Eventually.holds(
                    "a report of each leak",
                    () -> {
                        System.gc();
                        engine.put(engine.get(AllocationStrategy.ALWAYS));
                        return found.size() >= LEAKS;
                    });
            System.gc();
            engine.put(engine.get(AllocationStrategy.ALWAYS));
            assertThat(found).hasSize(LEAKS).allMatch(text -> text.contains("LeakFault.forget"));
            found.clear();
        } finally {
            LOGGER.setUseParentHandlers(console);
            Warnings.stop();
        }
        assertThat(warnings.texts()).hasSize(1).allMatch(text -> text.contains("LEASE=" + LEAKS));
        System.out.printf("leak detection: %d of %d leaks found%n", LEAKS, LEAKS);
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
