package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Status;
import tofu.engine.channel.Frame;
import tofu.engine.link.Notices;
import tofu.pool.MailBatch;
import tofu.pool.Slot;

/// The news that the pool has no message for what came: each group is told by itself, once, and
/// again only once a quarter of the messages was free.
class EmptyPoolTest {
    private static final int PORT = 7099;
    private static final int MESSAGES = 8;
    private static final String NEWS = "notice POOL_EMPTY of 0";

    private static EngineRig rig() {
        return new EngineRig(EngineRig.options().loops(2).maxPoolMessages(MESSAGES).build());
    }

    @Test
    void aGroupIsToldOnceWhicheverLoopsHaveSomethingForIt() throws Exception {
        try (EngineRig rig = rig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream one = rig.greet(group, PORT);
            FakeStream two = rig.greet(group, PORT);
            rig.drain(MESSAGES);
            one.send(Frame.request(2));
            two.send(Frame.request(3));
            rig.run();
            assertThat(EngineRig.receive(group)).containsExactly(NEWS);
            assertThat(EngineRig.receive(group)).isEmpty();

            rig.release(MESSAGES);
            assertThat(EngineRig.receive(group))
                    .containsExactlyInAnyOrder("REQUEST 2", "REQUEST 3");
        }
    }

    @Test
    void eachGroupIsTold() throws Exception {
        try (EngineRig rig = rig()) {
            List<ChannelGroup> groups = List.of(rig.create(), rig.create());
            List<FakeStream> peers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                rig.listen(groups.get(i), PORT + i);
                peers.add(rig.greet(groups.get(i), PORT + i));
            }
            rig.drain(MESSAGES);
            peers.forEach(peer -> peer.send(Frame.request(2)));
            rig.run();
            for (ChannelGroup group : groups) {
                assertThat(EngineRig.receive(group)).containsExactly(NEWS);
            }

            rig.release(MESSAGES);
            for (ChannelGroup group : groups) {
                assertThat(EngineRig.receive(group)).containsExactly("REQUEST 2");
            }
        }
    }

    @Test
    void itIsNewsAgainOnceAQuarterWasFree() throws Exception {
        try (EngineRig rig = rig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT);
            for (int episode = 0; episode < 4; episode++) {
                rig.drain(MESSAGES);
                peer.send(Frame.request(2));
                rig.run();
                assertThat(EngineRig.receive(group)).containsExactly(NEWS);
                rig.release(MESSAGES);
                assertThat(EngineRig.receive(group)).containsExactly("REQUEST 2");
            }
        }
    }

    @Test
    void aPoolThatSwingsAroundEmptyIsNoNews() throws Exception {
        try (EngineRig rig = rig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT);
            rig.drain(MESSAGES);
            peer.send(Frame.request(2));
            rig.run();
            assertThat(EngineRig.receive(group)).containsExactly(NEWS);
            for (int id = 3; id < 10; id++) {
                rig.release(2); // not more than a quarter
                assertThat(EngineRig.receive(group)).containsExactly("REQUEST " + (id - 1));
                rig.drain(MESSAGES);
                peer.send(Frame.request(id));
                rig.run();
                assertThat(EngineRig.receive(group)).isEmpty();
            }
        }
    }

    @Test
    void updatesAndNewsOfRoomOvertakeWhatWaitsForMemoryAndNothingElseDoes() throws Exception {
        try (EngineRig rig = rig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT);
            rig.drain(MESSAGES);
            peer.send(Frame.request(2));
            rig.run();
            assertThat(EngineRig.receive(group)).containsExactly(NEWS);
            peer.send(Frame.request(3));
            peer.end();
            rig.run();
            tellOfRoom(rig, group);
            group.updateReceiver(null);
            tellOfRoom(rig, group);

            assertThat(EngineRig.receive(group))
                    .containsExactly(
                            "notice SEND_QUEUE_READY of 5",
                            "notice RECEIVER_UPDATE of 0",
                            "notice SEND_QUEUE_READY of 5");
            group.updateReceiver(null);
            assertThat(EngineRig.receive(group)).containsExactly("notice RECEIVER_UPDATE of 0");

            group.updateReceiver(null);
            rig.release(MESSAGES);
            List<String> rest = EngineRig.receive(group);
            assertThat(rest.subList(0, 2)).containsExactly("REQUEST 2", "REQUEST 3");
            assertThat(rest.get(2)).startsWith("notice CHANNEL_CLOSED of ");
            assertThat(rest.subList(3, rest.size())).containsExactly("notice RECEIVER_UPDATE of 0");
        }
    }

    private static void tellOfRoom(EngineRig rig, ChannelGroup group) {
        Slot slot = Objects.requireNonNull(rig.engine.pool().takeForNotice());
        Notices.write(slot, 5, Status.SEND_QUEUE_READY, 9);
        MailBatch batch = new MailBatch();
        batch.add(slot);
        ((EngineGroup) group).deliver(batch);
    }

    @Test
    void theNewsWaitsUntilItIsTaken() throws Exception {
        try (EngineRig rig = rig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT);
            rig.drain(MESSAGES);
            peer.send(Frame.request(2));
            rig.run();
            try (Message news = EngineRig.next(group)) {
                assertThat(news).isNotNull();
                assertThat(EngineRig.describe(news)).isEqualTo(NEWS);
                rig.release(MESSAGES);
                assertThat(EngineRig.receive(group)).containsExactly("REQUEST 2");
            }
        }
    }
}
