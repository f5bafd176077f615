package tofu.pool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.Address.TcpClient;
import tofu.api.Address.TcpServer;
import tofu.api.Address.UdsClient;
import tofu.api.AmpeException;
import tofu.api.OpCode;
import tofu.api.Status;

/// Addresses as the first text header of a message.
class AddressHeaderTest {
    private final SlotPool pool = Pools.ample();
    private final SlabMessage message = Pools.lease(pool);

    @AfterEach
    void everythingComesHome() {
        message.close();
        assertThat(pool.messagesOut()).isZero();
        pool.close();
    }

    @Test
    void aClientAddressMakesAHelloRequestAsInTheTranscript() {
        message.connectTo(new TcpClient("127.0.0.1", 18_369));

        assertThat(message.opCode()).isEqualTo(OpCode.HELLO_REQUEST);
        assertThat(message.headers().length()).isEqualTo(0x21);
        assertThat(message.headers().toMap())
                .containsExactly(entry("~connect_to", "tcp|127.0.0.1|18369"));
    }

    @Test
    void aServerAddressMakesAWelcomeRequest() {
        message.listenOn(new TcpServer("", 7_099));

        assertThat(message.opCode()).isEqualTo(OpCode.WELCOME_REQUEST);
        assertThat(message.headers().toMap()).containsExactly(entry("~listen_on", "tcp||7099"));
    }

    @Test
    void openingReplacesTheChannelAndKeepsTheRest() {
        message.channel(5).id(6).headers().append("user", "1").append("token", "2");
        message.body().append("body");

        assertThat(message.connectTo(new UdsClient("/tmp/s"))).isSameAs(message);

        assertThat(message.channel()).isZero();
        assertThat(message.id()).isEqualTo(6);
        assertThat(message.body().text()).isEqualTo("body");
        assertThat(message.headers().toMap())
                .containsExactly(
                        entry("~connect_to", "uds|/tmp/s"),
                        entry("user", "1"),
                        entry("token", "2"));
    }

    @Test
    void openingReplacesAnAddressThatIsThereAlready() {
        message.listenOn(new TcpServer("", 1));
        message.headers().append("user", "1");
        message.connectTo(new TcpClient("h", 2));
        message.connectTo(new TcpClient("h", 3));

        assertThat(NaiveHeaders.walk(message.headers()))
                .containsExactly(
                        new NaiveHeaders.Header("~connect_to", "tcp|h|3"),
                        new NaiveHeaders.Header("user", "1"));
    }

    @ParameterizedTest
    @EnumSource(names = {"HELLO_REQUEST", "HELLO_RESPONSE"})
    void aHelloCarriesAClientAddress(OpCode opCode) {
        message.opCode(opCode).headers().append("~connect_to", "tcp|h|1").append("more", "2");

        assertThat(Address.parse(message)).isEqualTo(new TcpClient("h", 1));
    }

    @ParameterizedTest
    @EnumSource(names = {"WELCOME_REQUEST", "WELCOME_RESPONSE"})
    void aWelcomeCarriesAServerAddress(OpCode opCode) {
        message.opCode(opCode).headers().append("~listen_on", "tcp|h|1");

        assertThat(Address.parse(message)).isEqualTo(new TcpServer("h", 1));
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"HELLO_REQUEST", "HELLO_RESPONSE", "WELCOME_REQUEST", "WELCOME_RESPONSE"})
    void nothingElseCarriesAnAddress(OpCode opCode) {
        message.opCode(opCode).headers().append("~connect_to", "tcp|h|1");

        assertInvalid();
    }

    @Test
    void aMessageWithoutHeadersHasNoAddress() {
        message.opCode(OpCode.HELLO_REQUEST);

        assertInvalid();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "~listen_on:tcp|h|1\r\n", "~connect:tcp|h|1\r\n", "~connect_to:\r\n",
                "~connect_to\r\n", "other:1\r\n~connect_to:tcp|h|1\r\n", ":tcp|h|1\r\n",
                "~connect_to :tcp|h|1\r\n", "~connect_to:sctp|h|1\r\n",
            })
    void aBadOrMisplacedHeaderIsNoAddress(String raw) {
        Pools.receive(message, raw.getBytes(UTF_8), new byte[0]);
        message.opCode(OpCode.HELLO_REQUEST);

        assertInvalid();
    }

    @Test
    void anEmptiedMessageHasNoAddressAndTakesNone() {
        message.close();

        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(() -> Address.parse(message))
                .returns(Status.NULL_MESSAGE, AmpeException::status);
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(() -> message.connectTo(new TcpClient("h")))
                .returns(Status.NULL_MESSAGE, AmpeException::status);
    }

    private void assertInvalid() {
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(() -> Address.parse(message))
                .returns(Status.INVALID_ADDRESS, AmpeException::status);
    }
}
