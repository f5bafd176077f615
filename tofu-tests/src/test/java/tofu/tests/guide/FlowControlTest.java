package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tofu.api.AllocationStrategy;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Channel;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;

/// Snippets of docs/guide/flow-control.md.
class FlowControlTest {
    private static final int MESSAGES = 2_000;

    // @start region="wait"
    static boolean sendOrGiveUp(ChannelGroup group, Message message) throws InterruptedException {
        try {
            group.enqueueToPeer(message, Duration.ofSeconds(5)); // waits for room, this long
            return true;
        } catch (AmpeException e) {
            if (e.status() == Status.SEND_QUEUE_FULL) {
                return false; // the peer does not read; the message is still ours
            }
            throw e;
        }
    }

    // @end

    // @start region="backlog"
    /// What did not fit into the send queue, in order; it owns these messages.
    private final Deque<Message> backlog = new ArrayDeque<>();

    void send(ChannelGroup group, Message message) {
        backlog.add(message);
        drain(group);
    }

    /// Call it when a message with SEND_QUEUE_READY comes, too.
    void drain(ChannelGroup group) {
        while (!backlog.isEmpty() && group.offerToPeer(backlog.peek())) {
            backlog.remove(); // moved; false leaves it ours, and SEND_QUEUE_READY will come
        }
    }

    // @end

    // @start region="pause"
    /// Holds one peer's answers, and no more of them than a window has.
    void answer(ChannelGroup group, Channel peer, Message answer) {
        backlog.add(answer);
        drain(group);
        if (backlog.isEmpty()) {
            peer.resumeReceive(); // call it after SEND_QUEUE_READY, too, when all is sent
        } else {
            peer.pauseReceive(); // it asks faster than it reads: the engine reads no more of it
        }
    }

    // @end

    @Test
    void aPeerIsPausedWhileItsAnswersWait() throws Exception {
        Options small = Options.builder().sendQueueMessages(1).build();
        try (Visit visit = new Visit(small)) {
            Channel peer = Objects.requireNonNull(visit.group.channel(visit.channel));
            int sent = 0;
            while (!peer.isReceivePaused()) {
                Message message = visit.request("r").opCode(OpCode.SIGNAL);
                message.body().append(new byte[60_000]);
                answer(visit.group, peer, message);
                sent++;
            }
            while (!backlog.isEmpty()) {
                FirstClient.next(visit.group).close(); // SEND_QUEUE_READY
                drain(visit.group);
            }
            peer.resumeReceive();
            visit.group.enqueueToPeer(visit.request("the last"), Duration.ofSeconds(5));
            visit.expect("the last");
            assertThat(visit.neighbour.signals()).isEqualTo(sent);
        }
    }

    @Test
    void aBacklogIsDrainedWhenThereIsRoom() throws Exception {
        Options small = Options.builder().sendQueueMessages(8).build();
        try (Visit visit = new Visit(small)) {
            for (int i = 0; i < MESSAGES; i++) {
                send(visit.group, visit.request("r").id(i + 1));
            }
            int received = 0;
            while (received < MESSAGES) {
                try (Message message = FirstClient.next(visit.group)) {
                    if (message.status() == Status.SEND_QUEUE_READY) {
                        drain(visit.group);
                    } else {
                        received++;
                        assertThat(message.id()).isEqualTo(received);
                    }
                }
            }
            assertThat(backlog).isEmpty();
        }
    }

    @Test
    void whoWaitsIsNotRefused() throws Exception {
        Options small = Options.builder().sendQueueMessages(1).build();
        try (Visit visit = new Visit(small)) {
            for (int i = 0; i < MESSAGES; i++) {
                try (Message message = visit.request("r").opCode(OpCode.SIGNAL)) {
                    assertThat(sendOrGiveUp(visit.group, message)).isTrue();
                }
            }
            group(visit);
        }
    }

    private static void group(Visit visit) throws InterruptedException {
        visit.group.enqueueToPeer(visit.request("the last"), Duration.ofSeconds(5));
        visit.expect("the last");
        assertThat(visit.neighbour.signals()).isEqualTo(MESSAGES);
    }

    @Test
    void anEmptyPoolSaysSo() {
        Options few = Options.builder().maxPoolMessages(2).build();
        List<Message> held = new ArrayList<>();
        try (Ampe ampe = Ampe.open(few)) {
            held.add(ampe.get(AllocationStrategy.POOL_ONLY));
            held.add(ampe.get(AllocationStrategy.POOL_ONLY));
            // @start region="pool"
            try (Message message = ampe.get(AllocationStrategy.POOL_ONLY)) {
                if (message == null) { // all messages are out: do less, or later
                    held.removeFirst().close();
                }
            }
            // @end
            assertThat(held).hasSize(1);
            held.forEach(Message::close);
        }
    }
}
