package tofu.tests.flight;

import static org.assertj.core.api.Assertions.assertThat;
import static tofu.tests.flight.Flight.of;
import static tofu.tests.flight.Flight.ofClient;
import static tofu.tests.flight.Flight.ofServer;
import static tofu.tests.flight.Flight.with;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Statistics;
import tofu.api.Status;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Hoard;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Secured;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Each event that a flight recorder gets, for a cause that is real. Alone in the process, as it
/// records the whole of it.
@Isolated
class FlightScenario {
    private static final String BODY = "b".repeat(50_000);
    private static final int WINDOW = 8;
    private static final int POOL = 32;
    private static final long HELLO = 1;

    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @EnumSource
    void aChannelConnectsShakesHandsAndEnds(Transport transport) {
        try (Flight flight = Flight.record()) {
            Link link = stage.link(transport);
            link.echo("hello");
            link.bye();

            RecordedEvent ours = flight.expectOne("Connect", ofClient(link));
            RecordedEvent theirs = flight.expectOne("Connect", ofServer(link));
            assertThat(ours.getDuration()).isPositive();
            assertThat(ours.getInt("engine")).isNotEqualTo(theirs.getInt("engine"));
            assertThat(ours.getString("remoteAddress"))
                    .isNotEmpty()
                    .isEqualTo(theirs.getString("localAddress"));
            assertThat(ours.getLong("serial")).isZero();
            assertThat(theirs.getLong("serial")).as("after its listener").isOne();
            assertThat(ours.getLong("group")).isZero();
            for (var side : List.of(ofClient(link), ofServer(link))) {
                RecordedEvent handshake = flight.expectOne("Handshake", side);
                assertThat(handshake.getString("layer")).isEqualTo("TOFU");
                assertThat(handshake.getDuration()).isPositive();
                RecordedEvent end = flight.expectOne("Close", side);
                assertThat(end.getString("reason")).isEqualTo("CHANNEL_CLOSED");
                assertThat(end.getLong("sentMessages")).as("hello, body, bye").isEqualTo(3);
                assertThat(end.getLong("receivedMessages")).isEqualTo(3);
                assertThat(end.getLong("sentBytes")).isGreaterThanOrEqualTo(3 * 16 + 5);
                assertThat(end.getLong("returnedMessages")).isZero();
            }
        }
    }

    @Test
    void overTlsThereAreTwoHandshakes() {
        try (Flight flight = Flight.record()) {
            Peer server = stage.peer(Secured.server());
            String address = server.listen("tls|127.0.0.1|0").address();
            Link link = Link.open(stage.peer(Secured.client()), server, address);
            link.bye();

            for (var side : List.of(ofClient(link), ofServer(link))) {
                RecordedEvent keys = flight.expectOne("Handshake", side.and(with("layer", "TLS")));
                RecordedEvent hello =
                        flight.expectOne("Handshake", side.and(with("layer", "TOFU")));
                assertThat(keys.getEndTime()).isBeforeOrEqualTo(hello.getStartTime());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aListenerEndsAsWell(Transport transport) throws Exception {
        try (Flight flight = Flight.record()) {
            stage.peer().listen(transport);
            stage.strike();

            RecordedEvent end = flight.expectOne("Close", with("role", "LISTENER"));
            assertThat(end.getString("localAddress")).isNotEmpty();
            assertThat(end.getString("remoteAddress")).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFrameThatIsNoMessageIsRejected(Transport transport) {
        try (Flight flight = Flight.record()) {
            Peer server = stage.peer();
            RawPeer raw = stage.raw(server.listen(transport).address());
            raw.send(Frame.hello(HELLO), Frame.of(OpCode.SIGNAL, 2).withOpCode(15));
            int channel = server.expect(OpCode.HELLO_REQUEST, HELLO).channel();
            server.expectNotice(Status.INVALID_OP_CODE, channel);
            server.expectClosed(channel, HELLO);

            RecordedEvent rejected = flight.expectOne("FrameRejected", of("SERVER", channel));
            assertThat(rejected.getString("reason")).isEqualTo("INVALID_OP_CODE");
            RecordedEvent end = flight.expectOne("Close", of("SERVER", channel));
            assertThat(end.getString("reason")).isEqualTo("INVALID_OP_CODE");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatSaysNothingHitsADeadline(Transport transport) {
        try (Flight flight = Flight.record()) {
            Peer server = stage.peer(o -> o.handshakeTimeout(Duration.ofMillis(100)));
            stage.raw(server.listen(transport).address());
            Received notice = server.next();
            assertThat(notice.status()).isEqualTo(Status.HANDSHAKE_TIMEOUT);
            server.expectClosed(notice.channel(), 0);

            RecordedEvent hit = flight.expectOne("DeadlineHit", of("SERVER", notice.channel()));
            assertThat(hit.getString("deadline")).isEqualTo("HANDSHAKE");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoTakesNothingMakesBothSidesWait(Transport transport) throws InterruptedException {
        try (Flight flight = Flight.record()) {
            Peer server = stage.peer(o -> o.receiveWindowMessages(WINDOW));
            Link link =
                    Link.open(
                            stage.peer(o -> o.sendQueueMessages(WINDOW)),
                            server,
                            server.listen(transport).address());
            int sent = fill(link);
            for (int i = 0; i < sent; i++) {
                server.expect(OpCode.SIGNAL);
            }
            link.client().expectNotice(Status.SEND_QUEUE_READY, link.clientChannel());
            link.bye();

            for (String cause : List.of("SEND_QUEUE_FULL", "WRITE_BLOCKED")) {
                RecordedEvent stall = flight.expectSome("SendStall", with("cause", cause));
                assertThat(ofClient(link)).accepts(stall);
                assertThat(stall.getDuration()).isPositive();
            }
            RecordedEvent stall =
                    flight.expectSome("ReceiveStall", with("cause", "RECEIVE_WINDOW_CLOSED"));
            assertThat(ofServer(link)).accepts(stall);
            assertThat(stall.getDuration()).isPositive();
        }
    }

    /// Enqueues until there is no room for long, as nobody takes anything.
    private static int fill(Link link) throws InterruptedException {
        Peer client = link.client();
        for (int sent = 0; ; sent++) {
            try (Message message = client.message().opCode(OpCode.SIGNAL)) {
                message.channel(link.clientChannel()).body().append(BODY);
                client.group().enqueueToPeer(message, Duration.ofMillis(300));
            } catch (AmpeException e) {
                assertThat(e.status()).isEqualTo(Status.SEND_QUEUE_FULL);
                return sent;
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReceiverWithoutMemoryIsSeen(Transport transport) {
        try (Flight flight = Flight.record()) {
            Peer server = stage.peer(o -> o.maxPoolMessages(POOL).receiveWindowMessages(4));
            Link link = Link.open(stage.peer(), server, server.listen(transport).address());
            Hoard hoard = Hoard.of(server.ampe());
            for (int i = 0; i < 2 * POOL; i++) {
                link.client().say(OpCode.SIGNAL, link.clientChannel());
            }
            server.expectNotice(Status.POOL_EMPTY, 0);
            hoard.close();
            for (int i = 0; i < 2 * POOL; i++) {
                server.expect(OpCode.SIGNAL);
            }

            RecordedEvent empty = flight.expectOne("PoolEmpty", event -> true);
            assertThat(empty.getLong("group")).isZero();
            assertThat(empty.getLong("bytes")).isPositive();
            assertThat(empty.getLong("maxBytes")).isGreaterThan(empty.getLong("bytes"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoFindsNoMemoryToReadIntoIsSeen(Transport transport) throws InterruptedException {
        try (Flight flight = Flight.record()) {
            // A quarter of the window's bytes, and half of that for one group that takes nothing.
            Peer server = stage.peer(o -> o.maxLogBytes(0));
            Link link =
                    Link.open(
                            stage.peer(o -> o.sendQueueMessages(WINDOW)),
                            server,
                            server.listen(transport).address());
            int sent = fill(link);
            Eventually.holds(
                    "a channel that finds no memory",
                    () -> server.ampe().statistics().stalls().poolEmpty().count() > 0);
            for (int i = 0; i < sent; i++) {
                server.expect(OpCode.SIGNAL);
            }
            link.client().expectNotice(Status.SEND_QUEUE_READY, link.clientChannel());
            link.bye();

            RecordedEvent stall = flight.expectSome("ReceiveStall", with("cause", "POOL_EMPTY"));
            assertThat(ofServer(link)).accepts(stall);
            assertThat(stall.getDuration()).isPositive();
            Statistics.Stalls stalls = server.ampe().statistics().stalls();
            assertThat(stalls.receiveWindowClosed().count()).as("for another cause").isZero();
        }
    }

    @Test
    void aForgottenMessageIsFoundWithThePlaceThatGotIt() throws Exception {
        try (Flight flight = Flight.record()) {
            Ampe engine = stage.engine(o -> o);
            PhantomReference<Message> forgotten = forget(engine);
            while (!forgotten.refersTo(null)) {
                System.gc();
                Thread.onSpinWait();
            }
            // What the collector has found is told by a thread of the JDK's.
            RecordedEvent leak = flight.expectOneAfter(() -> engine.put(engine.get()), "Leak");
            assertThat(leak.getInt("messages")).isOne();
            assertThat(leak.getString("gotAt")).contains("FlightScenario.forget");
            stage.expectWarning("LEAK");
            stage.strike();
            stage.expectWarning("LEASE=1");
        }
    }

    private static PhantomReference<Message> forget(Ampe engine) {
        return new PhantomReference<>(engine.get(), new ReferenceQueue<>());
    }

    @ParameterizedTest
    @EnumSource
    void aLoopIsBusyForAWhile(Transport transport) {
        try (Flight flight = Flight.record()) {
            Link link = stage.link(transport);
            link.echo("hello");
            link.bye();

            RecordedEvent busy = flight.expectSome("LoopStall", event -> true);
            assertThat(busy.getInt("loop")).isBetween(0, Options.defaults().loops() - 1);
            assertThat(busy.getDuration()).isPositive();
            assertThat(busy.getThread()).isNotNull();
        }
    }

    /// All that is not asked for is as if it did not happen.
    @Test
    void nothingIsRecordedThatIsSwitchedOff() throws Exception {
        try (Recording recording = new Recording()) {
            Flight.EVENTS.forEach(recording::disable);
            recording.start();
            Link link = stage.link(Transport.UDS);
            link.echo("hello");
            link.bye();
            recording.stop();

            assertThat(Flight.read(recording)).isEmpty();
        }
    }

    /// So short is no stall, unless somebody says so.
    @Test
    void byDefaultOnlyWhatTakesLongIsAStall() throws Exception {
        try (Recording recording = new Recording()) {
            Flight.EVENTS.forEach(recording::enable);
            recording.start();
            Link link = stage.link(Transport.UDS);
            link.echo("hello");
            link.bye();
            recording.stop();

            List<RecordedEvent> events = Flight.read(recording);
            assertThat(events).extracting(e -> e.getEventType().getName()).contains("tofu.Connect");
            assertThat(events)
                    .filteredOn(e -> e.getEventType().getName().endsWith("Stall"))
                    .allMatch(e -> e.getDuration().compareTo(Duration.ofMillis(10)) >= 0);
        }
    }
}
