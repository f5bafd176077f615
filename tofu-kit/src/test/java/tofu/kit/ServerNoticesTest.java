package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;

/// What the engine tells a server of its peers: why one has gone, and that there is room again.
@Timeout(60)
class ServerNoticesTest {
    private static final int WAITING = 10;

    private final List<Peer> peers = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // each test makes its own, by start()
    private Rig rig;

    private int channel;

    @AfterEach
    void close() {
        rig.close();
    }

    private void start(Options.Builder options) throws InterruptedException {
        rig = new Rig(options.sendQueueMessages(4).receiveWindowMessages(16).build());
        Server server = rig.serve(peers, peer -> noting());
        channel = rig.farConnect(rig.address(server));
    }

    private Session noting() {
        return new Session() {
            @Override
            public void onMessage(Message message) {}

            @Override
            public void onNotice(Message notice) {
                rig.events.add("session " + notice.status());
            }

            @Override
            public void onEnd(Status reason) {
                rig.events.add("end " + reason);
            }
        };
    }

    private void assertEnd(Status reason) throws InterruptedException {
        rig.until("end", () -> rig.events.stream().anyMatch(event -> event.startsWith("end")));
        assertThat(rig.events).endsWith("end " + reason);
    }

    @Test
    void aSessionIsToldWhyItsChannelHasEnded() throws Exception {
        start(Options.builder().sendTimeout(Duration.ofMillis(100)));
        rig.fill(peers.getFirst().channel());
        assertEnd(Status.SEND_TIMEOUT);
    }

    @Test
    void itIsToldThoughSomebodyElseHasTheMessages() throws Exception {
        start(Options.builder().sendTimeout(Duration.ofMillis(100)));
        rig.dispatcher.on(peers.getFirst().channel(), message -> {});
        rig.dispatcher.filter(message -> true);
        rig.fill(peers.getFirst().channel());
        assertEnd(Status.SEND_TIMEOUT);
    }

    @Test
    void roomIsNoReason() throws Exception {
        start(Options.builder());
        fillAndWait();
        String last = Integer.toString(WAITING - 1);
        boolean all = false;
        while (!all) {
            try (Message message = rig.farNext()) {
                all = message.body().length() == 1 && message.body().text().equals(last);
            }
        }
        assertThat(rig.events).contains("session SEND_QUEUE_READY");
        rig.farSend(OpCode.BYE_SIGNAL, channel, 1, "");
        assertEnd(Status.CHANNEL_CLOSED);
    }

    @Test
    void whatWaitsForRoomIsSentThoughSomebodyElseHasTheMessages() throws Exception {
        start(Options.builder());
        rig.dispatcher.on(
                peers.getFirst().channel(),
                message -> rig.events.add("handler " + message.status()));
        fillAndWait();
        peers.getFirst().bye();
        List<String> came = new ArrayList<>();
        OpCode opCode = OpCode.SIGNAL;
        while (opCode == OpCode.SIGNAL) {
            try (Message message = rig.farNext()) {
                opCode = message.opCode();
                if (message.body().length() == 1) {
                    came.add(message.body().text());
                }
            }
        }
        assertThat(opCode).isEqualTo(OpCode.BYE_REQUEST);
        assertThat(came).hasSize(WAITING).startsWith("0").endsWith("" + (WAITING - 1)).isSorted();
        assertThat(rig.events).contains("session SEND_QUEUE_READY", "handler SEND_QUEUE_READY");
    }

    /// Sends a few messages more than there is room for.
    private void fillAndWait() throws InterruptedException {
        rig.fill(peers.getFirst().channel());
        for (int i = 0; i < WAITING; i++) {
            try (Message message = peers.getFirst().message()) {
                message.body().append(Integer.toString(i));
                assertThat(peers.getFirst().send(message)).isTrue();
            }
        }
    }
}
