package tofu.tests.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tofu.api.Admission;
import tofu.api.OpCode;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Hellos;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Secured;
import tofu.tests.rigs.Stage;

/// Who may come in when there are those that have ended, and do not go.
class TlsAdmissionScenario {
    @RegisterExtension final Stage stage = new Stage();

    private boolean isLetIn(String address) {
        try {
            stage.raw(address).send(Hellos.client()).receive(1);
            return true;
        } catch (AssertionError | UncheckedIOException refused) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Else an address has as many sockets as it makes handshakes within the time for closing.
    @Test
    void whoKeepsAClosedConnectionOpenHasIt() throws Exception {
        Admission one = Admission.builder().connectionsPerAddress(1).build();
        Peer server =
                stage.peer(
                        o ->
                                Secured.server()
                                        .apply(o)
                                        .admission(one)
                                        .closeTimeout(Duration.ofMinutes(10)));
        server.ignoreRest();
        String address = server.listen("tls|127.0.0.1|0").address();
        String plain = address.replace("tls|", "tcp|");
        try (Handmade client = Handmade.connect(address)) {
            client.send(Handmade.DATA, Frame.concat(Frame.hello(1)), 0);
            Received hello = server.expect(OpCode.HELLO_REQUEST, 1);
            Frame noOpCode = Frame.of(OpCode.REQUEST, 5).withOpCode(15);
            client.send(Handmade.DATA, noOpCode.bytes(), 0);
            server.untilClosed(hello.channel());

            stage.raw(plain).expectEnding();
            Eventually.passes("the log says so", () -> stage.expectWarning("connections refused"));
        }
        Eventually.holds("another one comes in", () -> isLetIn(plain));
    }
}
