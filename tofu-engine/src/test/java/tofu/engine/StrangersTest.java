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

    /// What a group is told of strangers who have come and gone, and of one more who says nothing.
    private static List<String> timeOutBehind(EngineRig rig, int strangers) throws Exception {
        ChannelGroup group = rig.create();
        rig.listen(group, PORT);
        for (int i = 0; i < strangers; i++) {
            rig.net.acceptor(PORT).arrive().end();
            rig.run();
        }
        rig.net.acceptor(PORT).arrive();
        rig.run();
        rig.pass(OPTIONS.handshakeTimeout().toMillis() + 1);
        return EngineRig.receive(group);
    }

    @Test
    void theEndOfOneIsToldRatherThanTheReasonForIt() throws Exception {
        try (EngineRig rig = new EngineRig(OPTIONS)) {
            List<String> told = timeOutBehind(rig, MOST - 1);
            assertThat(told).hasSize(MOST);
            assertThat(told).allMatch(notice -> notice.startsWith("notice CHANNEL_CLOSED"));
            assertThat(rig.engine.channels().inUse()).as("only the listener").isOne();
        }
    }

    @Test
    void theReasonIsToldIfThereIsRoomForTheEndBehindIt() throws Exception {
        try (EngineRig rig = new EngineRig(OPTIONS)) {
            List<String> told = timeOutBehind(rig, MOST - 2);
            assertThat(told).hasSize(MOST);
            assertThat(told.get(MOST - 2)).startsWith("notice HANDSHAKE_TIMEOUT");
            assertThat(told.getLast()).startsWith("notice CHANNEL_CLOSED");
        }
    }
}
