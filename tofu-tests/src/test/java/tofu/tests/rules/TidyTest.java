package tofu.tests.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tofu.tests.rigs.ParsedSource;
import tofu.tests.rigs.ProjectRoot;

/// The style that a machine can check, in all Java sources of the repository.
class TidyTest {
    private static final int MAX_COLUMNS = 100;
    private static final int MAX_METHOD_LINES = 70;
    private static final int MAX_LINES_WITHOUT_REASON = 400;

    /// How the comment of a long class says why it is long: in three words or more.
    private static final Pattern LONG = Pattern.compile("\\b(Somewhat long|Long)[,:]( \\S+){3}");

    private static final Path ROOT = ProjectRoot.find();

    /// A file with its lines.
    private record Source(Path path, List<String> lines) {
        boolean isIn(String part) {
            return path.toString().replace('\\', '/').contains(part);
        }

        @Override
        public String toString() {
            return ROOT.relativize(path).toString();
        }
    }

    private static final List<Source> SOURCES = sources();

    private static List<Source> sources() {
        List<Source> sources = new ArrayList<>();
        try {
            for (Path file : ProjectRoot.javaSources()) {
                sources.add(new Source(file, Files.readAllLines(file)));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return sources;
    }

    /// Looks at each line of each source.
    ///
    /// @param rule says what is wrong with a line, or nothing by an empty text
    private static List<String> violations(BiFunction<Source, String, String> rule) {
        List<String> violations = new ArrayList<>();
        for (Source source : SOURCES) {
            for (int i = 0; i < source.lines.size(); i++) {
                String violation = rule.apply(source, source.lines.get(i));
                if (!violation.isEmpty()) {
                    violations.add(source + ":" + (i + 1) + " " + violation);
                }
            }
        }
        return violations;
    }

    private static List<String> linesWith(String regex) {
        Pattern pattern = Pattern.compile(regex);
        return violations((source, line) -> pattern.matcher(code(line)).find() ? line.strip() : "");
    }

    /// A line without its comment and its texts.
    private static String code(String line) {
        String stripped = line.replaceAll("\"(\\\\.|[^\"\\\\])*\"", "\"\"");
        int comment = stripped.indexOf("//");
        return comment < 0 ? stripped : stripped.substring(0, comment);
    }

    @Test
    void allModulesAreLookedAt() {
        List<String> modules =
                List.of(
                        "tofu-api",
                        "tofu-pool",
                        "tofu-engine",
                        "tofu-kit",
                        "tofu-management",
                        "tofu-micrometer",
                        "tofu-cli",
                        "tofu-tests");
        for (String module : modules) {
            assertThat(SOURCES).anyMatch(source -> source.isIn(module + "/src/"));
        }
    }

    @Test
    void linesHaveAtMostAHundredColumns() {
        assertThat(
                        violations(
                                (source, line) -> {
                                    int columns = line.codePointCount(0, line.length());
                                    return columns > MAX_COLUMNS ? columns + " columns" : "";
                                }))
                .isEmpty();
    }

    @Test
    void methodsFitOnAScreen() throws IOException {
        List<String> violations = new ArrayList<>();
        for (ParsedSource source : parsed()) {
            for (ParsedSource.Method method : source.methods()) {
                if (method.lineCount() > MAX_METHOD_LINES) {
                    violations.add(ROOT.relativize(source.path()) + ": " + method);
                }
            }
        }
        assertThat(violations).isEmpty();
    }

    @Test
    void aLongClassSaysWhyItIsLong() {
        List<String> violations = new ArrayList<>();
        for (Source source : SOURCES) {
            int lines = source.lines.size();
            if (lines > MAX_LINES_WITHOUT_REASON && !LONG.matcher(header(source)).find()) {
                violations.add(source + ": " + lines + " lines");
            }
        }
        assertThat(violations).isEmpty();
    }

    /// What a source says of its top-level types; the comments of others are indented.
    private static String header(Source source) {
        return source.lines.stream()
                .filter(line -> line.startsWith("///"))
                .map(line -> line.substring("///".length()).strip())
                .collect(Collectors.joining(" "));
    }

    @Test
    void everyTypeIsNamedByWhatItIs() throws IOException {
        String banned = "\\w*(Impl|Utils?|Manager|Helper)|(Default|Abstract)[A-Z]\\w*";
        List<String> violations = new ArrayList<>();
        for (ParsedSource source : parsed()) {
            for (ParsedSource.Type type : source.types()) {
                if (type.name().matches(banned)) {
                    violations.add(ROOT.relativize(source.path()) + ": " + type.name());
                }
            }
        }
        assertThat(violations).isEmpty();
    }

    private static List<ParsedSource> parsed() throws IOException {
        List<ParsedSource> parsed = ParsedSource.parse(SOURCES.stream().map(Source::path).toList());
        assertThat(parsed).hasSameSizeAs(SOURCES);
        return parsed;
    }

    @Test
    void nobodySleeps() {
        assertThat(linesWith("Thread\\s*\\.\\s*sleep|TimeUnit\\.\\w+\\.sleep")).isEmpty();
    }

    @Test
    void onlyTheLoopAndItsGroupsReadTheClock() {
        Pattern clock = Pattern.compile("System\\s*(\\.|::)\\s*(nanoTime|currentTimeMillis)");
        assertThat(
                        violations(
                                (source, line) -> {
                                    boolean elsewhere =
                                            source.isIn("/src/main/")
                                                    // It receives, as applications do.
                                                    && !source.isIn("ReceivedParts.java")
                                                    && (source.isIn("tofu-api")
                                                            || source.isIn("tofu-pool")
                                                            || source.isIn("engine/channel/")
                                                            || source.isIn("engine/net/"));
                                    boolean read = clock.matcher(code(line)).find();
                                    return elsewhere && read ? line.strip() : "";
                                }))
                .isEmpty();
    }

    @Test
    void onlyTheNetNamesSocketChannels() {
        assertThat(
                        violations(
                                (source, line) ->
                                        source.isIn("/src/main/")
                                                        && !source.isIn("engine/net/")
                                                        && !source.isIn("tofu-bench")
                                                        && !source.isIn("tofu/cli/wire/")
                                                        && code(line).contains("java.nio.channels")
                                                ? line.strip()
                                                : ""))
                .isEmpty();
    }

    @Test
    void nothingRefersToTheSharedFolder() {
        String shared = ".." + "/shared";
        assertThat(violations((source, line) -> line.contains(shared) ? line.strip() : ""))
                .isEmpty();
    }
}
