package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.engine.channel.ReadMemory;
import tofu.engine.loop.Reactor;
import tofu.pool.LogChunk;
import tofu.pool.SlotPool;

/// Who goes on reading when memory comes back.
class WaitingReadersTest {
    private static final int READ_BYTES = 64 << 10;

    private final SlotPool pool = SlotPool.ofLogs(1 << 20);
    private final ReadMemory memory = new ReadMemory(pool, READ_BYTES);
    private final WaitingReaders readers = new WaitingReaders(memory);
    private final List<LogChunk> taken = new ArrayList<>();

    /// Who has read, in order, and when.
    private final List<String> reads = new ArrayList<>();

    @AfterEach
    void everyChunkIsHome() {
        giveBack();
        memory.close();
        assertThat(pool.messagesOut()).isZero();
        pool.close();
    }

    private void takeAll() {
        memory.close();
        takeAll(pool);
    }

    private void takeAll(SlotPool from) {
        for (int bytes = 131_086; bytes >= 64; bytes /= 2) {
            LogChunk chunk = LogChunk.take(from, bytes);
            while (chunk != null) {
                taken.add(chunk);
                chunk = LogChunk.take(from, bytes);
            }
        }
    }

    private void giveBack() {
        taken.forEach(LogChunk::release);
        taken.clear();
    }

    private final class Named implements WaitingReaders.Reader {
        private final String name;
        private final boolean begun;
        private final Runnable then;

        Named(String name, boolean begun, Runnable then) {
            this.name = name;
            this.begun = begun;
            this.then = then;
        }

        @Override
        public boolean hasBegunFrame() {
            return begun;
        }

        @Override
        public void readOn(long nowNanos) {
            reads.add(name + " at " + nowNanos);
            then.run();
        }
    }

    private WaitingReaders.Reader reader(String name, Runnable then) {
        WaitingReaders.Reader reader = new Named(name, false, then);
        readers.add(reader);
        return reader;
    }

    @Test
    void eachReadsOnceInTheOrderInWhichTheyBeganToWait() {
        reader("a", () -> {});
        reader("b", () -> {});

        readers.retry(7);
        readers.retry(8);

        assertThat(reads).containsExactly("a at 7", "b at 7");
    }

    @Test
    void withoutMemoryNobodyReadsAndNobodyIsForgotten() {
        reader("a", () -> {});
        reader("b", () -> {});
        takeAll();
        readers.retry(7);
        assertThat(reads).isEmpty();

        giveBack();
        readers.retry(8);

        assertThat(reads).containsExactly("a at 8", "b at 8");
    }

    @Test
    void ifThereIsOnlyTheReserveWhoeverHasBegunReadsAndTheOthersKeepTheirPlace() {
        try (SlotPool small = SlotPool.ofLogs(131_136 + READ_BYTES + 8_192);
                ReadMemory scarce = new ReadMemory(small, READ_BYTES)) {
            assertThat(scarce.isReady()).isFalse();
            assertThat(scarce.hasReserve()).isTrue();
            WaitingReaders two = new WaitingReaders(scarce);
            two.add(new Named("a", false, () -> {}));
            two.add(new Named("b", true, () -> {}));
            two.add(new Named("c", false, () -> {}));

            two.retry(7);

            assertThat(reads).containsExactly("b at 7");
            assertThat(two.retryIfDue(7 + Reactor.LOOK_NANOS)).as("somebody waits").isTrue();
        }
    }

    @Test
    void whoIsPassedOverKeepsHisPlace() {
        try (SlotPool small = SlotPool.ofLogs(131_136 + 2 * READ_BYTES + 16_384)) {
            ReadMemory scarce = new ReadMemory(small, READ_BYTES);
            LogChunk other = LogChunk.take(small, READ_BYTES);
            assertThat(other).isNotNull();
            assertThat(scarce.isReady()).isFalse();
            WaitingReaders three = new WaitingReaders(scarce);
            Runnable nothingIsLeft =
                    () -> {
                        scarce.close();
                        takeAll(small);
                    };
            three.add(new Named("a", false, () -> {}));
            three.add(new Named("b", true, nothingIsLeft));
            three.add(new Named("c", false, () -> {}));
            three.retry(7);
            assertThat(reads).containsExactly("b at 7");

            other.release();
            giveBack();
            three.retry(8);

            assertThat(reads).containsExactly("b at 7", "a at 8", "c at 8");
            scarce.close();
        }
    }

    @Test
    void whoeverTakesTheLastOfItEndsTheRound() {
        reader("a", this::takeAll);
        reader("b", () -> {});
        readers.retry(7);
        assertThat(reads).containsExactly("a at 7");

        giveBack();
        readers.retry(8);

        assertThat(reads).containsExactly("a at 7", "b at 8");
    }

    @Test
    void whoBeginsToWaitAgainIsLastAndHasHisTurnInTheNextRound() {
        WaitingReaders.Reader[] greedy = new WaitingReaders.Reader[1];
        greedy[0] = reader("a", () -> readers.add(greedy[0]));
        reader("b", () -> {});

        readers.retry(7);
        assertThat(reads).containsExactly("a at 7", "b at 7");

        readers.retry(8);
        assertThat(reads).endsWith("a at 8").hasSize(3);
    }

    @Test
    void whoNeedNotReadAnyMoreIsNotCalled() {
        WaitingReaders.Reader[] other = new WaitingReaders.Reader[1];
        reader("a", () -> readers.remove(other[0]));
        other[0] = reader("b", () -> {});

        readers.retry(7);
        readers.retry(8);

        assertThat(reads).containsExactly("a at 7");
    }

    @Test
    void onceInAWhileItIsTriedThoughNoMemoryCameBack() {
        long start = Long.MAX_VALUE - 5; // times wrap around
        readers.retry(start);
        reader("a", () -> {});
        readers.retryIfDue(start + Reactor.LOOK_NANOS - 1);
        assertThat(reads).isEmpty();

        long due = start + Reactor.LOOK_NANOS;
        takeAll();
        readers.retryIfDue(due);
        giveBack();
        readers.retryIfDue(due + Reactor.LOOK_NANOS - 1);
        assertThat(reads).as("tried just now").isEmpty();

        readers.retryIfDue(due + Reactor.LOOK_NANOS);

        assertThat(reads).containsExactly("a at " + (due + Reactor.LOOK_NANOS));
    }
}
