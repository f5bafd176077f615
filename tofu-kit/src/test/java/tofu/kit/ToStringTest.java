package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Address;
import tofu.api.Message;
import tofu.api.OpCode;

/// What one reads in a log of those whom one logs.
@Timeout(60)
class ToStringTest {
    private Rig rig;

    @BeforeEach
    void open() throws InterruptedException {
        rig = new Rig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void aServerAndItsPeersSayWhereTheyAre() throws Exception {
        List<Peer> peers = new ArrayList<>();
        Address.Server wanted = new Address.TcpServer("127.0.0.1", 0);
        Server server =
                Server.builder(rig.dispatcher)
                        .listenOn(wanted)
                        .sessions(
                                (peer, hello) -> {
                                    peers.add(peer);
                                    return message -> {}; // never answers
                                })
                        .start();
        assertThat(server).hasToString("Server[addresses=[" + wanted + "], peers=0]");
        CompletableFuture<List<Address.Client>> listening = server.listening();
        rig.until("listening", listening::isDone);
        Address.Client real = listening.join().getFirst();
        int far = rig.farConnect(real);
        assertThat(server).hasToString("Server[addresses=[" + real + "], peers=1]");
        Peer peer = peers.getFirst();
        String shown = "Peer[channel=" + peer.channel() + ", unanswered=";
        assertThat(peer).hasToString(shown + "0]");
        rig.farSend(OpCode.REQUEST, far, 1, "");
        rig.until("asked", () -> peer.toString().equals(shown + "1]"));
    }

    @Test
    void aConnectorSaysWhereItIs() throws Exception {
        Connector connector = Connector.to(rig.dispatcher, rig.farAddress());
        String shown = "Connector[addresses=[" + rig.farAddress() + "], channel=";
        assertThat(connector).hasToString(shown + "0, failures=0]");
        try (Message hello = rig.farNext(OpCode.HELLO_REQUEST)) {
            rig.far.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
        }
        rig.until("up", () -> connector.channel() != 0);
        assertThat(connector).hasToString(shown + connector.channel() + ", failures=0]");
    }

    @Test
    void aRequesterSaysHowMuchItDoes() throws Exception {
        int channel = rig.connect();
        Requester requester = new Requester(rig.dispatcher, 7);
        CompletableFuture<Message> asked;
        try (Message request = rig.message()) {
            asked = requester.ask(channel, request, Duration.ofSeconds(30));
        }
        assertThat(requester).hasToString("Requester[pending=1, maxPending=7, late=0]");
        requester.close();
        rig.dispatcher.turn(0);
        assertThat(asked).isCompletedExceptionally();
        assertThat(requester).hasToString("Requester[pending=0, maxPending=7, late=0]");
    }
}
