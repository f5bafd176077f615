package tofu.tests.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
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
import tofu.api.Statistics;
import tofu.api.Status;
import tofu.kit.Connector;
import tofu.kit.Dispatcher;
import tofu.kit.Heartbeat;
import tofu.kit.RequestException;
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

/// Raw peers, as clients or as a server, send any frames in any order, good ones and bad ones, and
/// go. No loop of the kit ends, no bound is passed, nothing of the kit throws, every request that
/// was made to such a peer ends, all memory is given back, and a good peer is served as before.
class HostilePeerProperties {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int MOST_PEERS = 4;
    private static final int MOST_FRAMES = 40;
    private static final int MOST_ASKED = 2;
    private static final int MOST_JOBS = 3;
    private static final long MOST_JOB_BYTES = Options.MAX_MESSAGE_BYTES;
    private static final int MOST_WAITING = 4;

    /// What each peer may have waiting, of answers and of news; and what the dispatcher, a broker
    /// that copies, and the test have in their hands.
    private static final int MOST_LEASED = MOST_PEERS * 2 * MOST_WAITING + 8;

    /// What fills something, and so is sent often.
    private static final List<String> GOOD =
            List.of(
                    "",
                    "subscribe: a\r\n",
                    "subscribe: b\r\n",
                    "subscribe: c\r\n",
                    "publish: a\r\n",
                    "publish: b\r\n",
                    "put: 1\r\n",
                    "take: 1\r\n");

    private static final List<String> HEADERS =
            List.of(
                    "subscribe:\r\n",
                    "subscribe: b\r\nsubscribe: c\r\n",
                    "unsubscribe: a\r\n",
                    "unsubscribe:\r\n",
                    "publish:\r\n",
                    "publish: " + "x".repeat(300) + "\r\n",
                    "publish: a\r\n\u00ff\u00fe: \u0000\r\n",
                    "publish: a\r\n: nameless\r\n",
                    "publish: a\r\nno colon at all\r\n",
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
    private static final Queue<String> PASSED = new ConcurrentLinkedQueue<>();
    private static final AtomicInteger ASKED = new AtomicInteger();
    private static final AtomicInteger ENDED = new AtomicInteger();

    @BeforeContainer
    static void open() throws InterruptedException {
        ampe = Ampe.open(Options.builder().sendQueueMessages(16).build());
        dispatcher = new Dispatcher(ampe).start();
        dispatcher.onFailure((failure, channel) -> FAILURES.add(failure));
        requester = new Requester(dispatcher, MOST_ASKED);
        Topics.Limits limits =
                Topics.Limits.builder()
                        .topics(3)
                        .topicsPerPeer(2)
                        .waitingPerPeer(MOST_WAITING)
                        .build();
        Topics topics = new Topics(dispatcher, Slow.DROP_OLDEST, limits);
        work =
                new WorkQueue(
                        dispatcher,
                        WorkQueue.Settings.builder()
                                .jobs(MOST_JOBS)
                                .jobBytes(MOST_JOB_BYTES)
                                .jobsPerPeer(2)
                                .patience(Duration.ofMillis(10))
                                .deliveries(2)
                                .build(),
                        (number, job) -> {});
        Heartbeat heartbeat = new Heartbeat(dispatcher, Duration.ofSeconds(5), 3);
        server =
                Server.builder(dispatcher)
                        .listenOn(Address.listenOn(Transport.UDS.listenAddress()))
                        .maxPeers(MOST_PEERS)
                        .maxBacklog(MOST_WAITING)
                        .sessions(
                                (peer, hello) -> {
                                    heartbeat.watch(peer.channel());
                                    ask(peer.channel());
                                    Session rest = work.session(peer, peer::answer);
                                    return watched(topics.session(peer, rest));
                                })
                        .start();
        Address.Client address = server.listening().join().getFirst();
        friend = Connector.to(dispatcher, address);
        friend.askAndWait(message -> {}, LONG).close();
    }

    /// Looks at the bounds after whatever it does, on the thread that does it.
    private static Session watched(Session session) {
        return new Session() {
            @Override
            public void onMessage(Message message) throws Exception {
                try {
                    session.onMessage(message);
                } finally {
                    lookAtCounts();
                }
            }

            @Override
            public void onNotice(Message notice) throws Exception {
                session.onNotice(notice);
                lookAtCounts();
            }

            @Override
            public void onEnd(Status reason) {
                session.onEnd(reason);
                lookAtCounts();
            }
        };
    }

    private static void lookAtCounts() {
        look("peers", server.peers(), MOST_PEERS);
        look("requests", requester.pending(), MOST_ASKED);
        look("jobs", work.jobs(), MOST_JOBS);
        look("bytes of jobs", work.jobBytes(), MOST_JOB_BYTES);
    }

    private static void look(String what, long count, long most) {
        if (count > most) {
            PASSED.add(what + ": " + count);
        }
    }

    private static long leased() {
        return ampe.statistics().pool().sizes().stream()
                .mapToLong(Statistics.PerSize::leased)
                .sum();
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
        } catch (RequestException tooMany) {
            ENDED.incrementAndGet();
            assertThat(tooMany.reason()).isEqualTo(RequestException.Reason.NOT_SENT);
        } catch (AmpeException gone) {
            ENDED.incrementAndGet();
            assertThat(gone.status()).isEqualTo(Status.CHANNEL_CLOSED);
        }
    }

    @Provide
    Arbitrary<Frame> frames() {
        Arbitrary<Integer> opCodes =
                Arbitraries.frequencyOf(
                        Tuple.of(60, Arbitraries.of(0, 0, 0, 1, 2)),
                        Tuple.of(1, Arbitraries.integers().between(3, 15)));
        // What ends the channel at once is rare, or hardly anything would come behind it.
        Arbitrary<Integer> flags =
                Arbitraries.frequency(
                        Tuple.of(50, 0),
                        Tuple.of(3, Frame.MORE),
                        Tuple.of(3, Frame.OUT_OF_BAND),
                        Tuple.of(1, 0x70));
        Arbitrary<String> texts =
                Arbitraries.frequencyOf(
                        Tuple.of(3, Arbitraries.of(GOOD)), Tuple.of(1, Arbitraries.of(HEADERS)));
        Arbitrary<Long> ids = Arbitraries.of(0L, 1L, 2L, -1L, Long.MIN_VALUE);
        Arbitrary<String> bodies = Arbitraries.of("", "x", "y".repeat(5_000), "z".repeat(60_000));
        return Combinators.combine(opCodes, flags, ids, texts, bodies)
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

    /// What one of several does.
    record Hostile(List<Frame> frames, Leaving leaving) {}

    @Provide
    Arbitrary<Hostile> hostiles() {
        return Combinators.combine(
                        frames().list().ofMaxSize(MOST_FRAMES), Arbitraries.of(Leaving.class))
                .as(Hostile::new);
    }

    /// With the friend there may be one more than the server takes.
    @Property(tries = 100)
    void hostileClientsCostNothing(
            @ForAll @Size(min = 1, max = MOST_PEERS) List<@From("hostiles") Hostile> hostiles)
            throws Exception {
        String address = server.listening().join().getFirst().toString();
        List<RawPeer> peers = new ArrayList<>();
        try {
            for (int i = 0; i < hostiles.size(); i++) {
                peers.add(RawPeer.connect(address));
                talk(peers.get(i), List.of(Frame.hello(1)));
            }
            for (int step = 0; step < MOST_FRAMES; step++) {
                for (int i = 0; i < peers.size(); i++) {
                    List<Frame> frames = hostiles.get(i).frames();
                    talk(peers.get(i), frames.stream().skip(step).limit(1).toList());
                }
                look("leased messages", leased(), MOST_LEASED);
            }
            for (int i = 0; i < peers.size(); i++) {
                leave(peers.get(i), hostiles.get(i).leaving());
            }
        } finally {
            for (RawPeer peer : peers) {
                peer.close();
            }
        }
        expectAllIsWell();
    }

    /// The kit connects to the peer, and asks.
    @Property(tries = 100)
    void aHostileServerCostsNothing(
            @ForAll @Size(max = MOST_FRAMES) List<@From("frames") Frame> frames,
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
                talk(peer, List.of(hello));
                talk(peer, frames);
                look("leased messages", leased(), MOST_LEASED);
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

    private static void talk(RawPeer peer, List<Frame> frames) {
        try {
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
        lookAtCounts();
        try (Message answer = friend.askAndWait(m -> m.body().append("well?"), LONG)) {
            assertThat(answer.body().text()).isEqualTo("well?");
        }
        Eventually.holds("only the friend is left", () -> server.peers() == 1);
        // Its hello may be handled only now: what is asked then ends, too.
        Eventually.holds(
                "every request has ended",
                () -> requester.pending() == 0 && ENDED.get() == ASKED.get());
        // Theirs are forgotten: there is room for as many as a peer may have.
        ask(Topics.SUBSCRIBE, "mine");
        ask(Topics.SUBSCRIBE, "mine, too");
        ask(Topics.UNSUBSCRIBE, "mine");
        ask(Topics.UNSUBSCRIBE, "mine, too");
        Eventually.holds("all memory is back", () -> leased() == 0);
        assertThat(PASSED).as("bounds that were passed").isEmpty();
        assertThat(FAILURES).isEmpty();
        assertThat(dispatcher.isEnded()).isFalse();
    }

    private static void ask(String header, String topic) throws InterruptedException {
        try (Message answer = friend.askAndWait(m -> m.headers().append(header, topic), LONG)) {
            assertThat(answer.headers().first(Topics.REFUSED)).isNull();
        }
    }
}
