package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tofu.api.OpCode.BYE_REQUEST;
import static tofu.api.OpCode.BYE_RESPONSE;
import static tofu.api.OpCode.BYE_SIGNAL;
import static tofu.api.OpCode.HELLO_REQUEST;
import static tofu.api.OpCode.HELLO_RESPONSE;
import static tofu.api.OpCode.REQUEST;
import static tofu.api.OpCode.RESPONSE;
import static tofu.api.OpCode.SIGNAL;
import static tofu.api.OpCode.WELCOME_REQUEST;
import static tofu.api.OpCode.WELCOME_RESPONSE;
import static tofu.api.Status.INVALID_CHANNEL_NUMBER;
import static tofu.api.Status.INVALID_MESSAGE_ID;
import static tofu.api.Status.INVALID_MORE_USAGE;
import static tofu.api.Status.INVALID_OP_CODE;
import static tofu.api.Status.WRONG_ADDRESS;
import static tofu.tests.scenarios.EnqueueScenario.Filling.ID;
import static tofu.tests.scenarios.EnqueueScenario.Filling.ID_AND_MORE;
import static tofu.tests.scenarios.EnqueueScenario.Filling.MORE;
import static tofu.tests.scenarios.EnqueueScenario.Filling.NOTHING;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// What `enqueueToPeer` refuses, and in which order it looks (wire spec, section 3): each message
/// of the table breaks the rule that is named, and as many later ones as it can.
///
/// Rows of the wire spec's section 5:
/// - "enqueue on a closed channel":
///   `aClosedChannelIsRefusedUntilItsEndIsReadAndIsNobodysAfterThat`
class EnqueueScenario {
    /// One more than the highest number, so nobody's.
    private static final int NO_CHANNEL = 65_535;

    @RegisterExtension final Stage stage = new Stage();

    /// @param opCode of the message
    /// @param channel its channel
    /// @param filling what else it has
    /// @param reason why it is refused
    record Row(OpCode opCode, int channel, Filling filling, Status reason) {}

    /// What a message has besides its op code and channel.
    enum Filling {
        NOTHING,
        ID,
        MORE,
        ID_AND_MORE;

        void fill(Message message) {
            message.id(this == ID || this == ID_AND_MORE ? 5 : 0);
            message.more(this == MORE || this == ID_AND_MORE);
        }
    }

    static Stream<Row> rows() {
        return Stream.of(
                // op code
                row(WELCOME_RESPONSE, 0, MORE, INVALID_OP_CODE),
                row(WELCOME_RESPONSE, NO_CHANNEL, ID, INVALID_OP_CODE),
                // a response with id 0
                row(RESPONSE, 0, NOTHING, INVALID_MESSAGE_ID),
                row(HELLO_RESPONSE, 0, MORE, INVALID_MESSAGE_ID),
                row(BYE_RESPONSE, 0, MORE, INVALID_MESSAGE_ID),
                row(BYE_RESPONSE, NO_CHANNEL, MORE, INVALID_MESSAGE_ID),
                // more on a hello, bye or welcome
                row(HELLO_REQUEST, 5, MORE, INVALID_MORE_USAGE),
                row(HELLO_RESPONSE, 0, ID_AND_MORE, INVALID_MORE_USAGE),
                row(BYE_REQUEST, 0, MORE, INVALID_MORE_USAGE),
                row(BYE_RESPONSE, 0, ID_AND_MORE, INVALID_MORE_USAGE),
                row(BYE_SIGNAL, 0, MORE, INVALID_MORE_USAGE),
                row(WELCOME_REQUEST, 5, MORE, INVALID_MORE_USAGE),
                // channel 0, unless it opens one
                row(REQUEST, 0, NOTHING, INVALID_CHANNEL_NUMBER),
                row(RESPONSE, 0, ID_AND_MORE, INVALID_CHANNEL_NUMBER),
                row(SIGNAL, 0, MORE, INVALID_CHANNEL_NUMBER),
                row(HELLO_RESPONSE, 0, ID, INVALID_CHANNEL_NUMBER),
                row(BYE_REQUEST, 0, NOTHING, INVALID_CHANNEL_NUMBER),
                row(BYE_RESPONSE, 0, ID, INVALID_CHANNEL_NUMBER),
                row(BYE_SIGNAL, 0, NOTHING, INVALID_CHANNEL_NUMBER),
                row(HELLO_REQUEST, 5, NOTHING, INVALID_CHANNEL_NUMBER),
                row(WELCOME_REQUEST, 5, NOTHING, INVALID_CHANNEL_NUMBER),
                // no headers
                row(HELLO_REQUEST, 0, NOTHING, WRONG_ADDRESS),
                row(WELCOME_REQUEST, 0, NOTHING, WRONG_ADDRESS),
                // a channel that does not exist
                row(REQUEST, NO_CHANNEL, MORE, INVALID_CHANNEL_NUMBER),
                row(HELLO_RESPONSE, NO_CHANNEL, ID, INVALID_CHANNEL_NUMBER),
                row(BYE_SIGNAL, NO_CHANNEL, NOTHING, INVALID_CHANNEL_NUMBER));
    }

    private static Row row(OpCode opCode, int channel, Filling filling, Status reason) {
        return new Row(opCode, channel, filling, reason);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theFirstRuleThatIsBrokenDecidesAndTheMessageStaysTheCallers(Row row) {
        Peer peer = stage.peer();
        assertThat(peer.refusal(row.opCode, row.channel, row.filling::fill)).isEqualTo(row.reason);
        Consumer<Message> filling = row.filling::fill;
        Consumer<Message> withBody = filling.andThen(m -> m.body().append("kept"));
        assertThat(peer.refusal(row.opCode, row.channel, withBody)).isEqualTo(row.reason);
        peer.expectNothing();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theVariantThatWaitsRefusesTheSame(Row row) {
        Peer peer = stage.peer();
        try (Message message = peer.message().opCode(row.opCode).channel(row.channel)) {
            row.filling.fill(message);
            expectRefusal(
                    row.reason, () -> peer.group().enqueueToPeer(message, Duration.ofMinutes(1)));
            assertThat(message.isEmptied()).isFalse();
        }
    }

    @Test
    @NullUnmarked
    void noMessageIsTheFirstThingThatIsLookedFor() {
        Peer peer = stage.peer();
        Message emptied = peer.message();
        peer.ampe().put(emptied);
        peer.group().close();
        expectRefusal(Status.NULL_MESSAGE, () -> peer.group().enqueueToPeer(null));
        expectRefusal(Status.NULL_MESSAGE, () -> peer.group().enqueueToPeer(null, Duration.ZERO));
        expectRefusal(Status.NULL_MESSAGE, () -> peer.group().enqueueToPeer(emptied));
    }

    @Test
    void aMessageIsCheckedBeforeTheGroup() {
        Peer peer = stage.peer();
        peer.group().close();
        assertThat(peer.refusal(OpCode.RESPONSE, 0)).isEqualTo(Status.INVALID_MESSAGE_ID);
        assertThat(peer.refusal(OpCode.REQUEST, NO_CHANNEL)).isEqualTo(Status.SHUTDOWN_STARTED);
    }

    @Test
    void lengthsAreCheckedAsTheMessageIsFilledAndItStaysAsItWas() {
        Peer peer = stage.peer();
        try (Message message = peer.message()) {
            message.body().append("b".repeat(65_535));
            expectRefusal(Status.INVALID_BODY_LEN, () -> message.body().append("b"));
            message.headers().append("a", "v".repeat(65_535 - "a:\r\n".length()));
            expectRefusal(Status.INVALID_HEADERS_LEN, () -> message.headers().append("b", "w"));
            assertThat(message.header().headersLength()).isEqualTo(65_535);
            assertThat(message.header().bodyLength()).isEqualTo(65_535);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anotherGroupsChannelIsRefused(Transport transport) {
        Link link = stage.link(transport);
        Peer colleague = stage.peerOn(link.client().ampe());
        assertThat(colleague.refusal(OpCode.REQUEST, link.clientChannel(), m -> m.more(true)))
                .isEqualTo(Status.INVALID_CHANNEL_GROUP);
        assertThat(colleague.refusal(OpCode.BYE_SIGNAL, link.clientChannel()))
                .isEqualTo(Status.INVALID_CHANNEL_GROUP);
        link.echo("untouched");
        link.bye();
    }

    @ParameterizedTest
    @EnumSource
    void aClosedChannelIsRefusedUntilItsEndIsReadAndIsNobodysAfterThat(Transport transport) {
        Link link = stage.link(transport);
        link.client().say(OpCode.BYE_SIGNAL, link.clientChannel(), 7);
        assertThat(link.client().refusal(OpCode.REQUEST, link.clientChannel()))
                .isEqualTo(Status.CHANNEL_CLOSED);
        link.client().expectReturned(OpCode.BYE_SIGNAL, 7, Status.CHANNEL_CLOSED);
        assertThat(link.client().refusal(OpCode.REQUEST, link.clientChannel()))
                .isEqualTo(Status.CHANNEL_CLOSED);
        link.client().expectClosed(link.clientChannel(), link.helloId());
        assertThat(link.client().refusal(OpCode.REQUEST, link.clientChannel()))
                .isEqualTo(Status.INVALID_CHANNEL_NUMBER);
        link.server().expectClosed(link.serverChannel(), link.helloId());
    }

    @ParameterizedTest
    @EnumSource
    void aRefusedMessageCanBeCorrectedAndSent(Transport transport) {
        Link link = stage.link(transport);
        try (Message message = link.client().message().opCode(OpCode.RESPONSE)) {
            message.body().append("kept");
            assertThat(link.client().refusal(message)).isEqualTo(Status.INVALID_MESSAGE_ID);
            message.id(5);
            assertThat(link.client().refusal(message)).isEqualTo(Status.INVALID_CHANNEL_NUMBER);
            message.channel(link.clientChannel());
            link.client().group().enqueueToPeer(message);
        }
        assertThat(link.server().expect(OpCode.RESPONSE, 5).body()).isEqualTo("kept");
        link.bye();
    }

    @ParameterizedTest
    @EnumSource
    void aMovedMessageIsEmptyForEver(Transport transport) {
        Link link = stage.link(transport);
        Message message = link.client().message().opCode(OpCode.SIGNAL).id(5);
        message.channel(link.clientChannel());
        link.client().group().enqueueToPeer(message);
        expectRefusal(Status.NULL_MESSAGE, () -> link.client().group().enqueueToPeer(message));
        expectRefusal(Status.NULL_MESSAGE, message::id);
        expectRefusal(Status.NULL_MESSAGE, message::body);
        message.close();
        link.client().ampe().put(message);
        link.server().expect(OpCode.SIGNAL, 5);
        link.bye();
    }

    @Test
    void aMessageThatNoPoolMadeIsRefused() {
        Peer peer = stage.peer();
        Message foreign =
                (Message)
                        Proxy.newProxyInstance(
                                Message.class.getClassLoader(),
                                new Class<?>[] {Message.class},
                                (proxy, method, arguments) -> null);
        expectRefusal(Status.INVALID_MESSAGE, () -> peer.group().enqueueToPeer(foreign));
    }

    private static void expectRefusal(Status reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        AmpeException.class, e -> assertThat(e.status()).isEqualTo(reason));
    }
}
