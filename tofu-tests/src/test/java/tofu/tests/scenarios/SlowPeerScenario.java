package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Peers that do not go on.
///
/// Rows of the wire spec's section 5:
/// - "never-ending partial frame, silent or half-open peer, no Hello":
///   `aClientThatNeverSaysHelloIsCutAtTheHandshakeDeadline`,
///   `aHelloThatDoesNotEndIsCutAtTheHandshakeDeadline`,
///   `aFrameThatDoesNotEndIsCutAtTheFrameDeadline`, `aFrameThatTricklesIsCutAtTheSameDeadline`,
///   `theOldestSilentClientGivesWayWhenThereAreTooMany`; those that do not answer a bye are in
///   [ByeScenario], those that do not let themselves be connected to in [ConnectScenario]
class SlowPeerScenario {
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration TICK = Duration.ofMillis(50);
    private static final long HELLO = 1;

    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @EnumSource
    void aClientThatNeverSaysHelloIsCutAtTheHandshakeDeadline(Transport transport) {
        Peer server = stage.peer(o -> o.handshakeTimeout(SHORT));
        RawPeer raw = stage.raw(server.listen(transport).address());
        Received notice = server.next();
        assertThat(notice.status()).isEqualTo(Status.HANDSHAKE_TIMEOUT);
        server.expectClosed(notice.channel(), 0);
        expectCut(transport, raw);
    }

    @ParameterizedTest
    @EnumSource
    void aHelloThatDoesNotEndIsCutAtTheHandshakeDeadline(Transport transport) {
        Peer server = stage.peer(o -> o.handshakeTimeout(SHORT));
        RawPeer raw = stage.raw(server.listen(transport).address());
        raw.send(Arrays.copyOf(Frame.hello(HELLO).bytes(), 20));
        Received notice = server.next();
        assertThat(notice.status()).isEqualTo(Status.HANDSHAKE_TIMEOUT);
        server.expectClosed(notice.channel(), 0);
        expectCut(transport, raw);
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatHasSaidHelloMayBeSilentForLong(Transport transport) {
        Peer server = stage.peer(o -> o.handshakeTimeout(SHORT).frameTimeout(SHORT));
        RawPeer raw = stage.raw(server.listen(transport).address());
        raw.send(Frame.hello(HELLO));
        server.expect(OpCode.HELLO_REQUEST, HELLO);
        server.expectSilence(SHORT.multipliedBy(2));
        raw.send(Frame.of(OpCode.SIGNAL, 5));
        server.expect(OpCode.SIGNAL, 5);
    }

    /// Where a frame stalls.
    enum Stall {
        IN_THE_HEADER(7),
        BEHIND_THE_HEADER(16),
        IN_THE_HEADERS(18),
        IN_THE_BODY(90),
        BEFORE_THE_LAST_BYTE(121);

        final int length;

        Stall(int length) {
            this.length = length;
        }
    }

    private static final byte[] FRAME =
            Frame.of(OpCode.REQUEST, 5, "b".repeat(100)).withHeaders("a:12\r\n").bytes();

    @ParameterizedTest
    @EnumSource
    void aFrameThatDoesNotEndIsCutAtTheFrameDeadline(Stall stall) {
        for (Transport transport : Transport.values()) {
            Peer server = stage.peer(o -> o.frameTimeout(SHORT));
            RawPeer raw = stage.raw(server.listen(transport).address());
            raw.send(Frame.hello(HELLO)).send(Arrays.copyOf(FRAME, stall.length));
            int channel = server.expect(OpCode.HELLO_REQUEST, HELLO).channel();
            server.expectNotice(Status.FRAME_TIMEOUT, channel);
            server.expectClosed(channel, HELLO);
            expectCut(transport, raw);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFrameThatTricklesIsCutAtTheSameDeadline(Transport transport) {
        Peer server = stage.peer(o -> o.frameTimeout(SHORT));
        RawPeer raw = stage.raw(server.listen(transport).address());
        raw.send(Frame.hello(HELLO));
        int channel = server.expect(OpCode.HELLO_REQUEST, HELLO).channel();
        Received notice = null;
        int sent = 0;
        while (notice == null) {
            assertThat(sent).as("bytes until the deadline").isLessThan(FRAME.length - 1);
            raw.send(new byte[] {FRAME[sent++]});
            notice = server.poll(TICK);
        }
        assertThat(notice.status()).isEqualTo(Status.FRAME_TIMEOUT);
        server.expectClosed(channel, HELLO);
    }

    @ParameterizedTest
    @EnumSource
    void eachFrameHasADeadlineOfItsOwn(Transport transport) {
        Peer server = stage.peer(o -> o.frameTimeout(SHORT.multipliedBy(2)));
        RawPeer raw = stage.raw(server.listen(transport).address());
        raw.send(Frame.hello(HELLO));
        server.expect(OpCode.HELLO_REQUEST, HELLO);
        int half = FRAME.length / 2;
        byte[] endAndBegin = new byte[FRAME.length];
        System.arraycopy(FRAME, half, endAndBegin, 0, FRAME.length - half);
        System.arraycopy(FRAME, 0, endAndBegin, FRAME.length - half, half);
        raw.send(Arrays.copyOf(FRAME, half));
        for (int i = 0; i < 30; i++) {
            server.expectSilence(TICK);
            raw.send(endAndBegin);
            server.expect(OpCode.REQUEST, 5);
        }
        raw.send(Arrays.copyOfRange(FRAME, half, FRAME.length));
        server.expect(OpCode.REQUEST, 5);
    }

    @ParameterizedTest
    @EnumSource
    void aFrameThatComesByteByByteIsWhole(Transport transport) {
        Peer server = stage.peer();
        RawPeer raw = stage.raw(server.listen(transport).address());
        raw.send(Frame.hello(HELLO));
        server.expect(OpCode.HELLO_REQUEST, HELLO);
        for (byte one : FRAME) {
            raw.send(new byte[] {one});
        }
        Received whole = server.expect(OpCode.REQUEST, 5);
        assertThat(whole.body()).hasSize(100);
        assertThat(whole.headers()).containsEntry("a", "12");
    }

    @ParameterizedTest
    @EnumSource
    void theOldestSilentClientGivesWayWhenThereAreTooMany(Transport transport) {
        Peer server = stage.peer(o -> o.maxPendingHandshakes(3));
        String address = server.listen(transport).address();
        RawPeer greeted = stage.raw(address).send(Frame.hello(HELLO));
        int channel = server.expect(OpCode.HELLO_REQUEST, HELLO).channel();
        List<RawPeer> silent = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            silent.add(stage.raw(address));
        }
        server.expectSilence(TICK);

        silent.add(stage.raw(address));

        Received notice = server.next();
        assertThat(notice.status()).isEqualTo(Status.HANDSHAKE_TIMEOUT);
        server.expectClosed(notice.channel(), 0);
        expectCut(transport, silent.removeFirst());
        for (RawPeer patient : silent) {
            patient.send(Frame.hello(HELLO));
            server.expect(OpCode.HELLO_REQUEST, HELLO);
        }
        greeted.send(Frame.of(OpCode.SIGNAL, 5));
        assertThat(server.expect(OpCode.SIGNAL, 5).channel()).isEqualTo(channel);
    }

    /// RELIABILITY: length fields and allocation (CVE-2019-6250, jeromq#440).
    @ParameterizedTest
    @EnumSource
    void aClaimedLengthCostsNoMemory(Transport transport) {
        Peer server = stage.peer(o -> o.maxPoolBytes(1 << 20).initialPoolMessages(0));
        Peer client = stage.peer();
        String address = server.listen(transport).address();
        for (int i = 0; i < 50; i++) {
            RawPeer raw = stage.raw(address).send(Frame.hello(HELLO));
            server.expect(OpCode.HELLO_REQUEST, HELLO);
            raw.send(Frame.of(OpCode.REQUEST, 5, "b").bytes(65_535, 65_535));
        }
        Link link = Link.open(client, server, address);
        link.echo("b".repeat(65_535));
        link.bye();
    }

    private static void expectCut(Transport transport, RawPeer raw) {
        RawPeer.Ending ending = raw.expectEnding();
        if (transport == Transport.TCP) {
            assertThat(ending).isEqualTo(RawPeer.Ending.RESET);
        }
    }
}
