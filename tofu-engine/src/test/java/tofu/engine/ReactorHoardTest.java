package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Options;
import tofu.engine.channel.Frame;

/// What the others get while an application keeps all that it receives.
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
