package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import tofu.api.OpCode;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;

/// Many small signals of a raw peer, with ids that count from [#FIRST].
final class Burst {
    static final int COUNT = 200;
    static final int FIRST = 10;

    private Burst() {}

    static void send(RawPeer raw) {
        for (int id = FIRST; id < FIRST + COUNT; id++) {
            raw.send(Frame.of(OpCode.SIGNAL, id, "body"));
        }
    }

    /// Expects all of them, in order, and nothing else in between.
    static void expect(Peer peer) {
        for (int id = FIRST; id < FIRST + COUNT; id++) {
            assertThat(peer.expect(OpCode.SIGNAL, id).body()).isEqualTo("body");
        }
    }
}
