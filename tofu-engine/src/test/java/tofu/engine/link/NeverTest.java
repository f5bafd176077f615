package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tofu.engine.channel.Deadline;
import tofu.engine.loop.DeadlineQueue;

/// What has no deadline means the same to a channel and to a loop, which do not know each other:
/// an endpoint tells the one what the other says.
class NeverTest {
    @Test
    void noDeadlineIsTheSameInBothLayers() {
        assertThat(Deadline.NONE).isEqualTo(DeadlineQueue.NEVER);
    }
}
