package tofu.cli;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A run that does not end leaves nothing behind, and is told with what it has said.
@Timeout(60)
class RunTest {
    private static final List<String> ENDLESS =
            List.of("sh", "-c", "sleep 600 & echo started $!; wait");

    @Test
    void oneThatDoesNotEndIsEndedWithAllThatItHasStarted() throws Exception {
        try (Run run = Run.start(ENDLESS, Map.of())) {
            String said = run.awaitOut(text -> text.endsWith("\n"));
            long sleeper = Long.parseLong(said.strip().split(" ")[1]);

            assertThatThrownBy(() -> run.exitCode(Duration.ofMillis(10)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("has not ended")
                    .hasMessageContaining(said);

            for (long pid : new long[] {Long.parseLong(run.pid()), sleeper}) {
                var process = ProcessHandle.of(pid);
                if (process.isPresent()) {
                    process.get().onExit().get(20, TimeUnit.SECONDS);
                }
            }
        }
    }
}
