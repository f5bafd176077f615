package tofu.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import tofu.api.Options;

/// What `cat` cannot send ends it.
class OutgoingTest {
    @Test
    @Timeout(value = 20, threadMode = ThreadMode.SEPARATE_THREAD)
    void aNameThatNoFileCanHave() {
        String impossible = "\0";
        Outgoing outgoing = new Outgoing(Outgoing.Format.TEXT, List.of(), List.of(impossible));
        try (Station station = Station.open(Options.defaults())) {
            Talk talk = new Talk(station, Talk.Type.SIGNAL, List.of(), message -> true);
            talk.begin(outgoing);
            assertThatThrownBy(talk::awaitEnd)
                    .isInstanceOfSatisfying(
                            Failure.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.FILE))
                    .hasMessageContaining("no file can have this name");
        }
    }
}
