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
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.Status;

/// What is said late of a channel that has ended does not concern the next one with its number. The
/// numbers do not rest here, so that the next one is there at once.
@Timeout(60)
class ReusedNumberTest {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final List<String> events = new ArrayList<>();
    private Rig rig;

    @BeforeEach
    void open() throws InterruptedException {
        rig =
                new Rig(
                        Options.builder()
                                .channelQuarantine(Duration.ZERO)
                                .loops(1) // so that numbers become free one after the other
                                .maxPoolBytes(4 << 20)
                                .build());
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /// Ends a channel, from the far side, where nobody hears of it yet: so the near side's number
    /// is the first that is free.
    private void end(int near) throws InterruptedException {
        boolean[] ended = new boolean[1];
        Filter filter =
                message -> {
                    ended[0] |= message.endsChannel() && message.channel() == near;
                    return false;
                };
        rig.dispatcher.filter(filter);
        rig.farSend(OpCode.BYE_SIGNAL, rig.farNumber(near), 1, "");
        rig.until("end", () -> ended[0]);
        rig.dispatcher.unfilter(filter);
    }

    private void assertLives(int near) throws InterruptedException {
        rig.dispatcher.on(near, message -> events.add(message.body().text()));
        rig.farSend(OpCode.SIGNAL, rig.farNumber(near), 1, "alive");
        rig.until("message", () -> !events.isEmpty());
        assertThat(events).containsExactly("alive");
    }

    @Test
    void aPeerThatIsGoneCutsNobody() throws Exception {
        List<Peer> peers = new ArrayList<>();
        Server server = serve(peers);
        Address.Client address = rig.address(server);
        int first = rig.farConnect(address);
        rig.farSend(OpCode.BYE_SIGNAL, first, 1, "");
        farEndUnseen(first);
        rig.until("gone", () -> server.peers() == 0);
        int second = rig.farConnect(address);
        assertThat(peers.getLast().channel()).isEqualTo(peers.getFirst().channel());

        peers.getFirst().cut();
        rig.farSend(OpCode.REQUEST, second, 1, "still there?");
        try (Message answer = rig.farNext(OpCode.RESPONSE, second)) {
            assertThat(answer.body().text()).isEqualTo("still there?");
        }
    }

    @Test
    void aPeerWhoseSessionWasNotBegunCutsNobody() throws Exception {
        List<Peer> peers = new ArrayList<>();
        Server server =
                Server.builder(rig.dispatcher)
                        .listenOn(Rig.fresh())
                        .sessions(
                                (peer, hello) -> {
                                    peers.add(peer);
                                    throw new IllegalStateException("no session");
                                })
                        .start();
        Address.Client address = rig.address(server);
        try (Message hello = rig.message()) {
            rig.far.enqueueToPeer(hello.connectTo(address));
        }
        rig.until("peer", () -> !peers.isEmpty());
        int old = peers.getFirst().channel();
        rig.until("gone", () -> rig.dispatcher.group().channel(old) == null);
        assertThat(rig.connect()).isEqualTo(old);
        peers.getFirst().cut();
        assertLives(old);
    }

    @Test
    void whoHandlesAChannelTooLateHandlesNobody() throws Exception {
        List<Peer> peers = new ArrayList<>();
        Address.Client address = rig.address(serve(peers));
        int first = rig.farConnect(address);
        int old = peers.getFirst().channel();
        rig.farSend(OpCode.BYE_SIGNAL, first, 1, "");
        farEndUnseen(first);
        rig.until("gone", () -> rig.dispatcher.group().channel(old) == null);
        rig.dispatcher.on(old, rig.note("late"));
        assertThat(rig.farConnect(address)).isNotZero();
        assertThat(peers.getLast().channel()).isEqualTo(old);
        assertThat(rig.events).isEmpty();
    }

    @Test
    void whoHearsOfTheEndFirstReachesNobodyElse() throws Exception {
        List<Peer> peers = new ArrayList<>();
        int first = rig.farConnect(rig.address(serve(peers)));
        Peer peer = peers.getFirst();
        Requester requester = new Requester(rig.dispatcher);
        CompletableFuture<Boolean> sent;
        try (Message question = rig.message()) {
            sent =
                    requester
                            .ask(peer.channel(), question, Duration.ofHours(1))
                            .handle(
                                    (answer, failure) -> {
                                        callAgain(peer.channel());
                                        peer.cut();
                                        try (Message late = rig.message()) {
                                            return peer.send(late.opCode(OpCode.SIGNAL));
                                        }
                                    });
        }
        rig.farSend(OpCode.BYE_SIGNAL, first, 1, "");
        rig.until("end", sent::isDone);
        assertThat(sent.join()).isFalse();
        assertIsGreeted();
        requester.close();
    }

    @Test
    void aConnectionThatHasEndedLeadsToNobodyElse() throws Exception {
        Connector connector = Connector.to(rig.dispatcher, rig.farAddress());
        int first;
        try (Message hello = rig.farNext(OpCode.HELLO_REQUEST)) {
            first = hello.channel();
            rig.far.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
        }
        rig.until("up", () -> connector.channel() != 0);
        int old = connector.channel();
        CompletableFuture<Integer> known =
                connector
                        .ask(question -> {}, Duration.ofHours(1))
                        .handle(
                                (answer, failure) -> {
                                    callAgain(old);
                                    return connector.channel();
                                });
        rig.farSend(OpCode.BYE_SIGNAL, first, 1, "");
        rig.until("end", known::isDone);
        assertThat(known.join()).isZero();
        assertIsGreeted();
        connector.close();
    }

    /// Sees that the channel of [#callAgain] lives.
    private void assertIsGreeted() throws InterruptedException {
        try (Message hello = rig.farNext(OpCode.HELLO_REQUEST)) {
            rig.far.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
        }
        rig.until("the next one's handler hears", () -> !events.isEmpty());
        assertThat(events).containsExactly("HELLO_RESPONSE");
    }

    private Server serve(List<Peer> peers) {
        return Server.builder(rig.dispatcher)
                .listenOn(Rig.fresh())
                .sessions(
                        (peer, hello) -> {
                            peers.add(peer);
                            return peer::answer;
                        })
                .start();
    }

    /// Waits for the end of a far channel, while the near side takes no turn.
    private void farEndUnseen(int farChannel) throws InterruptedException {
        boolean ended = false;
        while (!ended) {
            try (Message message = rig.far.waitReceive(Duration.ofSeconds(20))) {
                assertThat(message).isNotNull();
                ended = message.endsChannel() && message.channel() == farChannel;
            }
        }
    }

    @Test
    void whoFailsAtTheLastMessageCutsNobodyOff() throws Exception {
        int old = rig.connect();
        rig.dispatcher.on(
                old,
                message -> {
                    if (message.endsChannel()) {
                        callAgain(old);
                        throw new IllegalStateException("at the end");
                    }
                });
        rig.farSend(OpCode.BYE_SIGNAL, rig.farNumber(old), 1, "");
        rig.until("failure", () -> !rig.failures.isEmpty());
        assertIsGreeted();
        assertThat(rig.failures).singleElement().asString().contains("at the end");
    }

    /// Says hello with a number that is free again, and handles what comes.
    private void callAgain(int old) {
        try (Message hello = rig.message()) {
            hello.connectTo(rig.farAddress());
            assertThat(rig.dispatcher.group().enqueueToPeer(hello).channel()).isEqualTo(old);
        }
        rig.dispatcher.on(
                old,
                message -> {
                    if (message.origin() == Origin.APPLICATION || message.endsChannel()) {
                        events.add(message.opCode().toString());
                    }
                });
    }

    @Test
    void whoIsToBeCutOffAgainMayBeGone() throws Exception {
        int old = rig.connect();
        List<Message> hoard = new ArrayList<>();
        hoardAll(hoard);
        rig.dispatcher.cut(old);
        hoard.forEach(Message::close);
        end(old);
        assertThat(rig.connect()).isEqualTo(old);
        rig.advance(Duration.ofSeconds(1));
        assertLives(old);
    }

    private void hoardAll(List<Message> hoard) {
        try {
            while (true) {
                hoard.add(rig.message());
            }
        } catch (AmpeException e) {
            assertThat(e.status()).isEqualTo(Status.ALLOCATION_FAILED);
        }
    }

    @Test
    void whoWatchesTooLateWatchesNobody() throws Exception {
        Heartbeat heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, 3);
        int old = rig.connect();
        end(old);
        heartbeat.watch(old);
        for (int i = 0; i < 4; i++) {
            rig.advance(INTERVAL);
        }
        assertThat(heartbeat.dead()).isZero();
        heartbeat.close();
    }
}
