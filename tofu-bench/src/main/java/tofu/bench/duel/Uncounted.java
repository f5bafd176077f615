package tofu.bench.duel;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/// Makes a build of tofu that counts nothing on the way of a message and in a turn, to measure
/// what counting costs: the engine's own sources, changed in a few places. What is rare is counted
/// as ever; the figures of such a build are nonsense.
///
/// `java -cp tofu-bench/target/benchmarks.jar tofu.bench.duel.Uncounted FOLDER`, from the root of
/// the sources, once those are compiled. Prints both builds as `--turns` takes them.
public final class Uncounted {
    private static final Path SOURCES = Path.of("tofu-engine/src/main/java");
    private static final String CHANNEL = "tofu/engine/channel/";
    private static final String LINK = "tofu/engine/link/";
    private static final String LOOP = "tofu/engine/loop/";

    /// What is written in place of what.
    ///
    /// @param file that has the place exactly once
    record Change(String file, String place, String replacement) {}

    static final List<Change> CHANGES =
            List.of(
                    new Change(
                            CHANNEL + "Departures.java",
                            "counts.setOpaque(to, counts.getPlain(to) + messages);",
                            ""),
                    new Change(
                            CHANNEL + "Departures.java",
                            "counts.setOpaque(to + 1, counts.getPlain(to + 1) + bytes);",
                            ""),
                    new Change(
                            CHANNEL + "Departures.java",
                            "if (gauge > counts.getPlain(mark)) {",
                            "if (gauge < Long.MIN_VALUE + mark) {"),
                    new Change(CHANNEL + "SendQueue.java", "enqueuedBytes += length;", ""),
                    new Change(CHANNEL + "SendQueue.java", "enqueuedMessages++;", ""),
                    new Change(
                            CHANNEL + "SendQueue.java",
                            "if (!full.isOn() && !closed && isAboveLowWater()) {",
                            "if (full.isOn()) {"),
                    new Change(LINK + "Account.java", "if (now != causes) {", "if (now < 0) {"),
                    new Change(
                            LOOP + "Turns.java",
                            "counts.setOpaque(PAD + what, counts.getPlain(PAD + what) + more);",
                            ""),
                    new Change(
                            LOOP + "Turns.java",
                            "if (nanos > counts.getPlain(PAD + LONGEST)) {",
                            "if (nanos == Long.MIN_VALUE) {"),
                    new Change(
                            LOOP + "Reactor.java",
                            "turns.end(clock.nanoTime(), work);",
                            "turns.end(nowNanos, work);"),
                    new Change(
                            LOOP + "Reactor.java",
                            "turns.await(clock.nanoTime());",
                            "turns.await(nowNanos);"));

    private Uncounted() {}

    /// Makes the build.
    ///
    /// @param args the folder that it goes to
    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            throw new IllegalArgumentException("the folder for the build is wanted");
        }
        Path folder = Path.of(args[0]).toAbsolutePath();
        List<String> words = new ArrayList<>();
        words.addAll(List.of("-nowarn", "-proc:none", "-d", folder.resolve("classes").toString()));
        String libraries = System.getProperty("java.class.path"); // the annotations
        words.addAll(List.of("-cp", classPath(Path.of("")) + File.pathSeparator + libraries));
        for (Map.Entry<String, String> changed : changed(Path.of("")).entrySet()) {
            Path file = folder.resolve("sources").resolve(changed.getKey());
            Files.createDirectories(file.getParent());
            Files.writeString(file, changed.getValue());
            words.add(file.toString());
        }
        var compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler.run(null, null, null, words.toArray(String[]::new)) != 0) {
            throw new IllegalStateException("the changed sources do not compile");
        }
        String counted = classPath(Path.of(""));
        String classes = folder.resolve("classes").toString();
        System.out.println("off=" + classes + File.pathSeparator + counted + " on=" + counted);
    }

    /// The sources that are changed, by name.
    ///
    /// @throws IllegalStateException if a place is not there exactly once
    static Map<String, String> changed(Path root) throws IOException {
        Map<String, String> sources = new LinkedHashMap<>();
        for (Change change : CHANGES) {
            String source = sources.get(change.file());
            if (source == null) {
                source = Files.readString(root.resolve(SOURCES).resolve(change.file()));
            }
            int place = source.indexOf(change.place());
            if (place < 0 || place != source.lastIndexOf(change.place())) {
                throw new IllegalStateException(
                        change.file() + " does not have exactly once: " + change.place());
            }
            sources.put(change.file(), source.replace(change.place(), change.replacement()));
        }
        return sources;
    }

    private static String classPath(Path root) {
        return String.join(
                File.pathSeparator,
                Stream.of("tofu-engine", "tofu-pool", "tofu-api")
                        .map(module -> root.resolve(module).resolve("target/classes"))
                        .map(folder -> folder.toAbsolutePath().toString())
                        .toList());
    }
}
