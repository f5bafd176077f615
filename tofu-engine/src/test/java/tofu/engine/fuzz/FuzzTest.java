package tofu.engine.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The fuzz targets without a fuzzer: their corpus, and the corpus changed at random.
///
/// Each input has a seed of its own, which follows that of the one before. To replay one:
/// `-Dtofu.fuzz.seed=SEED -Dtofu.fuzz.runs=1`; to replay a file: `-Dtofu.fuzz.file=PATH`.
class FuzzTest {
    /// Of one target.
    private static final int MAX_FILES = 80;

    /// Of one target.
    private static final long MAX_BYTES = 100_000;

    private static final long SHORT_RUN = 4_000;
    private static final long LONG_RUN = 1_000_000;

    @ParameterizedTest
    @EnumSource
    void theCorpusPasses(FuzzTarget target) {
        List<Path> corpus = target.corpus();
        assertThat(corpus).isNotEmpty();
        for (Path file : corpus) {
            check(target, FuzzTarget.bytes(file), file.toString());
        }
        String file = System.getProperty("tofu.fuzz.file");
        if (file != null) {
            check(target, FuzzTarget.bytes(Path.of(file)), file);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsChangedAtRandomPasses(FuzzTarget target) {
        run(target, SHORT_RUN, seed());
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    void whatIsChangedAtRandomForLongPasses(FuzzTarget target) {
        long seed = seed();
        long begin = System.nanoTime();
        long runs = run(target, LONG_RUN, seed);
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "fuzz %s: %,d executions, 0 failures; %.0f s, %,.0f/s; from seed %d%n",
                target, runs, seconds, runs / seconds, seed);
    }

    @ParameterizedTest
    @EnumSource
    void theCorpusIsSmall(FuzzTarget target) throws IOException {
        long bytes = 0;
        for (Path file : target.corpus()) {
            bytes += Files.size(file);
        }
        assertThat(target.corpus().size()).isLessThanOrEqualTo(MAX_FILES);
        assertThat(bytes).isLessThan(MAX_BYTES);
    }

    private static long seed() {
        return Long.getLong("tofu.fuzz.seed", System.nanoTime());
    }

    private static long run(FuzzTarget target, long usual, long first) {
        List<byte[]> corpus = target.corpus().stream().map(FuzzTarget::bytes).toList();
        long runs = Long.getLong("tofu.fuzz.runs", usual);
        for (long seed = first; seed != first + runs; seed++) {
            byte[] input = new Mutator(new SplittableRandom(seed), corpus).next();
            check(target, input, "-Dtofu.fuzz.seed=" + seed);
        }
        return runs;
    }

    private static void check(FuzzTarget target, byte[] input, String origin) {
        try {
            target.run(input);
        } catch (RuntimeException | AssertionError e) {
            String hex = HexFormat.of().formatHex(input);
            throw new AssertionError(target + ", " + origin + ", the input is " + hex, e);
        }
    }
}
