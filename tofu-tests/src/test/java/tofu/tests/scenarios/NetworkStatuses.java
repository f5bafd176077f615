package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.fixtures.TestAddresses;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.TestNames;
import tofu.tests.rigs.Transport;

/// Produces each status that a group gets with a message, for [StatusScenario].
final class NetworkStatuses {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final long HELLO = 1;

    private final Stage stage;

    NetworkStatuses(Stage stage) {
        this.stage = stage;
    }

    private Dialled dialled(UnaryOperator<Options.Builder> options) {
        return Dialled.open(stage, stage.peer(options), Transport.TCP);
    }

    /// What came back before the end.
    private static List<Received> returned(Dialled dialled) {
        List<Received> all = new ArrayList<>(dialled.client().untilClosed(dialled.channel()));
        all.removeIf(message -> !message.isFromEngine());
        return all;
    }

    private void expectConnectFailure(String address, OpCode returned, Status status) {
        Peer client = stage.peer();
        BinaryHeader hello = client.sayHello(address);
        client.expectReturned(returned, hello.id(), status);
        client.expectClosed(hello.channel(), hello.id());
    }

    private void expectListenFailure(String address, Status status) {
        Peer server = stage.peer();
        BinaryHeader welcome = server.sayWelcome(address);
        server.expectReturned(OpCode.WELCOME_RESPONSE, welcome.id(), status);
        server.expectClosed(welcome.channel(), welcome.id());
    }

    void success() {
        Peer server = stage.peer();
        BinaryHeader welcome = server.sayWelcome("tcp|127.0.0.1|0");
        assertThat(welcome.status()).isEqualTo(Status.SUCCESS);
        assertThat(server.next().status()).isEqualTo(Status.SUCCESS);
    }

    void invalidMessage() {
        Peer server = stage.peer();
        stage.raw(server.listen(Transport.TCP).address()).send(Frame.of(OpCode.REQUEST, 5));
        Received notice = server.next();
        assertThat(notice.status()).isEqualTo(Status.INVALID_MESSAGE);
        server.expectClosed(notice.channel(), 0);
    }

    void invalidAddress() {
        String address = "tcp|" + TestNames.unknown() + "|1";
        expectConnectFailure(address, OpCode.HELLO_RESPONSE, Status.INVALID_ADDRESS);
        expectListenFailure("nonsense", Status.INVALID_ADDRESS);
    }

    void udsPathNotFound() {
        expectConnectFailure(
                "uds|" + TestAddresses.temporaryUdsPath(),
                OpCode.HELLO_RESPONSE,
                Status.UDS_PATH_NOT_FOUND);
    }

    /// The peer ends its stream and reads no more.
    void peerDisconnected() {
        Dialled dialled = dialled(Flood::options);
        Flood.send(dialled.client(), dialled.channel());
        dialled.client().expectSilence(SHORT);
        dialled.raw().finish();
        Flood.checkReturned(returned(dialled), Status.PEER_DISCONNECTED);
    }

    void communicationFailed() {
        expectConnectFailure(
                ConnectScenario.addressInACircle(),
                OpCode.HELLO_REQUEST,
                Status.COMMUNICATION_FAILED);
    }

    void poolEmpty() {
        Peer server = stage.peer(o -> o.maxPoolMessages(4).receiveWindowMessages(1));
        RawPeer raw = stage.raw(server.listen(Transport.TCP).address());
        List<Message> hoard = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            hoard.add(server.ampe().get(AllocationStrategy.POOL_ONLY));
        }
        raw.send(Frame.hello(HELLO));
        server.expectNotice(Status.POOL_EMPTY, 0);
        hoard.forEach(Message::close);
        server.expect(OpCode.HELLO_REQUEST, HELLO);
    }

    void channelClosed() {
        stage.link(Transport.TCP).bye();
    }

    void connectFailed() {
        expectConnectFailure(
                Transport.TCP.refusingAddress(), OpCode.HELLO_REQUEST, Status.CONNECT_FAILED);
    }

    void listenFailed() {
        expectListenFailure("uds|/no/such/folder/s", Status.LISTEN_FAILED);
    }

    /// The peer breaks the connection while our application does not receive: so the loop does not
    /// read, and finds it out as it writes.
    void sendFailed() {
        Dialled dialled = dialled(o -> Flood.options(o).receiveWindowMessages(1));
        byte[] signal = Frame.of(OpCode.SIGNAL, 5, "b".repeat(60_000)).bytes();
        dialled.raw().sendUntilStalled(signal, SHORT);
        Flood.send(dialled.client(), dialled.channel());
        Peer clock = stage.peer();
        clock.expectSilence(SHORT);
        dialled.raw().reset();
        clock.expectSilence(SHORT);
        Flood.checkReturned(returned(dialled), Status.SEND_FAILED);
    }

    /// The peer breaks the connection while the loop waits for what it says.
    void receiveFailed() {
        Dialled dialled = dialled(Flood::options);
        Flood.send(dialled.client(), dialled.channel());
        dialled.client().expectSilence(SHORT);
        dialled.raw().reset();
        Flood.checkReturned(returned(dialled), Status.RECV_FAILED);
    }

    void sendQueueFull() {
        Dialled dialled = dialled(o -> o.sendQueueMessages(1));
        fill(dialled);
    }

    void sendQueueReady() {
        Dialled dialled = dialled(o -> o.sendQueueMessages(1));
        int count = fill(dialled);
        for (int i = 0; i < count; i++) {
            dialled.raw().receive();
        }
        dialled.client().expectNotice(Status.SEND_QUEUE_READY, dialled.channel());
    }

    private static int fill(Dialled dialled) {
        for (int count = 0; ; count++) {
            try (Message message = dialled.client().message().channel(dialled.channel())) {
                message.body().append("b".repeat(60_000));
                dialled.client().group().enqueueToPeer(message, SHORT);
            } catch (AmpeException e) {
                assertThat(e.status()).isEqualTo(Status.SEND_QUEUE_FULL);
                return count;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    void addressInUse() {
        Peer server = stage.peer();
        expectListenFailure(server.listen(Transport.TCP).address(), Status.ADDRESS_IN_USE);
        expectListenFailure(server.listen(Transport.UDS).address(), Status.ADDRESS_IN_USE);
        server.ignoreRest(); // it is told of the connection that looked whether it listens
    }

    void handshakeTimeout() {
        Peer server = stage.peer(o -> o.handshakeTimeout(SHORT));
        stage.raw(server.listen(Transport.TCP).address());
        Received notice = server.next();
        assertThat(notice.status()).isEqualTo(Status.HANDSHAKE_TIMEOUT);
        server.expectClosed(notice.channel(), 0);
    }

    void connectTimeout() {
        Peer client = stage.peer(o -> o.connectTimeout(SHORT));
        BinaryHeader hello = client.sayHello(stage.own(FullDoor.open(Transport.TCP)).address());
        client.expectReturned(OpCode.HELLO_REQUEST, hello.id(), Status.CONNECT_TIMEOUT);
        client.expectClosed(hello.channel(), hello.id());
    }

    void frameTimeout() {
        Peer server = stage.peer(o -> o.frameTimeout(SHORT));
        RawPeer raw = stage.raw(server.listen(Transport.TCP).address());
        raw.send(Frame.hello(HELLO)).send(new byte[1]);
        int channel = server.expect(OpCode.HELLO_REQUEST, HELLO).channel();
        server.expectNotice(Status.FRAME_TIMEOUT, channel);
        server.expectClosed(channel, HELLO);
    }

    void closeTimeout() {
        Dialled dialled = dialled(o -> o.byeTimeout(SHORT));
        dialled.client().say(OpCode.BYE_REQUEST, dialled.channel());
        dialled.client().expectNotice(Status.CLOSE_TIMEOUT, dialled.channel());
        dialled.expectClosed();
    }

    void sendTimeout() throws InterruptedException {
        Dialled dialled = dialled(o -> o.sendTimeout(Duration.ofSeconds(1)));
        Peer client = dialled.client();
        // Until the system and the queue take no more, so until the channel ends: a queue alone is
        // full as well when the loop is slow.
        boolean open = true;
        while (open) {
            try (Message message = client.message().opCode(OpCode.SIGNAL)) {
                message.channel(dialled.channel()).body().append("x".repeat(60_000));
                client.group().enqueueToPeer(message, Peer.PATIENCE);
            } catch (AmpeException e) {
                assertThat(e.channelEnded()).as("" + e).isTrue();
                open = false;
            }
        }
        List<Received> told = client.untilClosed(dialled.channel());
        assertThat(told).allMatch(message -> message.status() == Status.SEND_TIMEOUT);
        assertThat(told.getLast().id()).isEqualTo(dialled.hello().id());
        assertThat(told).as("what was not sent comes back").hasSizeGreaterThan(1);
    }

    void channelIdle() {
        Peer server = stage.peer(o -> o.idleNotice(SHORT));
        RawPeer raw = stage.raw(server.listen(Transport.TCP).address());
        raw.send(Frame.hello(HELLO));
        int channel = server.expect(OpCode.HELLO_REQUEST, HELLO).channel();
        assertThat(server.expectNotice(Status.CHANNEL_IDLE, channel).id()).isEqualTo(HELLO);
        raw.send(Frame.of(OpCode.SIGNAL, 5));
        server.expect(OpCode.SIGNAL, 5);
        server.expectNotice(Status.CHANNEL_IDLE, channel);
        assertThat(server.group().channel(channel)).isNotNull();
    }
}
