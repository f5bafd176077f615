package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;

/// More messages than the system's buffers take from a sender whose peer does not read, so that
/// some are certainly still queued, and one probably sent in part.
final class Flood {
    static final int COUNT = 200;

    private static final int BODY_LENGTH = 65_535;

    private Flood() {}

    /// Lets a send queue take a flood.
    static Options.Builder options(Options.Builder builder) {
        return builder.sendQueueBytes(64 << 20);
    }

    /// Enqueues requests with the ids 1 to [#COUNT].
    static void send(Peer peer, int channel) {
        for (int id = 1; id <= COUNT; id++) {
            String body = body(id);
            long messageId = id;
            peer.say(OpCode.REQUEST, channel, m -> m.id(messageId).body().append(body));
        }
    }

    static String body(long id) {
        String part = id + "/";
        return part.repeat(BODY_LENGTH / part.length() + 1).substring(0, BODY_LENGTH);
    }

    static Frame frame(long id) {
        return Frame.of(OpCode.REQUEST, id, body(id));
    }

    /// Checks that the last of the flood came back, in order, each as it was enqueued.
    static void checkReturned(List<Received> returned, Status... reasons) {
        assertThat(returned).as("more than the system takes").isNotEmpty();
        long id = COUNT + 1L - returned.size();
        assertThat(id).as("none came back that was not sent").isPositive();
        for (Received message : returned) {
            assertThat(message.id()).isEqualTo(id);
            assertThat(message.opCode()).isEqualTo(OpCode.REQUEST);
            assertThat(message.isFromEngine()).isTrue();
            assertThat(message.status()).isIn((Object[]) reasons);
            assertThat(message.body().equals(body(id))).as("body of " + id).isTrue();
            id++;
        }
    }
}
