package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.engine.channel.Frame;
import tofu.pool.LogChunk;

/// What the others get while an application keeps all that it receives, and what becomes of a
/// peer's end while there is no memory to read into.
class ReactorHoardTest {
    private static final int PORT = 7099;

    /// As little memory as there may be, for more messages than fit.
    private static final Options LITTLE =
            EngineRig.options().maxPoolBytes(1 << 20).maxLogBytes(0).build();

    private static final Frame LONG = Frame.request(9).withBody(60_000);

    /// Takes all that a group has, and keeps it.
    private static void keep(ChannelGroup group, List<Message> kept) throws Exception {
        for (Message m = EngineRig.next(group); m != null; m = EngineRig.next(group)) {
            kept.add(m);
        }
    }

    @Test
    void theEndOfAPeerThatCannotBeReadIsNotTakenForItsSilence() throws Exception {
        try (EngineRig rig = new EngineRig(LITTLE)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT);
            FakeStream other = rig.greet(group, PORT);
            peer.send(Frame.byeRequest(2));
            rig.run();
            Message bye = Objects.requireNonNull(EngineRig.next(group));
            int channel = bye.channel();
            group.enqueueToPeer(bye.opCode(OpCode.BYE_RESPONSE));
            bye.close();
            rig.run();
            List<LogChunk> memory = ReactorPoolTest.fill(rig);
            other.send(LONG, LONG, LONG, LONG); // so that what is there to read into is gone
            rig.run();
            peer.end();
            for (int i = 0; i < 10; i++) {
                rig.pass(1_000);
            }
            assertThat(peer.isClosed()).as("before there is memory").isFalse();

            memory.forEach(LogChunk::release);
            rig.run();

            assertThat(EngineRig.receive(group))
                    .contains("notice CHANNEL_CLOSED of " + channel)
                    .noneMatch(notice -> notice.contains("CLOSE_TIMEOUT"));
            assertThat(peer.wasReset()).isFalse();
        }
    }

    @Test
    void whoKeepsAllMemoryForMessagesLeavesEnoughToReadInto() throws Exception {
        try (EngineRig rig = new EngineRig(LITTLE)) {
            ChannelGroup hoard = rig.create();
            ChannelGroup group = rig.create();
            rig.listen(hoard, PORT);
            rig.listen(group, PORT + 1);
            FakeStream endless = rig.greet(hoard, PORT);
            FakeStream other = rig.greet(group, PORT + 1);
            List<Message> kept = new ArrayList<>();
            for (int i = 0; endless.unread() == 0; i++) {
                assertThat(i).as("messages").isLessThan(100);
                endless.send(LONG);
                rig.run();
                keep(hoard, kept);
            }

            for (int i = 0; i < 3; i++) {
                other.send(Frame.request(2));
                rig.run();
                assertThat(EngineRig.receive(group)).contains("REQUEST 2");
            }
            kept.forEach(Message::close);
            rig.run();
            while (endless.unread() > 0) {
                assertThat(EngineRig.receive(hoard)).contains("REQUEST 9 +60000");
                rig.run();
            }
        }
    }
}
