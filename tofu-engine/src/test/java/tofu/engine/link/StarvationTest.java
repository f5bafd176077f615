package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.pool.SlotPool;

/// Who reads when memory is back: those who wait, one after the other.
class StarvationTest {
    private final SlotPool pool =
            new SlotPool(
                    Options.builder()
                            .maxPoolMessages(8)
                            .initialPoolMessages(0)
                            .leakDetection(LeakDetection.OFF)
                            .build());
    private final Outbox outbox = new Outbox(new DeafGroup(), new Deliveries());
    private final Starvation starvation =
            new Starvation(
                    new Notices(pool),
                    pool,
                    ByteBuffer.allocateDirect(64),
                    new EmptyPool(pool, 8, () -> {}));
    private final List<String> reads = new ArrayList<>();

    /// A connection with more bytes than there is memory for.
    private final class Greedy implements Starvation.Reader {
        private final String name;
        private boolean enough;

        Greedy(String name) {
            this.name = name;
        }

        @Override
        public Outbox outbox() {
            return outbox;
        }

        @Override
        public boolean onRefilled(ByteBuffer bytes, long nowNanos) {
            return enough;
        }

        @Override
        public void unpark(long nowNanos) {
            reads.add(name);
            starvation.begin(this, nowNanos);
        }

        /// Memory comes back, for this one only.
        void refill() {
            enough = true;
            starvation.retry(1);
            enough = false;
        }
    }

    private final Greedy first = new Greedy("first");
    private final Greedy second = new Greedy("second");
    private final Greedy third = new Greedy("third");

    @AfterEach
    void close() {
        outbox.publish();
        pool.close();
    }

    @Test
    void memoryIsLookedForAgainThoughNoneCameBack() {
        starvation.begin(first, 0);
        starvation.park(second);
        first.enough = true;

        starvation.retryIfDue(999_999_999);
        assertThat(reads).isEmpty();
        starvation.retryIfDue(1_000_000_000);

        assertThat(reads).containsExactly("second");
    }

    @Test
    void whoeverWaitsLongestIsNextThoughEachTakesAllThereIs() {
        starvation.begin(first, 0);
        starvation.park(second);
        starvation.park(third);

        first.refill();
        assertThat(reads).containsExactly("second");
        assertThat(starvation.isFor(second)).isTrue();

        starvation.park(first);
        second.refill();
        assertThat(reads).containsExactly("second", "third");

        third.refill();
        assertThat(reads).containsExactly("second", "third", "first");
    }
}
