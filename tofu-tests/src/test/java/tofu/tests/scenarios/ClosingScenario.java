package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Ampe;
import tofu.api.OpCode;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.TestNames;
import tofu.tests.rigs.Transport;

/// What a peer sees when a group closes.
///
/// Rows of the wire spec's section 5:
/// - "close": `whatIsQueuedIsSentThenTheStreamEndsThenThePeerIsWaitedFor`,
///   `whatThePeerStillSendsIsDrainedNotAnsweredByAReset`,
///   `aPeerThatGoesOnAndOnLearnsThatNobodyListens`,
///   `aPeerThatDoesNotReadIsCutAtTheCloseDeadline`,
///   `aPeerThatDoesNotCloseIsCutAtTheCloseDeadline`; the reset after a ByeSignal is in
///   [AbruptEndScenario]
/// - "we close right after our ByeResponse or last data":
///   `afterAByeResponseEvenAClosingGroupLetsThePeerCloseFirst`,
///   `whatWasSaidRightBeforeTheCloseArrives`, and in [ByeScenario]
class ClosingScenario {
    private static final Duration A_MOMENT = Duration.ofMillis(200);
    private static final Duration SHORT = Duration.ofMillis(500);

    @RegisterExtension final Stage stage = new Stage();

    private Greeted greet(Peer server, String address) {
        return Greeted.open(stage, server, address);
    }

    private static Running<Boolean> close(Peer peer) {
        return Running.run(peer.group()::close);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsQueuedIsSentThenTheStreamEndsThenThePeerIsWaitedFor(Transport transport) {
        Peer server = stage.peer(Flood::options);
        Greeted greeted = greet(server, server.listen(transport).address());
        Flood.send(server, greeted.channel());
        Running<Boolean> closing = close(server);
        for (int id = 1; id <= Flood.COUNT; id++) {
            assertThat(greeted.raw().receive().id()).isEqualTo(id);
        }
        greeted.raw().expectEnd();
        assertThat(closing.isDone()).as("waits for the peer's end").isFalse();
        greeted.raw().finish();
        closing.result();
    }

    @ParameterizedTest
    @EnumSource
    void whatThePeerStillSendsIsDrainedNotAnsweredByAReset(Transport transport) {
        Peer server = stage.peer();
        Greeted greeted = greet(server, server.listen(transport).address());
        Running<Boolean> closing = close(server);
        greeted.raw().expectEnd();
        for (int i = 0; i < 100; i++) {
            greeted.raw().send(Frame.of(OpCode.SIGNAL, 5, "b".repeat(50_000)));
        }
        greeted.raw().finish();
        closing.result();
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatGoesOnAndOnLearnsThatNobodyListens(Transport transport) {
        Peer server = stage.peer(o -> o.closeTimeout(Duration.ofMinutes(10)));
        Greeted greeted = greet(server, server.listen(transport).address());
        Running<Boolean> closing = close(server);
        greeted.raw().expectEnd();
        expectDeafness(greeted.raw());
        closing.result();
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatDoesNotReadIsCutAtTheCloseDeadline(Transport transport) {
        Peer server = stage.peer(o -> Flood.options(o).closeTimeout(SHORT));
        Greeted greeted = greet(server, server.listen(transport).address());
        Flood.send(server, greeted.channel());
        close(server).result();
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatDoesNotCloseIsCutAtTheCloseDeadline(Transport transport) {
        Peer server = stage.peer(o -> o.closeTimeout(SHORT));
        Greeted greeted = greet(server, server.listen(transport).address());
        Running<Boolean> closing = close(server);
        greeted.raw().expectEnd();
        closing.result();
        expectDeafness(greeted.raw());
    }

    /// The socket behind it is closed: sending fails sooner or later.
    private static void expectDeafness(RawPeer raw) {
        for (int i = 0; i < 1000; i++) {
            try {
                raw.send(Frame.of(OpCode.SIGNAL, 5, "b".repeat(50_000)));
            } catch (UncheckedIOException broken) {
                return;
            }
        }
        throw new AssertionError("the socket is still open");
    }

    @ParameterizedTest
    @EnumSource
    void afterAByeResponseEvenAClosingGroupLetsThePeerCloseFirst(Transport transport) {
        Peer server = stage.peer();
        Greeted greeted = greet(server, server.listen(transport).address());
        greeted.raw().send(Frame.of(OpCode.BYE_REQUEST, 5));
        server.expect(OpCode.BYE_REQUEST, 5);
        server.say(OpCode.RESPONSE, greeted.channel(), 4);
        server.say(OpCode.BYE_RESPONSE, greeted.channel(), 5);
        Running<Boolean> closing = close(server);
        greeted.raw().expect(Frame.of(OpCode.RESPONSE, 4));
        greeted.raw().expect(Frame.of(OpCode.BYE_RESPONSE, 5));
        greeted.raw().expectSilence(A_MOMENT);
        assertThat(closing.isDone()).as("waits for the peer's end").isFalse();
        greeted.raw().finish();
        greeted.raw().expectEnd();
        closing.result();
    }

    @ParameterizedTest
    @EnumSource
    void whatWasSaidRightBeforeTheCloseArrives(Transport transport) {
        for (int i = 0; i < 20; i++) {
            Link link = stage.link(transport);
            for (int id = 1; id <= 50; id++) {
                link.server().say(OpCode.SIGNAL, link.serverChannel(), id);
            }
            Running<Boolean> closing = close(link.server());
            for (int id = 1; id <= 50; id++) {
                link.client().expect(OpCode.SIGNAL, id);
            }
            link.client().expectClosed(link.clientChannel(), link.helloId());
            closing.result();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatHasNotSaidHelloDoesNotDelayTheClose(Transport transport) {
        Peer server = stage.peer(o -> o.closeTimeout(Duration.ofMinutes(1)));
        String address = server.listen(transport).address();
        RawPeer silent = stage.raw(address);
        Greeted other = greet(server, address);
        other.raw().finish();
        other.expectClosed();
        close(server).result();
        silent.expectEnding();
    }

    @ParameterizedTest
    @EnumSource
    void anAttemptToConnectDoesNotDelayTheClose(Transport transport) {
        Peer client = stage.peer(o -> o.closeTimeout(Duration.ofMinutes(1)));
        if (transport == Transport.TCP) {
            client.sayHello(stage.own(FullDoor.open(transport)).address());
        } else {
            TestNames.Lookup lookup = TestNames.hanging();
            client.sayHello("tcp|" + lookup.host() + "|1");
            stage.own(lookup.end()::countDown);
        }
        close(client).result();
    }

    @ParameterizedTest
    @EnumSource
    void allGroupsOfAnEngineCloseWithinOneDeadline(Transport transport) {
        Ampe engine = stage.engine(o -> o.closeTimeout(SHORT));
        for (int i = 0; i < 10; i++) {
            Peer server = stage.peerOn(engine);
            greet(server, server.listen(transport).address());
        }
        Instant start = Instant.now();
        Running.run(engine::close).result();
        assertThat(Duration.between(start, Instant.now()))
                .as("ten stubborn peers, one deadline")
                .isLessThan(SHORT.multipliedBy(9));
    }
}
