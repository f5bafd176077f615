package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Text headers on the wire (wire spec, section 1).
///
/// Rows of the wire spec's section 5:
/// - "CR, LF, NUL in a header name or value":
///   `aNameThatCouldBeSomethingElseIsRefusedAndNothingIsChanged`,
///   `aValueThatCouldBeSomethingElseIsRefusedAndNothingIsChanged`
class TextHeaderScenario {
    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\rb",
                "a\nb",
                "a\r\nb:c",
                "a\u0000b",
                "a:b",
                "",
                " ",
                "\ta",
                "a ",
                "\ud800",
            })
    void aNameThatCouldBeSomethingElseIsRefusedAndNothingIsChanged(String name) {
        expectRefusal(name, "value");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\rb", "a\nb", "a\r\nb:c", "a\u0000b", "", "a\udc00"})
    void aValueThatCouldBeSomethingElseIsRefusedAndNothingIsChanged(String value) {
        expectRefusal("name", value);
    }

    private void expectRefusal(String name, String value) {
        Peer peer = stage.peer();
        try (Message message = peer.message()) {
            message.headers().append("good", "one");
            assertThatThrownBy(() -> message.headers().append(name, value))
                    .isInstanceOfSatisfying(
                            AmpeException.class,
                            e -> assertThat(e.status()).isEqualTo(Status.INVALID_HEADER));
            assertThat(message.headers().toMap()).containsExactly(Map.entry("good", "one"));
            assertThat(message.headers().length()).isEqualTo("good:one\r\n".length());
        }
    }

    @ParameterizedTest
    @EnumSource
    void headersTravelAsTheyAreWritten(Transport transport) {
        Peer client = stage.peer();
        RawDoor door = stage.rawDoor(transport);
        int channel = client.sayHello(door.address()).channel();
        RawPeer raw = stage.accept(door);
        raw.receive();
        client.say(
                OpCode.SIGNAL,
                channel,
                m -> {
                    m.id(5).body().append("body");
                    m.headers().append("name", "  spaced: value ").append("b", "c");
                });
        raw.expect(
                Frame.of(OpCode.SIGNAL, 5, "body").withHeaders("name:  spaced: value \r\nb:c\r\n"));
    }

    static Stream<Arguments> lenientHeaders() {
        return Stream.of(
                Arguments.of("justtext", Map.of("justtext", "")),
                Arguments.of("a:1\r\nb", Map.of("a", "1", "b", "")),
                Arguments.of(":x\r\na:1\r\n", Map.of()),
                Arguments.of("a:1\r\n:x\r\nb:2\r\n", Map.of("a", "1")),
                Arguments.of("\r\n\r\na:1\r\n", Map.of("a", "1")),
                Arguments.of("a: \t1\t \r\n", Map.of("a", "1")),
                Arguments.of("a:b:c\r\n", Map.of("a", "b:c")),
                Arguments.of("a:1", Map.of("a", "1")),
                Arguments.of("a:1\r", Map.of("a", "1\r")),
                Arguments.of("a:\r\n", Map.of("a", "")),
                Arguments.of("a:x\ny\r\n", Map.of("a", "x\ny")));
    }

    @ParameterizedTest
    @MethodSource("lenientHeaders")
    void whateverAPeerSendsAsHeadersIsReadLeniently(String sent, Map<String, String> read) {
        Peer server = stage.peer();
        RawPeer raw = stage.raw(server.listen(Transport.UDS).address());
        raw.send(Frame.hello(1), Frame.of(OpCode.SIGNAL, 5, "body").withHeaders(sent));
        server.expect(OpCode.HELLO_REQUEST, 1);
        Received signal = server.expect(OpCode.SIGNAL, 5);
        assertThat(signal.headers()).isEqualTo(new LinkedHashMap<>(read));
        assertThat(signal.header().headersLength()).isEqualTo(sent.length());
        assertThat(signal.body()).isEqualTo("body");
    }

    /// What was received and is passed on, or echoed, is not changed, well-formed or not.
    @Test
    void anEchoKeepsTheBytesOfTheHeaders() throws Exception {
        Peer server = stage.peer();
        RawPeer raw = stage.raw(server.listen(Transport.TCP).address());
        Frame odd = Frame.of(OpCode.REQUEST, 5, "b").withHeaders("\r\n:x\r\n no colon\u00FF");
        raw.send(Frame.hello(1), odd);
        server.expect(OpCode.HELLO_REQUEST, 1);
        try (Message message = server.group().waitReceive(Peer.PATIENCE)) {
            assertThat(message).isNotNull();
            message.opCode(message.opCode().echo());
            server.group().enqueueToPeer(message);
        }
        raw.expect(odd.withOpCode(OpCode.RESPONSE.code()));
    }
}
