package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Channel;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// Snippets of docs/guide/groups.md.
class GroupsTest {
    // @start region="loop"
    /// What an application knows of its peers, by channel.
    private final Map<Integer, StringBuilder> said = new HashMap<>();

    void receive(ChannelGroup group) throws InterruptedException {
        while (true) {
            try (Message message = group.waitReceive()) {
                if (message.status() == Status.RECEIVER_UPDATE) {
                    return; // another thread says: enough
                }
                int channel = message.channel();
                if (message.endsChannel()) {
                    said.remove(channel);
                } else if (message.origin() == Origin.APPLICATION) {
                    said.computeIfAbsent(channel, c -> new StringBuilder())
                            .append(message.body().text());
                }
            }
        }
    }

    // @end

    @Test
    void oneThreadReceivesForAllChannels() throws Exception {
        try (Visit visit = Visit.begin();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Ampe ampe = visit.ampe;
            ChannelGroup group = visit.group;
            int second = FirstClient.connect(ampe, group, visit.neighbour.address());
            group.enqueueToPeer(visit.request("to the first"));
            visit.expect("to the first");
            try (Message bye = visit.ampe.get()) {
                group.enqueueToPeer(bye.opCode(OpCode.BYE_SIGNAL).channel(second));
            }
            Future<Boolean> receiver =
                    threads.submit(
                            () -> {
                                receive(group);
                                return true;
                            });
            // @start region="update"
            try (Message order = ampe.get()) {
                order.opCode(OpCode.SIGNAL).body().append("stop");
                group.updateReceiver(order); // into our own inbox; nothing travels
            }
            // @end
            assertThat(receiver.get()).isTrue();
            assertThat(said).doesNotContainKey(second);
        }
    }

    @Test
    void aGroupKnowsItsChannels() throws Exception {
        try (Visit visit = Visit.begin()) {
            ChannelGroup group = visit.group;
            List<String> slow = new ArrayList<>();
            // @start region="channels"
            for (Channel channel : group.channels()) {
                if (channel.role() == Channel.Role.SERVER && !channel.hasRoom()) {
                    slow.add(
                            channel.remoteAddress() + " does not read " + channel.queuedMessages());
                }
            }
            // @end
            assertThat(slow).isEmpty();
            assertThat(group.channels())
                    .singleElement()
                    .satisfies(
                            channel -> {
                                assertThat(channel.number()).isEqualTo(visit.channel);
                                assertThat(channel.remoteAddress())
                                        .isEqualTo(visit.neighbour.address());
                            });
        }
    }

    @Test
    void aClosedGroupEndsTheLoop() throws Exception {
        try (Visit visit = Visit.begin();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Status> receiver = threads.submit(() -> untilClosed(visit.group));
            visit.group.close();
            assertThat(receiver.get()).isEqualTo(Status.SHUTDOWN_STARTED);
        }
    }

    // @start region="closed"
    static Status untilClosed(ChannelGroup group) throws InterruptedException {
        try {
            while (true) {
                group.waitReceive().close(); // in place of real work
            }
        } catch (AmpeException e) {
            return e.status(); // SHUTDOWN_STARTED: somebody closed the group, or the engine
        }
    }
    // @end
}
