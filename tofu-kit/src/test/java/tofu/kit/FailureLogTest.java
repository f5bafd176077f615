package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Test;

class FailureLogTest {
    private final List<String> lines = new ArrayList<>();
    private boolean broken;
    private long nowNanos = Long.MAX_VALUE - 7; // the clock may overflow at any time
    private final FailureLog log = new FailureLog(new Lines(), () -> nowNanos);

    @Test
    void aPeerThatMakesAHandlerFailAllTheTimeDoesNotFillTheLog() {
        for (int channel = 1; channel <= 1_000; channel++) {
            log.onFailure(new IllegalStateException("bad " + channel), channel);
        }
        assertThat(lines)
                .containsExactly("the handler of a message of channel 1 has failed: bad 1");
    }

    @Test
    void theNextOneSaysHowManyWereLeftOut() {
        for (int channel = 1; channel <= 3; channel++) {
            log.onFailure(new IllegalStateException("bad"), channel);
        }
        nowNanos += FailureLog.LEAST.toNanos() - 1;
        log.onFailure(new IllegalStateException("too early"), 4);
        nowNanos++;
        log.onFailure(new IllegalStateException("late"), 0);
        nowNanos += FailureLog.LEAST.toNanos();
        log.onFailure(new IllegalStateException("later"), 0);
        assertThat(lines)
                .containsExactly(
                        "the handler of a message of channel 1 has failed: bad",
                        "a timer or a task has failed; failures before it that are not in the log:"
                                + " 3: late",
                        "a timer or a task has failed: later");
    }

    @Test
    void aLogThatThrowsHarmsNobodyAndIsAskedAgain() {
        broken = true;
        log.onFailure(new IllegalStateException("unheard"), 0);
        broken = false;
        nowNanos += FailureLog.LEAST.toNanos();
        log.onFailure(new IllegalStateException("heard"), 0);
        assertThat(lines).singleElement().asString().endsWith("not in the log: 1: heard");
    }

    private final class Lines implements System.Logger {
        @Override
        public String getName() {
            return "lines";
        }

        @Override
        public boolean isLoggable(Level level) {
            return true;
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String text, Throwable thrown) {
            if (broken) {
                throw new IllegalStateException("a log that is broken");
            }
            lines.add(text + ": " + thrown.getMessage());
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String format, Object... values) {
            throw new AssertionError("without what was thrown: " + format);
        }
    }
}
