package tofu.engine.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tofu.engine.channel.FrameFuzz;
import tofu.engine.channel.StreamFuzz;

/// What is fuzzed, with the corpus that it begins with.
public enum FuzzTarget {
    /// What a peer sends.
    FRAMES(FrameFuzz::fuzzerTestOneInput),
    /// All that happens to a channel.
    STREAM(StreamFuzz::fuzzerTestOneInput),
    /// Text headers.
    HEADERS(HeaderFuzz::fuzzerTestOneInput),
    /// Addresses.
    ADDRESS(AddressFuzz::fuzzerTestOneInput);

    private static final FuzzTarget CHOSEN =
            valueOf(System.getProperty("tofu.fuzz.target", "frames").toUpperCase(Locale.ROOT));

    private final Consumer<byte[]> front;

    FuzzTarget(Consumer<byte[]> front) {
        this.front = front;
    }

    /// Lets a fuzzer try an input of the target that `tofu.fuzz.target` names.
    public static void fuzzerTestOneInput(byte[] input) {
        CHOSEN.run(input);
    }

    /// Tries an input.
    ///
    /// @throws AssertionError if something does not hold
    public void run(byte[] input) {
        front.accept(input);
    }

    /// The files of the corpus, in the order of their names.
    public List<Path> corpus() {
        String folder = "/fuzz/" + name().toLowerCase(Locale.ROOT);
        URL url = Objects.requireNonNull(FuzzTarget.class.getResource(folder), folder);
        try (Stream<Path> files = Files.list(Path.of(url.toURI()))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The contents of a file of the corpus.
    public static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
