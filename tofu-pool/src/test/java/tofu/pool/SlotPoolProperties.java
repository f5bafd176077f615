package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.Transformer;
import tofu.api.AllocationStrategy;

/// Any sequence of taking, filling, moving and giving back keeps the books of a pool balanced, see
/// [PoolBooks#check()].
class SlotPoolProperties {
    private static final int MAX_MESSAGES = 20;
    private static final long MAX_BYTES = 256 << 10;

    @Property(tries = 400)
    void theBooksAreBalancedAfterEachAction(@ForAll("actions") ActionChain<PoolBooks> chain) {
        PoolBooks books = chain.withInvariant(PoolBooks::check).run();

        books.closeAll();
        assertThat(books.pool().bytesAllocated()).isZero();
    }

    @Provide
    Arbitrary<ActionChain<PoolBooks>> actions() {
        return ActionChain.startWith(() -> new PoolBooks(MAX_MESSAGES, MAX_BYTES))
                .withAction(6, independent(gets()))
                .withAction(6, independent(appends()))
                .withAction(2, independent(headers()))
                .withAction(4, independent(closes()))
                .withAction(2, independent(moves()))
                .withAction(2, independent(takes()))
                .withAction(2, independent(releases()))
                .withAction(1, independent(notices()))
                .withAction(1, independent(closesOfAll()))
                .withMaxTransformations(120);
    }

    private static Action.Independent<PoolBooks> independent(
            Arbitrary<Transformer<PoolBooks>> transformers) {
        return () -> transformers;
    }

    private static Arbitrary<Transformer<PoolBooks>> gets() {
        return Arbitraries.of(AllocationStrategy.class)
                .map(how -> Transformer.mutate("get " + how, books -> books.get(how)));
    }

    private static Arbitrary<Transformer<PoolBooks>> appends() {
        Arbitrary<Integer> lengths =
                Arbitraries.oneOf(
                        Arbitraries.integers().between(0, 1_200),
                        Arbitraries.integers().between(0, 66_000));
        return lengths.flatMap(
                length ->
                        indexes()
                                .map(
                                        index ->
                                                Transformer.mutate(
                                                        "append " + length + " to " + index,
                                                        books -> books.append(index, length))));
    }

    private static Arbitrary<Transformer<PoolBooks>> headers() {
        return indexes()
                .map(i -> Transformer.mutate("header of " + i, books -> books.addHeader(i)));
    }

    private static Arbitrary<Transformer<PoolBooks>> closes() {
        return indexes().map(i -> Transformer.mutate("close " + i, books -> books.close(i)));
    }

    private static Arbitrary<Transformer<PoolBooks>> moves() {
        return indexes().map(i -> Transformer.mutate("move " + i, books -> books.move(i)));
    }

    private static Arbitrary<Transformer<PoolBooks>> takes() {
        return Arbitraries.integers()
                .between(16, 131_086)
                .map(n -> Transformer.mutate("take " + n, books -> books.take(n)));
    }

    private static Arbitrary<Transformer<PoolBooks>> releases() {
        return indexes().map(i -> Transformer.mutate("release " + i, books -> books.release(i)));
    }

    private static Arbitrary<Transformer<PoolBooks>> notices() {
        return Arbitraries.integers()
                .between(1, 70)
                .map(n -> Transformer.mutate(n + " notices", books -> books.takeNotices(n)));
    }

    private static Arbitrary<Transformer<PoolBooks>> closesOfAll() {
        return Arbitraries.just(Transformer.mutate("close all", PoolBooks::closeMessages));
    }

    /// Which of those that are out; taken modulo their number.
    private static Arbitrary<Integer> indexes() {
        return Arbitraries.integers().between(0, 1_000);
    }
}
