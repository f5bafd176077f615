package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.engine.channel.Crew;
import tofu.pool.SlotPool;

/// When an episode of an empty pool begins and ends, and who is told of it.
class EmptyPoolEpisodesTest {
    private static final int MESSAGES = 8;

    private final SlotPool slots =
            new SlotPool(
                    Options.builder()
                            .maxPoolMessages(MESSAGES)
                            .initialPoolMessages(0)
                            .leakDetection(LeakDetection.OFF)
                            .build());
    private final AtomicInteger reports = new AtomicInteger();
    private final EmptyPool pool = new EmptyPool(slots, MESSAGES, reports::incrementAndGet);
    private final DeafGroup group = new DeafGroup();

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @AfterEach
    void close() {
        slots.close();
    }

    @Test
    void memoryThatRanOutNeedsASecondOfCalmOnAllLoops() {
        pool.enter(0);
        assertThat(pool.isNewsFor(group)).isTrue();
        pool.enter(millis(500));
        assertThat(pool.isNewsFor(group)).isFalse();
        pool.leave(millis(500));
        pool.leave(millis(1_499));
        pool.enter(millis(1_499));
        assertThat(pool.isNewsFor(group)).as("too soon").isFalse();
        pool.leave(millis(1_499));
        // No loop has a turn meanwhile.
        pool.enter(millis(2_500));
        assertThat(pool.isNewsFor(group)).isTrue();
        pool.leave(millis(2_500));
    }

    /// Loops starve and recover as they like; whatever they do, whoever starves sees one episode:
    /// between its entering and leaving no group is told twice.
    @Test
    void noEpisodeEndsWhileALoopStarves() throws Exception {
        int loops = 4;
        int rounds = 20_000;
        Crew crew = new Crew();
        for (int i = 0; i < loops; i++) {
            crew.add(
                    () -> {
                        for (int round = 0; round < rounds; round++) {
                            long now = millis(round * 2_000L);
                            pool.enter(now);
                            pool.isNewsFor(group);
                            assertThat(pool.isNewsFor(group)).as("told again").isFalse();
                            pool.leave(now);
                            pool.check(now + TimeUnit.SECONDS.toNanos(1_000_000));
                        }
                    });
        }
        crew.work();
        pool.check(Long.MAX_VALUE / 2);
        pool.enter(0);
        assertThat(pool.isNewsFor(group)).as("the next episode").isTrue();
        pool.leave(0);
    }

    @Test
    void eachEpisodeIsReportedOnceHoweverManyLoopsStarve() {
        for (int episode = 1; episode <= 2; episode++) {
            long begun = millis(episode * 10_000L);
            pool.enter(begun);
            pool.enter(begun + 1);
            pool.leave(begun + 2);
            pool.leave(begun + millis(5_000));

            assertThat(reports).hasValue(episode);
        }
    }
}
