package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// What an application tells its own receiver (wire spec, section 2, `updateReceiver`).
class UpdateReceiverScenario {
    @RegisterExtension final Stage stage = new Stage();

    @Test
    void nothingBecomesASignalOfTheEngine() {
        Peer peer = stage.peer();
        peer.group().updateReceiver(null);
        Received update = peer.expectNotice(Status.RECEIVER_UPDATE, 0);
        assertThat(update.id()).isNotZero();
        assertThat(update.header().bodyLength()).isZero();
    }

    @Test
    void aMessageIsReceivedAsTheApplicationsOwn() {
        Peer peer = stage.peer();
        try (Message message = peer.message().opCode(OpCode.REQUEST).channel(99).id(5)) {
            message.headers().append("do", "stop");
            message.body().append("now");
            peer.group().updateReceiver(message);
            assertThat(message.isEmptied()).isTrue();
        }
        Received update = peer.next();
        assertThat(update.status()).isEqualTo(Status.RECEIVER_UPDATE);
        assertThat(update.header().origin()).isEqualTo(Origin.APPLICATION);
        assertThat(update.channel()).isZero();
        assertThat(update.id()).isEqualTo(5);
        assertThat(update.headers()).containsEntry("do", "stop");
        assertThat(update.body()).isEqualTo("now");
    }

    @ParameterizedTest
    @EnumSource
    void anUpdateGoesBehindWhatThePeersHaveSaidBefore(Transport transport) {
        Peer client = stage.peer();
        RawDoor door = stage.rawDoor(transport);
        BinaryHeader hello = client.sayHello(door.address());
        RawPeer raw = stage.accept(door);
        Frame[] signals = new Frame[10];
        Arrays.setAll(signals, i -> Frame.of(OpCode.SIGNAL, 10 + i));
        // As one small write they arrive together: with the first, all are there.
        raw.send(signals);
        assertThat(client.expect(OpCode.SIGNAL, 10).channel()).isEqualTo(hello.channel());
        update(client, 20);
        for (int id = 11; id < 20; id++) {
            client.expect(OpCode.SIGNAL, id);
        }
        assertThat(client.next().status()).isEqualTo(Status.RECEIVER_UPDATE);
    }

    private static void update(Peer peer, long id) {
        peer.group().updateReceiver(peer.message().id(id));
    }

    @Test
    void updatesOfOneThreadKeepTheirOrder() {
        Peer peer = stage.peer();
        for (int id = 1; id <= 1000; id++) {
            update(peer, id);
        }
        for (int id = 1; id <= 1000; id++) {
            assertThat(peer.next().id()).isEqualTo(id);
        }
    }

    @Test
    void anUpdateWakesAWaitingReceiver() {
        Peer peer = stage.peer();
        Running<Received> receiving = Running.start(peer::next).awaitWaiting();
        peer.group().updateReceiver(null);
        assertThat(receiving.result().status()).isEqualTo(Status.RECEIVER_UPDATE);
    }

    @Test
    void updatesAreBoundedAndWhatIsRefusedStaysTheCallers() {
        Peer peer = stage.peer(o -> o.receiveWindowMessages(10));
        for (int id = 1; id <= 10; id++) {
            update(peer, id);
        }
        try (Message message = peer.message().id(11)) {
            expectRefusal(peer, message, Status.INBOX_FULL);
            expectRefusal(peer, null, Status.INBOX_FULL);
            assertThat(peer.next().id()).isEqualTo(1);
            peer.group().updateReceiver(message);
        }
        for (int id = 2; id <= 11; id++) {
            assertThat(peer.next().id()).isEqualTo(id);
        }
    }

    @Test
    void anEmptiedMessageIsRefused() {
        Peer peer = stage.peer();
        Message message = peer.message();
        message.close();
        expectRefusal(peer, message, Status.NULL_MESSAGE);
    }

    @Test
    void aClosedGroupTakesNoUpdateAndTheMessageStaysTheCallers() {
        Peer peer = stage.peer();
        peer.group().close();
        try (Message message = peer.message()) {
            expectRefusal(peer, message, Status.SHUTDOWN_STARTED);
            expectRefusal(peer, null, Status.SHUTDOWN_STARTED);
            assertThat(message.isEmptied()).isFalse();
        }
    }

    private static void expectRefusal(Peer peer, @Nullable Message message, Status reason) {
        assertThatThrownBy(() -> peer.group().updateReceiver(message))
                .isInstanceOfSatisfying(
                        AmpeException.class, e -> assertThat(e.status()).isEqualTo(reason));
    }
}
