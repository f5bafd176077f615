package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.engine.channel.Crew;

class ChannelTableTest {
    private static final int ALL = ChannelTable.MAX_NUMBER;
    private static final long QUARANTINE = 1_000;

    private final ChannelTable<String> table = new ChannelTable<>(ALL, QUARANTINE, 42);

    private static List<Integer> reserve(ChannelTable<?> table, int count, long nowNanos) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add(table.reserve(nowNanos));
        }
        return numbers;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 42, 65_535, Long.MIN_VALUE, Long.MAX_VALUE})
    void everyNumberComesOnceThenNone(long seed) {
        ChannelTable<String> any = new ChannelTable<>(ALL, QUARANTINE, seed);
        BitSet seen = new BitSet();

        for (int i = 0; i < ALL; i++) {
            int number = any.reserve(0);
            assertThat(number).isBetween(1, ALL);
            assertThat(seen.get(number)).as(number + " came before").isFalse();
            seen.set(number);
        }

        assertThat(any.reserve(0)).isZero();
        assertThat(any.inUse()).isEqualTo(ALL);
        assertThat(any.reserve(Long.MAX_VALUE)).isZero();
    }

    @Test
    void whatIsPutIsFoundUntilItIsReleased() {
        int number = table.reserve(0);
        assertThat(table.find(number)).as("reserved only").isNull();

        table.put(number, "here");
        assertThat(table.find(number)).isEqualTo("here");

        table.release(number, 10);
        assertThat(table.find(number)).isNull();
        assertThat(table.inUse()).isZero();
    }

    @Test
    void anEntryNeverTakesThePlaceOfAnother() {
        int number = table.reserve(0);
        table.put(number, "here");

        assertThatThrownBy(() -> table.put(number, "late"))
                .isInstanceOf(IllegalStateException.class);

        assertThat(table.find(number)).isEqualTo("here");
    }

    @Test
    void whoWasNotGivenANumberPutsNothing() {
        assertThatThrownBy(() -> table.put(7, "unasked")).isInstanceOf(IllegalStateException.class);

        assertThat(table.find(7)).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65_535, 65_536, -1, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void noChannelHasANumberThatIsNone(int number) {
        assertThat(table.find(number)).isNull();
    }

    @Test
    void aReservedNumberMayBeReleasedWithoutBeingPut() {
        int number = table.reserve(0);

        table.release(number, 0);

        assertThat(table.inUse()).isZero();
        assertThat(table.find(number)).isNull();
    }

    @Test
    void noMoreThanTheMostChannelsAreInUse() {
        ChannelTable<String> few = new ChannelTable<>(3, QUARANTINE, 7);
        List<Integer> numbers = reserve(few, 3, 0);
        assertThat(numbers).doesNotContain(0);

        assertThat(few.reserve(0)).isZero();
        few.release(numbers.get(1), 0);

        assertThat(few.reserve(0)).isNotZero().isNotIn(numbers);
        assertThat(few.reserve(0)).isZero();
    }

    @Test
    void aReleasedNumberRestsForTheQuarantine() {
        List<Integer> all = reserve(table, ALL, 0);
        int number = all.get(100);
        table.release(number, 5_000);

        assertThat(table.reserve(5_000)).isZero();
        assertThat(table.reserve(5_999)).isZero();
        assertThat(table.reserve(6_000)).isEqualTo(number);
        assertThat(table.reserve(9_999)).isZero();
    }

    @Test
    void numbersComeBackInTheOrderOfRelease() {
        List<Integer> all = reserve(table, ALL, 0);
        List<Integer> released = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            int number = all.get(i * 37);
            table.release(number, i);
            released.add(number);
        }

        assertThat(reserve(table, 10, QUARANTINE + 9)).isEqualTo(released.subList(0, 10));
        assertThat(table.reserve(QUARANTINE + 9)).as("the next rests still").isZero();
        assertThat(reserve(table, 990, 5_000)).isEqualTo(released.subList(10, 1_000));
        assertThat(table.reserve(5_000)).isZero();
    }

    @Test
    void theOrderOfReleaseOutlivesAGrowingRing() {
        List<Integer> all = reserve(table, ALL, 0);
        List<Integer> expected = new ArrayList<>();
        List<Integer> got = new ArrayList<>();
        int next = 0;
        for (int round = 1; round < 40; round++) {
            for (int i = 0; i < round; i++) {
                table.release(all.get(next), round * 10_000L);
                expected.add(all.get(next++));
            }
            got.addAll(reserve(table, round / 2, round * 10_000L + QUARANTINE));
        }
        for (int number = table.reserve(1_000_000);
                number != 0;
                number = table.reserve(1_000_000)) {
            got.add(number);
        }

        assertThat(got).isEqualTo(expected);
    }

    @Test
    void quarantineOutlivesTheEndOfNumbers() {
        List<Integer> all = reserve(table, ALL, Long.MAX_VALUE - 10);
        int number = all.getFirst();
        table.release(number, Long.MAX_VALUE - 10);

        assertThat(table.reserve(Long.MIN_VALUE + 500)).isZero();
        assertThat(table.reserve(Long.MIN_VALUE + 1_000)).isEqualTo(number);
    }

    @Test
    void withoutQuarantineANumberIsFreeAtOnce() {
        ChannelTable<String> hasty = new ChannelTable<>(1, 0, 7);
        int number = hasty.reserve(5);
        hasty.release(number, 5);

        assertThat(hasty.reserve(5)).isEqualTo(number);
    }

    @Test
    void numbersLookSpread() {
        List<Integer> numbers = reserve(table, 256, 0);

        long neighbours =
                IntStream.range(1, numbers.size())
                        .filter(i -> Math.abs(numbers.get(i) - numbers.get(i - 1)) < 256)
                        .count();
        long sixteenths = numbers.stream().map(number -> number >>> 12).distinct().count();
        assertThat(neighbours).as("numbers close to the one before").isLessThan(10);
        assertThat(sixteenths).as("sixteenths of the range that occur").isEqualTo(16);
    }

    @Test
    void seedsGiveOtherNumbers() {
        List<Integer> others = reserve(new ChannelTable<String>(ALL, QUARANTINE, 43), 64, 0);

        assertThat(reserve(table, 64, 0)).isNotEqualTo(others);
    }

    @Test
    void noNumberIsInUseTwiceAmongThreads() throws Exception {
        ChannelTable<Thread> shared = new ChannelTable<>(1_000, 3, 7);
        ConcurrentHashMap<Integer, Thread> users = new ConcurrentHashMap<>();
        AtomicLong clock = new AtomicLong();
        AtomicInteger refused = new AtomicInteger();
        Crew crew = new Crew();
        for (int thread = 0; thread < 3; thread++) {
            crew.add(() -> useMany(shared, users, clock, refused));
        }
        crew.work();

        assertThat(users).isEmpty();
        assertThat(shared.inUse()).isZero();
        assertThat(refused).hasPositiveValue();
    }

    private static void useMany(
            ChannelTable<Thread> shared,
            ConcurrentHashMap<Integer, Thread> users,
            AtomicLong clock,
            AtomicInteger refused) {
        List<Integer> mine = new ArrayList<>();
        Thread self = Thread.currentThread();
        for (int i = 0; i < 30_000; i++) {
            int number = i % 1_500 < 1_000 ? shared.reserve(clock.incrementAndGet()) : 0;
            if (number != 0) {
                assertThat(users.put(number, self)).as("the user of " + number).isNull();
                shared.put(number, self);
                mine.add(number);
            } else if (!mine.isEmpty()) {
                refused.incrementAndGet();
                int oldest = mine.removeFirst();
                assertThat(shared.find(oldest)).isSameAs(self);
                assertThat(users.remove(oldest)).isSameAs(self);
                shared.release(oldest, clock.incrementAndGet());
            }
        }
        for (int number : mine) {
            users.remove(number);
            shared.release(number, clock.incrementAndGet());
        }
    }
}
