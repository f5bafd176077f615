package tofu.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.fixtures.TestAddresses;
import tofu.recipes.first.Failure;
import tofu.recipes.first.Steps;

@Timeout(120)
class EchoClientTest {
    private static final String LISTENING = "listening on ";

    @ParameterizedTest
    @CsvSource({
        "tcp, 0", "tcp, 1", "tcp, 64", "tcp, 1024", "tcp, 65535",
        "uds, 0", "uds, 1", "uds, 64", "uds, 1024", "uds, 65535"
    })
    void everyAnswerIsRight(String transport, String size) throws Exception {
        RunningRecipe server = EchoServerTest.start(EchoServerTest.addressOf(transport));
        String address = server.awaitLine(LISTENING);
        RunningRecipe client = RunningRecipe.start(EchoClient::run, address, "2000", size);
        assertThat(client.exitCode()).as(client.errors()).isZero();
        assertThat(client.output())
                .singleElement()
                .asString()
                .startsWith("2,000 echoes of ")
                .contains(address);
        EchoServerTest.quit(server, address);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "7", "4000"})
    void anyWindowWill(String window) throws Exception {
        RunningRecipe server = EchoServerTest.start(EchoServerTest.addressOf("tcp"));
        String address = server.awaitLine(LISTENING);
        RunningRecipe client =
                RunningRecipe.start(EchoClient::run, address, "20000", "200", window);
        assertThat(client.exitCode()).as(client.errors()).isZero();
        EchoServerTest.quit(server, address);
    }

    @Test
    void noRequestAtAllIsAHelloAndABye() throws Exception {
        RunningRecipe server = EchoServerTest.start(EchoServerTest.addressOf("uds"));
        String address = server.awaitLine(LISTENING);
        RunningRecipe client = RunningRecipe.start(EchoClient::run, address, "0", "64");
        assertThat(client.exitCode()).as(client.errors()).isZero();
        assertThat(server.awaitLine("channel ")).endsWith("connected");
        assertThat(server.awaitLine("channel ")).endsWith("ended: 0 messages, 0 bytes");
        EchoServerTest.quit(server, address);
    }

    @Test
    void whereNobodyListensNobodyAnswers() throws Exception {
        String tcp = "tcp|127.0.0.1|" + TestAddresses.refusingTcpPort();
        String uds = "uds|" + TestAddresses.temporaryUdsPath();
        for (String address : List.of(tcp, uds)) {
            RunningRecipe client = RunningRecipe.start(EchoClient::run, address, "1", "1");
            assertThat(client.exitCode()).isEqualTo(1);
            assertThat(client.errors()).startsWith("EchoClient: cannot connect to " + address);
            assertThat(client.output()).isEmpty();
        }
    }

    @Test
    void badArgumentsAreExplained() throws Exception {
        assertUsage("3 or 4 arguments");
        assertUsage("3 or 4 arguments", "tcp|127.0.0.1|7099", "1");
        assertUsage("3 or 4 arguments", "tcp|127.0.0.1|7099", "1", "1", "1", "1");
        assertUsage("http://x", "http://x", "1", "1");
        assertUsage("COUNT must be", "tcp|127.0.0.1|7099", "many", "1");
        assertUsage("COUNT must be", "tcp|127.0.0.1|7099", "-1", "1");
        assertUsage("SIZE must be", "tcp|127.0.0.1|7099", "1", "65536");
        assertUsage("WINDOW must be", "tcp|127.0.0.1|7099", "1", "1", "0");
    }

    @Test
    void aWrongIdIsFound() throws Exception {
        assertWrong("answer 3 of 5: the id is 4", answer -> answer.id(answer.id() + 1));
    }

    @Test
    void aWrongByteIsFound() throws Exception {
        assertWrong(
                "answer 3 of 5: the body is wrong from byte 99 on",
                answer -> {
                    byte[] body = answer.body().toByteArray();
                    body[99] ^= 1;
                    answer.body().clear().append(body);
                });
    }

    @Test
    void aWrongLengthIsFound() throws Exception {
        assertWrong(
                "answer 3 of 5: the body has 101 bytes",
                answer -> answer.body().append(new byte[1]));
    }

    @Test
    void aWrongOpCodeIsFound() throws Exception {
        assertWrong(
                "answer 3 of 5: expected RESPONSE, but SIGNAL arrived",
                answer -> answer.opCode(OpCode.SIGNAL));
    }

    @Test
    void theEndOfTheServerIsFound() throws Exception {
        // How it shows depends on what was under way: a request comes back, or the last notice.
        assertWrong("answer ", answer -> answer.opCode(OpCode.BYE_SIGNAL));
    }

    /// Lets a server spoil its third answer.
    private static void assertWrong(String expected, Consumer<Message> spoil) throws Exception {
        RunningRecipe server =
                RunningRecipe.start((out, err, args) -> serveBadly(out, spoil), "unused");
        String address = server.awaitLine(LISTENING);
        RunningRecipe client = RunningRecipe.start(EchoClient::run, address, "5", "100");
        assertThat(client.exitCode()).isEqualTo(1);
        assertThat(client.errors()).startsWith("EchoClient: answer ").contains(expected);
        assertThat(client.output()).isEmpty();
        assertThat(server.exitCode()).isZero();
    }

    private static int serveBadly(PrintStream out, Consumer<Message> spoil)
            throws InterruptedException {
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            Address.Server where = new Address.TcpServer("127.0.0.1", 0);
            out.println(LISTENING + Steps.listen(ampe, group, where));
            while (true) {
                try (Message message = Steps.receive(group)) {
                    message.opCode(message.opCode().echo());
                    if (message.opCode() == OpCode.RESPONSE && message.id() == 3) {
                        spoil.accept(message);
                    }
                    group.enqueueToPeer(message, Steps.PATIENCE);
                }
            }
        } catch (Failure | AmpeException e) {
            return 0; // the client has left
        }
    }

    private static void assertUsage(String reason, String... args) throws InterruptedException {
        RunningRecipe client = RunningRecipe.start(EchoClient::run, args);
        assertThat(client.exitCode()).isEqualTo(2);
        assertThat(client.errors()).contains(reason).contains("usage: EchoClient ADDRESS");
        assertThat(client.output()).isEmpty();
    }
}
