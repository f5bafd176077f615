package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Each message that was accepted ends exactly once, whatever it races with: it arrives, or it
/// comes back with a status, before the last message of its channel.
class AccountingScenario {
    private static final int THREADS = 4;
    private static final int ROUNDS = 15;

    @RegisterExtension final Stage stage = new Stage();

    /// What senders were told was accepted.
    private static final class Senders {
        private final Link link;
        private final AtomicLong nextId = new AtomicLong(1);
        private final CountDownLatch busy = new CountDownLatch(THREADS);
        private final List<Running<Set<Long>>> running = new ArrayList<>();

        Senders(Link link) {
            this.link = link;
            for (int i = 0; i < THREADS; i++) {
                running.add(Running.start(this::sendUntilRefused));
            }
        }

        private Set<Long> sendUntilRefused() throws InterruptedException {
            Set<Long> accepted = new HashSet<>();
            while (true) {
                long id = nextId.getAndIncrement();
                try (Message message = link.client().message().opCode(OpCode.REQUEST).id(id)) {
                    message.channel(link.clientChannel()).outOfBand(id % 16 == 0);
                    message.body().append("b".repeat((int) (id % 3000)));
                    link.client().group().enqueueToPeer(message, Peer.PATIENCE);
                    accepted.add(id);
                } catch (AmpeException e) {
                    assertThat(e.status())
                            .isIn(Status.CHANNEL_CLOSED, Status.INVALID_CHANNEL_NUMBER);
                    return accepted;
                }
                if (accepted.size() == 50) {
                    busy.countDown();
                }
            }
        }

        void awaitBusy() {
            Eventually.holds(
                    "busy senders",
                    () -> busy.getCount() == 0 || running.stream().anyMatch(Running::isDone));
        }

        Set<Long> accepted() {
            Set<Long> all = new HashSet<>();
            running.forEach(sender -> all.addAll(sender.result()));
            return all;
        }
    }

    /// The ids of the requests that came, each once.
    private static Set<Long> requests(List<Received> messages) {
        Set<Long> ids = new HashSet<>();
        for (Received message : messages) {
            if (message.opCode() == OpCode.REQUEST) {
                assertThat(ids.add(message.id())).as(message + " came twice").isTrue();
            }
        }
        return ids;
    }

    @ParameterizedTest
    @EnumSource
    void whatRacesWithAByeRequestIsSentOrComesBack(Transport transport) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Link link = stage.link(transport, o -> o.sendQueueMessages(64));
            Running<List<Received>> receiving =
                    Running.start(() -> answerByeAndCollect(link.server(), link.serverChannel()));
            Senders senders = new Senders(link);
            senders.awaitBusy();
            link.client().say(OpCode.BYE_REQUEST, link.clientChannel());
            Set<Long> returned = requests(link.client().untilClosed(link.clientChannel()));
            Set<Long> arrived = requests(receiving.result());
            assertThat(arrived).noneMatch(returned::contains);
            arrived.addAll(returned);
            assertThat(arrived).isEqualTo(senders.accepted());
        }
    }

    private static List<Received> answerByeAndCollect(Peer server, int channel) {
        List<Received> before = new ArrayList<>();
        for (Received next = server.next();
                next.opCode() != OpCode.BYE_REQUEST;
                next = server.next()) {
            before.add(next);
        }
        server.say(OpCode.BYE_RESPONSE, channel, 1);
        assertThat(server.untilClosed(channel)).as("nothing after the bye").isEmpty();
        return before;
    }

    @ParameterizedTest
    @EnumSource
    void whatRacesWithAByeSignalComesBackOnceOrArrivesOnce(Transport transport) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Link link = stage.link(transport, o -> o.sendQueueMessages(64));
            Running<List<Received>> receiving =
                    Running.start(() -> link.server().untilClosed(link.serverChannel()));
            Senders senders = new Senders(link);
            senders.awaitBusy();
            link.client().say(OpCode.BYE_SIGNAL, link.clientChannel());
            Set<Long> returned = requests(link.client().untilClosed(link.clientChannel()));
            checkPartition(senders.accepted(), returned, requests(receiving.result()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatRacesWithThePeersByeSignalComesBackOnceOrArrivesOnce(Transport transport)
            throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Link link = stage.link(transport, o -> o.sendQueueMessages(64));
            Running<List<Received>> receiving =
                    Running.start(() -> link.server().untilClosed(link.serverChannel()));
            Senders senders = new Senders(link);
            senders.awaitBusy();
            link.server().say(OpCode.BYE_SIGNAL, link.serverChannel());
            Set<Long> returned = requests(link.client().untilClosed(link.clientChannel()));
            checkPartition(senders.accepted(), returned, requests(receiving.result()));
        }
    }

    /// What was handed to the system and did not arrive is lost, as the connection is broken;
    /// nothing else is, and nothing is told twice.
    private static void checkPartition(Set<Long> accepted, Set<Long> returned, Set<Long> arrived) {
        assertThat(accepted.containsAll(returned)).isTrue();
        assertThat(accepted.containsAll(arrived)).isTrue();
        assertThat(arrived).noneMatch(returned::contains);
    }
}
