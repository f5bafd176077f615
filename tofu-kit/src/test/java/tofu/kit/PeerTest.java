package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;

/// The byes of a peer: behind as much as may wait, and without memory for them.
@Timeout(60)
class PeerTest {
    private static final int WAITING = 4;
    private static final Duration LONG = Duration.ofHours(1);

    private final List<Peer> peers = new ArrayList<>();
    private final List<Message> held = new ArrayList<>();
    private final AtomicBoolean none = new AtomicBoolean();
    private Rig rig;
    private Server server;
    private Address.Client address;

    @BeforeEach
    void open() throws InterruptedException {
        rig =
                new Rig(
                        Options.builder().sendQueueMessages(4).receiveWindowMessages(16).build(),
                        Proxies.refusing(none));
        server =
                Server.builder(rig.dispatcher)
                        .listenOn(Rig.fresh())
                        .maxBacklog(WAITING)
                        .maxBacklogBytes(WAITING * 60_016L)
                        .sessions(
                                (peer, hello) -> {
                                    peers.add(peer);
                                    return message -> held.add(rig.dispatcher.keep(message));
                                })
                        .start();
        address = rig.address(server);
    }

    @AfterEach
    void close() {
        none.set(false);
        held.forEach(Message::close);
        rig.close();
    }

    private Message big(Peer peer) {
        Message signal = peer.message();
        signal.body().append(new byte[60_000]);
        return signal;
    }

    @Test
    void aByeIsAnsweredBehindAsMuchAsMayWait() throws Exception {
        int channel = rig.farConnect(address);
        Peer peer = peers.getFirst();
        int sent = rig.fill(peer.channel());
        for (int i = 0; i < WAITING; i++) {
            try (Message signal = big(peer)) {
                assertThat(peer.send(signal)).isTrue();
            }
        }
        boolean[] seen = new boolean[1];
        rig.dispatcher.filter(
                message -> {
                    seen[0] |= message.opCode() == OpCode.BYE_REQUEST;
                    return false;
                });
        rig.farSend(OpCode.BYE_REQUEST, channel, 1, "");
        rig.until("bye", () -> seen[0]);
        try (Message late = big(peer)) {
            assertThat(peer.send(late)).isFalse(); // behind a bye there is nothing
        }
        for (int i = 0; i < sent + WAITING; i++) {
            rig.farNext(OpCode.SIGNAL, channel).close();
        }
        rig.farNext(OpCode.BYE_RESPONSE, channel).close();
        rig.farEnd(channel);
    }

    @Test
    void whoDoesNotReadIsCutOffAsSoonAsTheBytesAreTooMany() throws Exception {
        int channel = rig.farConnect(address);
        Peer peer = peers.getFirst();
        rig.fill(peer.channel());
        for (int i = 0; i < WAITING - 1; i++) {
            try (Message signal = longest(peer)) {
                assertThat(peer.send(signal)).isTrue();
            }
        }
        try (Message signal = longest(peer)) {
            assertThat(peer.send(signal)).isFalse();
            assertThat(signal.isEmptied()).isFalse();
        }
        rig.until("cut off", () -> server.peers() == 0);
        rig.farEnd(channel);
    }

    private static Message longest(Peer peer) {
        Message signal = peer.message();
        signal.body().append(new byte[65_535]);
        return signal;
    }

    @Test
    void anAnswerIsRepeatedThatThereWasNoMemoryFor() throws Exception {
        int channel = rig.farConnect(address);
        Peer peer = peers.getFirst();
        rig.farSend(OpCode.REQUEST, channel, 7, "again");
        rig.until("request", () -> !held.isEmpty());
        Message request = held.getFirst();
        rig.fill(peer.channel());
        none.set(true);
        assertThatThrownBy(() -> peer.answer(request))
                .isInstanceOfSatisfying(
                        AmpeException.class,
                        e -> assertThat(e.status()).isEqualTo(Status.ALLOCATION_FAILED));
        none.set(false);
        assertThat(peer.answer(request)).isTrue();
        try (Message response = rig.farNext(OpCode.RESPONSE, channel)) {
            assertThat(response.body().text()).isEqualTo("again");
        }
    }

    @Test
    void anAnswerIsSentThoughThereIsNoMemoryForTheByeBehindIt() throws Exception {
        int channel = rig.farConnect(address);
        rig.farSend(OpCode.REQUEST, channel, 7, "last");
        rig.until("request", () -> !held.isEmpty());
        CompletableFuture<Integer> drained = server.drain(LONG);
        rig.dispatcher.turn(0);
        none.set(true);
        try (Message request = held.getFirst()) {
            assertThat(peers.getFirst().answer(request)).isTrue();
        }
        untilDrained(drained);
    }

    @Test
    void aDrainGoesOnThoughThereIsNoMemoryForByes() throws Exception {
        rig.farConnect(address);
        rig.farConnect(address);
        none.set(true);
        CompletableFuture<Integer> drained = server.drain(LONG);
        rig.dispatcher.turn(0);
        untilDrained(drained);
        assertThat(rig.failures).isEmpty();
    }

    /// There is memory again, to cut off whom no bye could be said to.
    private void untilDrained(CompletableFuture<Integer> drained) throws InterruptedException {
        none.set(false);
        rig.advance(Duration.ofSeconds(1));
        rig.until("drained", drained::isDone);
        assertThat(drained.join()).isZero();
    }
}
