package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Status;
import tofu.engine.channel.Crew;

/// Updates as a means to wake a receiver: one that is refused as others wait already needs not
/// come, as those wake him.
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class UpdatesThreadsTest {
    private static final int ROUNDS = 3_000;
    private static final int PRODUCERS = 3;

    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger seen = new AtomicInteger();

    private void produce(ChannelGroup group) {
        made.incrementAndGet();
        try {
            group.updateReceiver(null);
        } catch (AmpeException full) {
            assertThat(full.status()).isEqualTo(Status.INBOX_FULL);
        }
    }

    private void consume(ChannelGroup group) throws InterruptedException {
        while (seen.get() < ROUNDS * PRODUCERS) {
            Message update = group.waitReceiveNanos(ThreadedRig.LONG);
            seen.set(made.get());
            assertThat(update).isNotNull();
            update.close();
        }
    }

    @Test
    void anUpdateIsRefusedOnlyWhenAnotherOneIsThere() throws Exception {
        try (ThreadedRig rig =
                new ThreadedRig(EngineRig.options().receiveWindowMessages(1).build())) {
            ChannelGroup group = rig.engine.create();
            Crew crew = new Crew();
            crew.add(() -> consume(group));
            for (int i = 0; i < PRODUCERS; i++) {
                crew.add(
                        () -> {
                            for (int round = 1; round <= ROUNDS; round++) {
                                produce(group);
                                while (seen.get() < round * PRODUCERS) {
                                    Crew.pause();
                                }
                            }
                        });
            }
            crew.work();
        }
    }
}
