package tofu.tests.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.kit.Connector;
import tofu.kit.Dispatcher;
import tofu.kit.Heartbeat;
import tofu.kit.Requester;
import tofu.kit.Server;
import tofu.kit.Session;
import tofu.kit.Slow;
import tofu.kit.Topics;
import tofu.kit.WorkQueue;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Transport;

/// A raw peer, as client or as server, sends any frames in any order, good ones and bad ones, and
/// goes. No loop of the kit ends, no bound is passed, nothing of the kit throws, every request that
/// was made to that peer ends, and a good peer is served as before.
class HostilePeerProperties {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int MOST_JOBS = 3;

    private static final List<String> HEADERS =
            List.of(
                    "",
                    "subscribe: a\r\n",
                    "subscribe:\r\n",
                    "subscribe: b\r\nsubscribe: c\r\n",
                    "unsubscribe: a\r\n",
                    "unsubscribe:\r\n",
                    "publish: a\r\n",
                    "publish:\r\n",
                    "publish: " + "x".repeat(300) + "\r\n",
                    "publish: a\r\n\u00ff\u00fe: \u0000\r\n",
                    "publish: a\r\n: nameless\r\n",
                    "publish: a\r\nno colon at all\r\n",
                    "put: 1\r\n",
                    "take: 0\r\n",
                    "take: 50\r\n",
                    "take: -1\r\n",
                    "take: \u0080\r\n",
                    "take: 99999999999999999999\r\n",
                    "done: 1\r\n",
                    "done: 2\r\n",
                    "done: one\r\n",
                    "beat: ?\r\n",
                    "beat:\r\n",
                    "reason:\r\n",
                    "\r\n\r\n:::\r\n");

    private static Ampe ampe;
    private static Dispatcher dispatcher;
    private static Server server;
    private static WorkQueue work;
    private static Requester requester;
    private static Connector friend;
    private static final Queue<Throwable> FAILURES = new ConcurrentLinkedQueue<>();
    private static final AtomicInteger ASKED = new AtomicInteger();
    private static final AtomicInteger ENDED = new AtomicInteger();

    @BeforeContainer
    static void open() {
        ampe = Ampe.open(Options.builder().sendQueueMessages(16).build());
        dispatcher = new Dispatcher(ampe).start();
        dispatcher.onFailure((failure, channel) -> FAILURES.add(failure));
        requester = new Requester(dispatcher, 64);
        Topics.Limits limits =
                Topics.Limits.builder().topics(4).topicsPerPeer(2).waitingPerPeer(4).build();
        Topics topics = new Topics(dispatcher, Slow.DROP_OLDEST, limits);
        work =
                new WorkQueue(
                        dispatcher,
                        WorkQueue.Settings.builder()
                                .jobs(MOST_JOBS)
                                .jobsPerPeer(2)
                                .patience(Duration.ofMillis(10))
                                .deliveries(2)
                                .build(),
                        (number, job) -> {});
        Heartbeat heartbeat = new Heartbeat(dispatcher, Duration.ofSeconds(5), 3);
        server =
                Server.builder(dispatcher)
                        .listenOn(Address.listenOn(Transport.UDS.listenAddress()))
                        .maxPeers(4)
                        .maxBacklog(4)
                        .sessions(
                                (peer, hello) -> {
                                    heartbeat.watch(peer.channel());
                                    ask(peer.channel());
                                    Session rest = work.session(peer, peer::answer);
                                    return topics.session(peer, rest);
                                })
                        .start();
        Address.Client address = server.listening().join().getFirst();
        friend = Connector.to(dispatcher, address);
    }

    @AfterContainer
    static void close() {
        dispatcher.close();
        ampe.close();
    }

    private static void ask(int channel) {
        ASKED.incrementAndGet();
        try (Message question = dispatcher.message()) {
            var _ =
                    requester
                            .ask(channel, question, SHORT)
                            .whenComplete(
                                    (answer, failure) -> {
                                        ENDED.incrementAndGet();
                                        if (answer != null) {
                                            answer.close();
                                        }
                                    });
        } catch (AmpeException gone) {
            ENDED.incrementAndGet();
            assertThat(gone.status()).isEqualTo(Status.CHANNEL_CLOSED);
        }
    }

    @Provide
    Arbitrary<Frame> frames() {
        Arbitrary<Integer> opCodes =
                Arbitraries.frequencyOf(
                        Tuple.of(20, Arbitraries.of(0, 1, 2)),
                        Tuple.of(1, Arbitraries.integers().between(3, 15)));
        Arbitrary<Integer> flags = Arbitraries.of(0, 0, 0, Frame.MORE, Frame.OUT_OF_BAND, 0x70);
        Arbitrary<Long> ids = Arbitraries.of(0L, 1L, 2L, -1L, Long.MIN_VALUE);
        Arbitrary<String> bodies = Arbitraries.of("", "x", "y".repeat(5_000));
        return Combinators.combine(opCodes, flags, ids, Arbitraries.of(HEADERS), bodies)
                .as(
                        (opCode, flag, id, headers, body) ->
                                new Frame(1, opCode | flag, 0, id, headers, body));
    }

    /// How the peer goes.
    enum Leaving {
        CLOSE,
        RESET,
        FINISH,
        BYE
    }

    @Property(tries = 150)
    void aHostileClientCostsNothing(
            @ForAll @Size(max = 40) List<@From("frames") Frame> frames, @ForAll Leaving leaving)
            throws Exception {
        try (RawPeer peer = RawPeer.connect(server.listening().join().getFirst().toString())) {
            talk(peer, Frame.hello(1), frames);
            leave(peer, leaving);
        }
        expectAllIsWell();
    }

    /// The kit connects to the peer, and asks.
    @Property(tries = 100)
    void aHostileServerCostsNothing(
            @ForAll @Size(max = 40) List<@From("frames") Frame> frames,
            @ForAll Leaving leaving,
            @ForAll boolean greets)
            throws Exception {
        AtomicInteger ups = new AtomicInteger();
        AtomicInteger downs = new AtomicInteger();
        try (ServerSocketChannel socket = Transport.UDS.openServer()) {
            socket.bind(Transport.UDS.freshSocketAddress());
            String address = Transport.UDS.addressOf(socket.getLocalAddress());
            Connector connector =
                    Connector.builder(dispatcher)
                            .to(Address.connectTo(address))
                            .backoff(Duration.ofHours(1), Duration.ofHours(1))
                            .onUp(channel -> ups.incrementAndGet())
                            .onDown(status -> downs.incrementAndGet())
                            .start();
            AtomicInteger ends = new AtomicInteger();
            for (int i = 0; i < 3; i++) {
                var _ =
                        connector
                                .ask(question -> {}, SHORT)
                                .whenComplete(
                                        (answer, failure) -> {
                                            ends.incrementAndGet();
                                            if (answer != null) {
                                                answer.close();
                                            }
                                        });
            }
            SocketChannel accepted = socket.accept();
            try (RawPeer peer = RawPeer.of(accepted)) {
                Frame hello = Frame.hello(1).withOpCode(greets ? 4 : 1);
                talk(peer, hello, frames);
                leave(peer, leaving);
            }
            Eventually.holds("all requests have ended", () -> ends.get() == 3);
            Eventually.holds("it is down", () -> connector.channel() == 0);
            connector.close();
            Eventually.holds("up and down are told alike", () -> ups.get() == downs.get());
            assertThat(ups.get()).isLessThanOrEqualTo(1);
        }
        expectAllIsWell();
    }

    private static void talk(RawPeer peer, Frame hello, List<Frame> frames) {
        try {
            peer.send(hello);
            for (Frame frame : frames) {
                peer.send(frame);
            }
        } catch (UncheckedIOException cutOff) {
            assertThat(frames).isNotEmpty(); // it was thrown out, and rightly so
        }
    }

    private static void leave(RawPeer peer, Leaving leaving) {
        try {
            switch (leaving) {
                case CLOSE -> {} // the caller does
                case RESET -> peer.reset();
                case FINISH -> peer.finish();
                case BYE -> peer.send(Frame.of(OpCode.BYE_REQUEST, 9));
            }
        } catch (UncheckedIOException cutOff) {
            assertThat(leaving).isNotEqualTo(Leaving.CLOSE);
        }
    }

    private static void expectAllIsWell() throws InterruptedException {
        assertThat(work.jobs()).isLessThanOrEqualTo(MOST_JOBS);
        try (Message answer = friend.askAndWait(m -> m.body().append("well?"), LONG)) {
            assertThat(answer.body().text()).isEqualTo("well?");
        }
        Eventually.holds("only the friend is left", () -> server.peers() == 1);
        // Its hello may be handled only now: what is asked then ends, too.
        Eventually.holds(
                "every request has ended",
                () -> requester.pending() == 0 && ENDED.get() == ASKED.get());
        assertThat(FAILURES).isEmpty();
        assertThat(dispatcher.isEnded()).isFalse();
    }
}
