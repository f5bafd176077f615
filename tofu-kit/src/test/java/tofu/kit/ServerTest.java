package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import tofu.api.Status;

@Timeout(60)
class ServerTest {
    private final List<String> events = new ArrayList<>();
    private Rig rig;

    @BeforeEach
    void open() throws InterruptedException {
        rig = new Rig(Options.builder().sendQueueMessages(4).receiveWindowMessages(16).build());
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private Server.Builder echo() {
        return Server.builder(rig.dispatcher)
                .listenOn(Rig.fresh())
                .sessions((peer, hello) -> peer::answer);
    }

    private String ask(int channel, String text) throws InterruptedException {
        rig.farSend(OpCode.REQUEST, channel, 42, text);
        try (Message response = rig.farNext(OpCode.RESPONSE, channel)) {
            assertThat(response.id()).isEqualTo(42);
            return response.body().text();
        }
    }

    @Test
    void aPeerIsAnsweredAndItsByeToo() throws Exception {
        Server server = echo().start();
        int channel = rig.farConnect(rig.address(server));
        assertThat(server.peers()).isEqualTo(1);
        assertThat(ask(channel, "hello")).isEqualTo("hello");
        rig.farSend(OpCode.BYE_REQUEST, channel, 1, "");
        rig.farNext(OpCode.BYE_RESPONSE, channel).close();
        rig.until("gone", () -> server.peers() == 0);
    }

    @Test
    void allListenersNameTheirAddresses() throws Exception {
        Server server =
                echo().listenOn(Address.listenOn("tcp|127.0.0.1|0")).listenOn(Rig.fresh()).start();
        rig.address(server);
        for (Address.Client address : server.listening().join()) {
            assertThat(ask(rig.farConnect(address), "here?")).isEqualTo("here?");
        }
        assertThat(server.listening().join()).hasSize(3);
    }

    @Test
    void anAddressForAllInterfacesIsOneOfThisMachine() throws Exception {
        Server server = echo().listenOn(Address.listenOn("tcp|0.0.0.0|0")).start();
        rig.address(server);
        assertThat(server.listening().join().getLast().toString()).startsWith("tcp|127.0.0.1|");
    }

    /// As long as another one is not open yet.
    @Test
    void aListenerThatTurnsSomebodyAwayHasNotFailed() throws Exception {
        rig.close();
        rig = new Rig(Options.builder().maxChannels(6).build());
        Address.Server open = Rig.fresh();
        List<Message> late = new ArrayList<>();
        rig.dispatcher.filter(
                message -> {
                    events.add(message.status().toString());
                    boolean welcome = message.opCode() == OpCode.WELCOME_RESPONSE;
                    if (welcome && isOf(message, open)) {
                        events.add("open");
                        return false;
                    }
                    boolean taken = welcome && late.isEmpty();
                    if (taken) {
                        late.add(rig.dispatcher.keep(message));
                    }
                    return taken;
                });
        Server server =
                Server.builder(rig.dispatcher)
                        .listenOn(open)
                        .listenOn(Rig.fresh())
                        .sessions((peer, hello) -> peer::answer)
                        .start();
        rig.until("both welcomes", () -> !late.isEmpty() && events.contains("open"));
        Address.Client address = Address.connectTo(open.toString());
        assertThat(rig.farConnect(address)).isNotZero();
        assertThat(rig.farConnect(address)).isZero();
        rig.until("notice", () -> events.contains("TOO_MANY_CHANNELS"));
        assertThat(server.listening()).isNotDone();
        late.forEach(Message::close);
    }

    private static boolean isOf(Message welcome, Address.Server address) {
        return address.toString().equals(welcome.headers().first(Address.LISTEN_ON));
    }

    @Test
    void anAddressInUseIsTold() throws Exception {
        String taken = rig.farAddress().toString();
        Server server = echo().listenOn(Address.listenOn(taken)).start();
        CompletableFuture<List<Address.Client>> listening = server.listening();
        rig.until("failure", listening::isDone);
        assertThatThrownBy(listening::get)
                .cause()
                .isInstanceOfSatisfying(
                        AmpeException.class,
                        e -> assertThat(e.status()).isEqualTo(Status.ADDRESS_IN_USE));
    }

    @Test
    void whoIsRefusedIsToldWhy() throws Exception {
        Server server =
                echo().refuse(hello -> hello.headers().first("key") == null ? "no key" : null)
                        .start();
        Address.Client address = rig.address(server);
        assertThat(rig.farConnect(address)).isZero();
        try (Message bye = rig.farNext(OpCode.BYE_RESPONSE)) {
            assertThat(bye.headers().first(Server.REASON)).isEqualTo("no key");
        }
        assertThat(rig.farConnect(address, "key", "k")).isNotZero();
        assertThat(server.peers()).isEqualTo(1);
    }

    @Test
    void noHeaderLeadsPastWhoRefuses() throws Exception {
        Server server = echo().refuse(hello -> "never").start();
        Address.Client address = rig.address(server);
        rig.dispatcher.on("alarm", message -> events.add("header"));
        assertThat(rig.farConnect(address, "alarm", "x")).isZero();
        rig.farNext(OpCode.BYE_RESPONSE).close();
        assertThat(events).isEmpty();
    }

    @Test
    void whatARefusedPeerSendsBehindItsHelloIsNothing() throws Exception {
        Server server = echo().refuse(hello -> "never").start();
        Address.Client address = rig.address(server);
        rig.dispatcher.on("trick", message -> events.add("header"));
        rig.dispatcher.on(OpCode.SIGNAL, message -> events.add("signal"));
        int channel;
        try (Message hello = rig.message()) {
            channel = rig.far.enqueueToPeer(hello.connectTo(address)).channel();
        }
        rig.farSend(OpCode.SIGNAL, channel, 1, "");
        rig.farAsk(channel, "trick", "x", "");
        rig.farEnd(channel);
        assertThat(rig.farConnect(address)).isZero(); // all of that has been seen
        assertThat(events).isEmpty();
    }

    @Test
    void aFullServerRefuses() throws Exception {
        Server server = echo().maxPeers(1).start();
        Address.Client address = rig.address(server);
        int first = rig.farConnect(address);
        assertThat(rig.farConnect(address)).isZero();
        rig.farSend(OpCode.BYE_SIGNAL, first, 1, "");
        rig.until("gone", () -> server.peers() == 0);
        assertThat(rig.farConnect(address)).isNotZero();
    }

    @Test
    void aSessionThatThrowsEndsAndIsToldSo() throws Exception {
        Session bad =
                new Session() {
                    @Override
                    public void onMessage(Message message) {
                        throw new IllegalStateException("bad session");
                    }

                    @Override
                    public void onEnd(Status reason) {
                        events.add("end");
                    }
                };
        Server server = echo().sessions((peer, hello) -> bad).start();
        int channel = rig.farConnect(rig.address(server));
        rig.farSend(OpCode.SIGNAL, channel, 1, "x");
        rig.farEnd(channel);
        rig.until("end", () -> !events.isEmpty());
        assertThat(events).containsExactly("end");
        assertThat(server.peers()).isZero();
        assertThat(rig.failures).singleElement().asString().contains("bad session");
    }

    @Test
    void aPeerThatDoesNotReadIsCutOffAndOthersAreServed() throws Exception {
        Server server = echo().maxBacklog(4).start();
        Address.Client address = rig.address(server);
        int slow = rig.farConnect(address);
        int good = rig.farConnect(address);
        for (int i = 0; server.peers() == 2; i++) {
            try (Message request = rig.message()) {
                request.opCode(OpCode.REQUEST).channel(slow).body().append(new byte[60_000]);
                try {
                    rig.far.enqueueToPeer(request);
                } catch (AmpeException e) {
                    assertThat(e.status()).isIn(Status.SEND_QUEUE_FULL, Status.CHANNEL_CLOSED);
                }
            }
            rig.dispatcher.turn(0);
            assertThat(i).isLessThan(100_000);
        }
        assertThat(ask(good, "still there?")).isEqualTo("still there?");
    }

    @Test
    void whatWaitsForRoomIsSentInOrder() throws Exception {
        Server server = echo().maxBacklog(1_000).maxBacklogBytes(16 << 20).start();
        int channel = rig.farConnect(rig.address(server));
        int sent = 200;
        for (int i = 0; i < sent; i++) {
            try (Message request = rig.message()) {
                request.opCode(OpCode.REQUEST).channel(channel).id(i + 1);
                request.body().append(new byte[30_000]);
                boolean full = true;
                while (full) {
                    try {
                        rig.far.enqueueToPeer(request);
                        full = false;
                    } catch (AmpeException e) {
                        assertThat(e.status()).isEqualTo(Status.SEND_QUEUE_FULL);
                        rig.dispatcher.turn(Duration.ofMillis(1).toNanos());
                    }
                }
            }
        }
        for (int i = 0; i < sent; i++) {
            try (Message response = rig.farNext(OpCode.RESPONSE)) {
                assertThat(response.id()).isEqualTo(i + 1);
            }
        }
    }

    // ---- drain

    @Test
    void drainWaitsForTheAnswerUnderWay() throws Exception {
        List<Message> held = new ArrayList<>();
        List<Peer> peers = new ArrayList<>();
        Server server =
                echo().sessions(
                                (peer, hello) -> {
                                    peers.add(peer);
                                    return message -> held.add(rig.dispatcher.keep(message));
                                })
                        .start();
        Address.Client address = rig.address(server);
        int busy = rig.farConnect(address);
        int idle = rig.farConnect(address);
        rig.farSend(OpCode.REQUEST, busy, 7, "under way");
        rig.until("request", () -> !held.isEmpty());
        CompletableFuture<Integer> drained = server.drain(Duration.ofHours(1));

        rig.farNext(OpCode.BYE_REQUEST, idle).close();
        rig.farSend(OpCode.BYE_RESPONSE, idle, 1, "");
        rig.until("idle one", () -> server.peers() == 1);
        assertThat(rig.farConnect(address)).isZero();
        assertThat(drained).isNotDone();

        try (Message request = held.getFirst()) {
            assertThat(peers.getFirst().answer(request)).isTrue();
        }
        rig.farNext(OpCode.RESPONSE, busy).close();
        rig.farNext(OpCode.BYE_REQUEST, busy).close();
        rig.farSend(OpCode.BYE_RESPONSE, busy, 1, "");
        rig.until("drained", drained::isDone);
        assertThat(drained.join()).isZero();
    }

    @Test
    void whoDoesNotLeaveIsCutOff() throws Exception {
        Server server = echo().start();
        int channel = rig.farConnect(rig.address(server));
        assertThat(rig.drainBeside(channel, server)).isEqualTo(1);
    }

    /// The second deadline comes when one of the two is gone, and the other is just going.
    @Test
    void whoIsCutOffIsCountedWhateverComesMeanwhile() throws Exception {
        Server server = echo().start();
        Address.Client address = rig.address(server);
        rig.farConnect(address);
        rig.farConnect(address);
        CompletableFuture<Integer> drained = server.drain(Duration.ofSeconds(1));
        server.drain(Duration.ofHours(1)); // the first one has said how long
        rig.dispatcher.turn(0);
        rig.advance(Duration.ofSeconds(1));
        rig.until("one is gone", () -> server.peers() == 1);
        rig.advance(Duration.ofSeconds(1));
        rig.until("drained", drained::isDone);
        assertThat(drained.join()).isEqualTo(2);
    }

    @Test
    void anotherServerMayFollowOneThatHasLeft() throws Exception {
        Server first = echo().start();
        int channel = rig.farConnect(rig.address(first));
        CompletableFuture<Integer> drained = first.drain(Duration.ofHours(1));
        rig.farNext(OpCode.BYE_REQUEST, channel).close();
        assertThatThrownBy(() -> echo().start()).isInstanceOf(IllegalStateException.class);
        rig.farSend(OpCode.BYE_RESPONSE, channel, 1, "");
        rig.until("drained", drained::isDone);

        Server second = echo().start();
        Address.Client address = rig.address(second);
        assertThat(ask(rig.farConnect(address), "new?")).isEqualTo("new?");
        first.drain(Duration.ofHours(1)); // has no part in the second one
        rig.dispatcher.turn(0);
        assertThat(ask(rig.farConnect(address), "still there?")).isEqualTo("still there?");
        assertThat(second.peers()).isEqualTo(2);
        assertThatThrownBy(() -> echo().start()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whoSaysHelloToAServerThatHasLeftIsRefusedUntilSomebodyElseHasTheHellos() throws Exception {
        Server server = echo().start();
        rig.address(server);
        Address.Client where = rig.nearListen();
        CompletableFuture<Integer> drained = server.drain(Duration.ofHours(1));
        rig.until("drained", drained::isDone);

        assertThat(rig.farConnect(where)).isZero();
        try (Message bye = rig.farNext(OpCode.BYE_RESPONSE)) {
            assertThat(bye.headers().first(Server.REASON)).isEqualTo("closing");
        }
        rig.dispatcher.on(OpCode.HELLO_REQUEST, rig.note("hello"));
        try (Message hello = rig.message()) {
            rig.far.enqueueToPeer(hello.connectTo(where));
        }
        rig.untilEvents(1);
        assertThat(rig.events).containsExactly("hello ");
    }

    @Test
    void whoHasTakenTheHellosFromAServerKeepsThem() throws Exception {
        Server server = echo().start();
        rig.address(server);
        rig.dispatcher.off(OpCode.HELLO_REQUEST);
        rig.dispatcher.on(OpCode.HELLO_REQUEST, rig.note("hello"));
        CompletableFuture<Integer> drained = server.drain(Duration.ofHours(1));
        rig.until("drained", drained::isDone);
        assertThatThrownBy(() -> echo().start()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theEndOfTheDispatcherEndsTheSessions() throws Exception {
        Session session =
                new Session() {
                    @Override
                    public void onMessage(Message message) {}

                    @Override
                    public void onEnd(Status reason) {
                        events.add(reason.toString());
                    }
                };
        Server server = echo().sessions((peer, hello) -> session).start();
        rig.farConnect(rig.address(server));
        rig.dispatcher.close();
        assertThat(events).containsExactly("SHUTDOWN_STARTED");
        assertThat(server.peers()).isZero();
    }
}
