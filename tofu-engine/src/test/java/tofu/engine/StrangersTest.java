package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tofu.api.ChannelGroup;
import tofu.api.Options;

/// What a group is told of peers that never say hello, when it has been told of many already.
class StrangersTest {
    private static final int PORT = 7099;
    private static final Options OPTIONS = EngineRig.options().build();

    /// As many notices as wait at most.
    private static final int MOST = 64;

    private static void comeAndGo(EngineRig rig, int strangers) throws Exception {
        for (int i = 0; i < strangers; i++) {
            rig.net.acceptor(PORT).arrive().end();
            rig.run();
        }
    }

    @Test
    void theEndOfOneIsToldRatherThanTheReasonForIt() throws Exception {
        try (EngineRig rig = new EngineRig(OPTIONS)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            comeAndGo(rig, MOST - 1);

            rig.net.acceptor(PORT).arrive();
            rig.run();
            rig.pass(OPTIONS.handshakeTimeout().toMillis() + 1);

            List<String> told = EngineRig.receive(group);
            assertThat(told).hasSize(MOST);
            assertThat(told).allMatch(notice -> notice.startsWith("notice CHANNEL_CLOSED"));
            assertThat(rig.engine.channels().inUse()).as("only the listener").isOne();
        }
    }

    @Test
    void theReasonIsToldIfThereIsRoomForTheEndBehindIt() throws Exception {
        try (EngineRig rig = new EngineRig(OPTIONS)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            comeAndGo(rig, MOST - 2);

            rig.net.acceptor(PORT).arrive();
            rig.run();
            rig.pass(OPTIONS.handshakeTimeout().toMillis() + 1);

            List<String> told = EngineRig.receive(group);
            assertThat(told).hasSize(MOST);
            assertThat(told.get(MOST - 2)).startsWith("notice HANDSHAKE_TIMEOUT");
            assertThat(told.getLast()).startsWith("notice CHANNEL_CLOSED");
        }
    }
}
