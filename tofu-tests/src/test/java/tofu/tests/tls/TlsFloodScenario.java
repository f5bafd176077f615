package tofu.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Secured;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Peers that do not come to the end of a handshake, and send without a pause meanwhile. Their time
/// is over when it is over, and others are served until then.
class TlsFloodScenario {
    private static final String LISTEN = "tls|127.0.0.1|0";

    /// The JDK passes over it.
    private static final byte[] USER_CANCELED = {1, 90};

    private static final int ECHOES = 20;

    private static final String MUTTERED = "m".repeat(3_000);

    @RegisterExtension final Stage stage = new Stage();

    private Peer hastyPeer(UnaryOperator<Options.Builder> options) {
        return stage.peer(o -> options.apply(o).handshakeTimeout(Duration.ofSeconds(1)));
    }

    @Test
    void aServerThatWarnsForEverKeepsNobodyElse() throws InterruptedException {
        Peer server = stage.peer(Secured.server());
        Peer client = hastyPeer(Secured.client());
        Link link = Link.open(client, server, server.listen(LISTEN).address());
        Peer victim = stage.peerOn(client.ampe());
        RawDoor door = stage.rawDoor(Transport.TCP);
        BinaryHeader hello = victim.sayHello(door.address().replace("tcp|", "tls|"));
        RawPeer flooder = stage.accept(door);
        byte[] record = {21, 3, 3, 0, 2, USER_CANCELED[0], USER_CANCELED[1]};
        byte[] records = new byte[record.length << 13];
        for (int at = 0; at < records.length; at += record.length) {
            System.arraycopy(record, 0, records, at, record.length);
        }
        Thread flood =
                Thread.ofPlatform()
                        .daemon()
                        .start(
                                () -> {
                                    try {
                                        flooder.sendUntilStalled(records, Peer.PATIENCE);
                                    } catch (UncheckedIOException cut) {
                                        // That is what ends it.
                                    }
                                });
        for (int i = 0; i < ECHOES; i++) {
            link.echo("beside " + i);
        }
        Received notice = victim.untilClosed(hello.channel()).getLast();
        assertThat(notice.status()).isEqualTo(Status.HANDSHAKE_TIMEOUT);
        join(flood);
        link.bye();
    }

    @Test
    void aClientThatWarnsForEverKeepsNobodyElse() throws Exception {
        Peer server = hastyPeer(Secured.server());
        Link link =
                Link.open(stage.peer(Secured.client()), server, server.listen(LISTEN).address());
        Peer victim = stage.peerOn(server.ampe());
        try (Handmade client = Handmade.begin(victim.listen(LISTEN).address())) {
            Thread flood = Thread.ofPlatform().daemon().start(() -> warnForEver(client));
            for (int i = 0; i < ECHOES; i++) {
                link.echo("beside " + i);
            }
            Received notice = victim.next();
            assertThat(notice.status()).isEqualTo(Status.HANDSHAKE_TIMEOUT);
            victim.expectClosed(notice.channel(), 0);
            join(flood);
        }
        link.bye();
    }

    /// Frames that come by records of a byte each, as fast as they can be made.
    @Test
    void recordsOfAByteEachKeepNobodyElse() throws Exception {
        Peer server = stage.peer(Secured.server());
        Link link =
                Link.open(stage.peer(Secured.client()), server, server.listen(LISTEN).address());
        Peer victim = stage.peerOn(server.ampe());
        victim.ignoreRest();
        Thread flood;
        try (Handmade client = Handmade.connect(victim.listen(LISTEN).address())) {
            client.send(Handmade.DATA, Frame.concat(Frame.hello(1)), 0);
            victim.expect(OpCode.HELLO_REQUEST, 1);
            flood = Thread.ofPlatform().daemon().start(() -> mutterForEver(client));
            for (int i = 0; i < ECHOES; i++) {
                link.echo("beside " + i);
            }
            assertThat(victim.expect(OpCode.SIGNAL, 2).body()).isEqualTo(MUTTERED);
        }
        join(flood);
        link.bye();
    }

    private static void mutterForEver(Handmade client) {
        byte[] frame = Frame.concat(Frame.of(OpCode.SIGNAL, 2, MUTTERED));
        try {
            while (true) {
                client.send(
                        Handmade.DATA, Arrays.copyOf(frame, frame.length - MUTTERED.length()), 0);
                client.sendOften(Handmade.DATA, new byte[] {'m'}, MUTTERED.length());
            }
        } catch (IOException cut) {
            // That is what ends it.
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static void warnForEver(Handmade client) {
        try {
            while (true) {
                client.sendOften(Handmade.ALERT, USER_CANCELED, 2_000);
            }
        } catch (IOException cut) {
            // That is what ends it.
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static void join(Thread flood) throws InterruptedException {
        assertThat(flood.join(Peer.PATIENCE)).as("it is cut off").isTrue();
    }
}
