package tofu.cli.wire;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a replay does when there is no connection to be had.
@Timeout(60)
class ReplayCommandTest {
    @Test
    void whateverKeepsItFromAcceptingEndsIt() {
        IllegalStateException bug = new IllegalStateException("planted");
        assertThatThrownBy(
                        () ->
                                ReplayCommand.accept(
                                        () -> {
                                            throw bug;
                                        }))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("planted")
                .hasRootCause(bug);
    }
}
