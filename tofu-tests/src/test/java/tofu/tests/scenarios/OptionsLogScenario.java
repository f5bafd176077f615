package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import tofu.api.Ampe;
import tofu.api.Options;

/// What is in the log of an engine that has no trouble. Alone in the process, as it changes the
/// log's level.
@Isolated
class OptionsLogScenario {
    /// Held, as the log manager would forget it.
    private static final Logger LOGGER = Logger.getLogger("tofu.engine");

    private static final class Kept extends Handler {
        private final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord entry) {
            Object[] parameters = entry.getParameters();
            lines.add(entry.getLevel() + " " + entry.getMessage() + List.of(parameters));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private static List<String> logged(Level level, Options options) {
        Kept kept = new Kept();
        Level before = LOGGER.getLevel();
        LOGGER.setLevel(level);
        LOGGER.addHandler(kept);
        try {
            Ampe.open(options).close();
        } finally {
            LOGGER.removeHandler(kept);
            LOGGER.setLevel(before);
        }
        return kept.lines;
    }

    @Test
    void theOptionsInForceAreThereOnceAtDebug() {
        Options options = Options.builder().maxChannels(321).build();
        assertThat(logged(Level.FINE, options))
                .singleElement()
                .asString()
                .startsWith("FINE")
                .contains("maxChannels=321", "sendQueueBytes=");
    }

    @Test
    void elseTheLogIsSilent() {
        assertThat(logged(Level.INFO, Options.defaults())).isEmpty();
    }
}
