package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Produces each status that a caller gets from a call, for [StatusScenario].
final class CallerStatuses {
    private final Stage stage;

    CallerStatuses(Stage stage) {
        this.stage = stage;
    }

    private static void expect(Status status, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        AmpeException.class, e -> assertThat(e.status()).isEqualTo(status))
                .hasMessageStartingWith(status.name());
    }

    private void expectRefusal(Status status, OpCode opCode, int channel) {
        assertThat(stage.peer().refusal(opCode, channel)).isEqualTo(status);
    }

    void wrongAddress() {
        expectRefusal(Status.WRONG_ADDRESS, OpCode.HELLO_REQUEST, 0);
    }

    void notAllowed() {
        Peer peer = stage.peer();
        assertThat(peer.refusal(OpCode.REQUEST, peer.listen(Transport.TCP).channel()))
                .isEqualTo(Status.NOT_ALLOWED);
    }

    void nullMessage() {
        Message message = stage.peer().message();
        message.close();
        expect(Status.NULL_MESSAGE, message::opCode);
    }

    void invalidOpCode() {
        expectRefusal(Status.INVALID_OP_CODE, OpCode.WELCOME_RESPONSE, 1);
    }

    void invalidHeadersLen() {
        try (Message message = stage.peer().message()) {
            String value = "v".repeat(65_535);
            expect(Status.INVALID_HEADERS_LEN, () -> message.headers().append("name", value));
        }
    }

    void invalidBodyLen() {
        try (Message message = stage.peer().message()) {
            expect(Status.INVALID_BODY_LEN, () -> message.body().append("b".repeat(65_536)));
        }
    }

    void invalidMoreUsage() {
        assertThat(stage.peer().refusal(OpCode.BYE_REQUEST, 1, m -> m.more(true)))
                .isEqualTo(Status.INVALID_MORE_USAGE);
    }

    void invalidChannelNumber() {
        expectRefusal(Status.INVALID_CHANNEL_NUMBER, OpCode.REQUEST, 0);
    }

    void invalidGroup() {
        Peer peer = stage.peer();
        int channel = peer.listen(Transport.TCP).channel();
        assertThat(stage.peerOn(peer.ampe()).refusal(OpCode.BYE_SIGNAL, channel))
                .isEqualTo(Status.INVALID_CHANNEL_GROUP);
    }

    void invalidMessageId() {
        expectRefusal(Status.INVALID_MESSAGE_ID, OpCode.RESPONSE, 1);
    }

    void allocationFailed() {
        Ampe engine = stage.engine(o -> o.maxPoolBytes(1 << 20));
        List<Message> hoard = new ArrayList<>();
        expect(
                Status.ALLOCATION_FAILED,
                () -> {
                    while (hoard.size() < 1 << 20) {
                        hoard.add(engine.get());
                    }
                });
        hoard.forEach(Message::close);
    }

    void receiverUpdate() {
        Peer peer = stage.peer();
        peer.group().updateReceiver(null);
        peer.expectNotice(Status.RECEIVER_UPDATE, 0);
    }

    void shutdownStarted() {
        Peer peer = stage.peer();
        peer.group().close();
        expect(Status.SHUTDOWN_STARTED, () -> peer.group().waitReceiveNanos(0));
    }

    void tooManyChannels() {
        Peer peer = stage.peer(o -> o.maxChannels(1));
        peer.listen(Transport.TCP);
        assertThat(
                        peer.refusal(
                                OpCode.WELCOME_REQUEST,
                                0,
                                m -> m.headers().append(Address.LISTEN_ON, "tcp|127.0.0.1|0")))
                .isEqualTo(Status.TOO_MANY_CHANNELS);
    }

    void concurrentReceive() {
        Peer peer = stage.peer();
        Running<Received> receiving = Running.start(peer::next).awaitWaiting();
        expect(Status.CONCURRENT_RECEIVE, () -> peer.group().waitReceive(Duration.ZERO));
        peer.group().updateReceiver(null);
        receiving.result();
    }

    void invalidHeader() {
        try (Message message = stage.peer().message()) {
            expect(Status.INVALID_HEADER, () -> message.headers().append("a", "b\r\nc:d"));
        }
    }

    void inboxFull() {
        Peer peer = stage.peer(o -> o.receiveWindowMessages(1));
        peer.group().updateReceiver(null);
        expect(Status.INBOX_FULL, () -> peer.group().updateReceiver(null));
        peer.expectNotice(Status.RECEIVER_UPDATE, 0);
    }
}
