package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tofu.api.ChannelGroup;
import tofu.engine.channel.Frame;

/// How much one turn of the loop reads of peers that all have sent a lot.
class ReadShareTest {
    private static final int PORT = 7099;
    private static final int FRAMES = 300;
    private static final int BODY = 1_008;

    /// All that a peer sends.
    private static final int SENT = FRAMES * (16 + BODY);

    @Test
    void aPeerThatIsAloneMayUseAll() throws Exception {
        assertThat(readInOneTurn(1)).containsExactly(256 << 10);
    }

    @Test
    void manyShare() throws Exception {
        assertThat(readInOneTurn(8)).hasSize(8).containsOnly(32 << 10);
    }

    @Test
    void noShareIsTooSmallForItsSystemCall() throws Exception {
        assertThat(readInOneTurn(40)).hasSize(40).containsOnly(16 << 10);
    }

    @Test
    void nothingIsLeftUnreadInTheEnd() throws Exception {
        try (EngineRig rig = rig()) {
            ChannelGroup group = rig.create();
            List<FakeStream> peers = greet(rig, group, 40);
            send(peers);

            rig.run();

            assertThat(peers).allMatch(peer -> peer.unread() == 0);
            assertThat(EngineRig.receive(group)).hasSize(40 * FRAMES);
        }
    }

    /// Bytes that the loop reads of each peer in a turn, when all were ready in the last one.
    private static List<Integer> readInOneTurn(int peers) throws Exception {
        try (EngineRig rig = rig()) {
            ChannelGroup group = rig.create();
            List<FakeStream> busy = greet(rig, group, peers);
            busy.forEach(peer -> peer.send(Frame.signal(1)));
            rig.loop.step(0);
            send(busy);

            rig.loop.step(0);

            List<Integer> read = busy.stream().map(peer -> SENT - peer.unread()).toList();
            rig.run();
            assertThat(EngineRig.receive(group)).hasSize(peers * (FRAMES + 1));
            return read;
        }
    }

    private static EngineRig rig() {
        return new EngineRig(EngineRig.options().receiveWindowMessages(1 << 20).build());
    }

    private static List<FakeStream> greet(EngineRig rig, ChannelGroup group, int count)
            throws Exception {
        rig.listen(group, PORT);
        List<FakeStream> peers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            peers.add(rig.greet(group, PORT));
        }
        return peers;
    }

    private static void send(List<FakeStream> peers) {
        Frame[] frames = new Frame[FRAMES];
        Arrays.setAll(frames, i -> Frame.signal(i + 1).withBody(BODY));
        byte[] bytes = Frame.encode(frames);
        assertThat(bytes).hasSize(SENT);
        peers.forEach(peer -> peer.sendBytes(bytes));
    }
}
