package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.OpCode;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Small messages do not wait for each other.
///
/// Rows of the wire spec's section 5:
/// - "Nagle": `twoSmallMessagesInARowAreSentAtOnce`
class NoDelayScenario {
    @RegisterExtension final Stage stage = new Stage();

    /// With Nagle's algorithm each second message would wait some 40 ms for the peer's delayed
    /// acknowledgement of the first: 4 s for all.
    @ParameterizedTest
    @EnumSource
    void twoSmallMessagesInARowAreSentAtOnce(Transport transport) {
        Link link = stage.link(transport);
        Instant start = Instant.now();
        for (int i = 0; i < 100; i++) {
            link.client().say(OpCode.SIGNAL, link.clientChannel(), "first");
            link.client().expectSilence(Duration.ZERO);
            link.server().expect(OpCode.SIGNAL);
            link.client().say(OpCode.REQUEST, link.clientChannel(), 5);
            link.server().expect(OpCode.REQUEST, 5);
            link.server().say(OpCode.RESPONSE, link.serverChannel(), 5);
            link.client().expect(OpCode.RESPONSE, 5);
        }
        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(3));
        link.bye();
    }
}
