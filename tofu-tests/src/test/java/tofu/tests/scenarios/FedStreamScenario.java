package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tofu.tests.scenarios.Streams.receive;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Message;
import tofu.api.MessageInputStream;
import tofu.api.MessageStreamException;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Several streams of one channel, fed by the thread that receives for all of them.
class FedStreamScenario {
    @RegisterExtension final Stage stage = new Stage();

    /// Says a part of a chain that goes on.
    private static void say(Link link, long id, String part) {
        link.client()
                .say(
                        OpCode.REQUEST,
                        link.clientChannel(),
                        message -> message.id(id).more(true).body().append(part));
    }

    private static MessageInputStream begin(Link link) throws InterruptedException {
        try (Message first = receive(link.server())) {
            return MessageInputStream.fed(first, 1, Peer.PATIENCE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theEndOfAChannelIsForEachOfItsStreams(Transport transport) throws Exception {
        Link link = stage.link(transport);
        say(link, 1, "one ");
        say(link, 2, "two ");
        say(link, 1, "more");
        MessageInputStream full = begin(link);
        MessageInputStream empty = begin(link);
        try (Message more = receive(link.server())) {
            assertThat(full.feed(more, Duration.ZERO)).isTrue();
            assertThat(more.isEmptied()).as("moved").isTrue();
        }
        link.server().say(OpCode.BYE_SIGNAL, link.serverChannel(), 3);
        link.server().expectReturned(OpCode.BYE_SIGNAL, 3, Status.CHANNEL_CLOSED);
        try (Message last = receive(link.server())) {
            assertThat(last.endsChannel()).isTrue();
            for (MessageInputStream in : List.of(full, empty, full, empty)) { // told twice
                assertThat(in.accepts(last)).isTrue();
                assertThat(in.feed(last, Duration.ZERO)).as("more to come").isFalse();
                assertThat(last.isEmptied()).as("moved").isFalse();
            }
        }
        expectEnd(full, "one more");
        expectEnd(empty, "two ");
        link.client().expectClosed(link.clientChannel(), link.helloId());
    }

    /// Reads what there is, then of the end, again and again.
    private static void expectEnd(MessageInputStream in, String text) throws IOException {
        byte[] expected = text.getBytes(StandardCharsets.UTF_8);
        assertThat(in.readNBytes(expected.length)).isEqualTo(expected);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(in::read)
                    .isInstanceOfSatisfying(
                            MessageStreamException.class,
                            e -> assertThat(e.status()).isEqualTo(Status.CHANNEL_CLOSED));
        }
        in.close();
    }
}
