package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tofu.api.ChannelGroup;
import tofu.engine.channel.Frame;

/// A loop that comes late, as the process was stopped or the clock has jumped, finds deadlines that
/// have come and bytes that have come before them: what is here is not late.
class LateLookTest {
    private static final int PORT = 7099;
    private static final int MANY = 20;
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final EngineRig rig = new EngineRig();
    private final ChannelGroup group = rig.create();

    private List<FakeStream> silent(int count) throws Exception {
        rig.listen(group, PORT);
        List<FakeStream> peers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            peers.add(rig.net.acceptor(PORT).arrive());
        }
        rig.run();
        return peers;
    }

    @Test
    void aHelloThatIsHereWhenAWaitEndsLateIsNotLate() throws Exception {
        try (rig) {
            FakeStream peer = silent(1).getFirst();
            rig.net.blind = true;
            rig.net.whileAsleep =
                    () -> {
                        peer.send(Frame.helloRequest(1));
                        rig.clock.addAndGet(MINUTE);
                    };

            rig.loop.step(MINUTE);

            rig.net.whileAsleep = () -> {};
            rig.run();
            assertThat(EngineRig.receive(group)).containsExactly("HELLO_REQUEST 1");
        }
    }

    /// Though a look finds them a few at a time.
    @Test
    void ofManyHellosThatAreHereNoneIsLate() throws Exception {
        try (rig) {
            List<FakeStream> peers = silent(MANY);
            rig.net.mostCalls = 1;
            rig.net.blind = true;
            rig.net.whileAsleep =
                    () -> {
                        peers.forEach(peer -> peer.send(Frame.helloRequest(1)));
                        rig.clock.addAndGet(MINUTE);
                    };

            rig.loop.step(MINUTE);

            rig.net.whileAsleep = () -> {};
            rig.run();
            assertThat(EngineRig.receive(group))
                    .isEqualTo(Collections.nCopies(MANY, "HELLO_REQUEST 1"));
        }
    }
}
