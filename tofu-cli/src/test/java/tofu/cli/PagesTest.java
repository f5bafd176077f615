package tofu.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/// Whatever the pages, and the help of the commands, tell to type is understood.
class PagesTest {
    private static final Path ROOT = Path.of("..");

    private static final CommandLine TOFUCTL = Main.commandLine(Terminal.ofProcess());

    private static final Pattern SHELL = Pattern.compile("(?ms)^```sh\n(.*?)^```");
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    private static final Pattern WORD =
            Pattern.compile("'([^']*)'|\"([^\"]*)\"|(#.*)|([|;&<>()]+)|([^\\s'\"|;&<>()]+)");

    private static final int COMMENT = 3;
    private static final int OPERATOR = 4;

    /// What pages write where something has to be put in.
    private static final Map<String, String> PLACEHOLDERS =
            Map.of("LISTEN", "tcp||0", "CONNECT", "tcp||7099", "ADDRESS", "tcp||7099");

    static Stream<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        try (Stream<Path> folder = Files.list(ROOT);
                Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            Stream.concat(folder, docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .forEach(pages::add);
        }
        return pages.stream();
    }

    /// The arguments of each `tofuctl` of a script.
    private static List<List<String>> calls(String script) {
        List<List<String>> calls = new ArrayList<>();
        for (String line : script.replace("\\\n", " ").lines().toList()) {
            List<String> call = null;
            boolean isName = true; // of a program
            Matcher words = WORD.matcher(line);
            while (words.find() && words.group(COMMENT) == null) {
                String operator = words.group(OPERATOR);
                if (operator != null) {
                    call = null;
                    isName = !operator.matches("[<>]"); // else a file comes
                } else if (isName) {
                    isName = false;
                    call = words.group().endsWith("tofuctl") ? new ArrayList<>() : null;
                    if (call != null) {
                        calls.add(call);
                    }
                } else if (call != null) {
                    String word = text(words);
                    call.add(PLACEHOLDERS.getOrDefault(word, word));
                }
            }
        }
        return calls;
    }

    private static String text(Matcher word) {
        return Stream.of(word.group(1), word.group(2), word.group())
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow();
    }

    private static void understand(List<String> arguments) {
        TOFUCTL.parseArgs(arguments.toArray(String[]::new));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void eachCommandOfAPageIsUnderstood(Path page) throws IOException {
        Matcher blocks = SHELL.matcher(Files.readString(page));
        while (blocks.find()) {
            calls(blocks.group(1)).forEach(PagesTest::understand);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void eachOptionInATextIsThere(Path page) throws IOException {
        Matcher code = CODE.matcher(Files.readString(page));
        while (code.find()) {
            List<String> words = Arrays.asList(code.group(1).split("[\\s=]+"));
            if (words.getFirst().equals("tofuctl") && words.size() > 1) {
                CommandLine command = TOFUCTL.getSubcommands().get(words.get(1));
                if (command == null) {
                    assertThat(words.get(1))
                            .as(code.group())
                            .isIn("COMMAND", "--help", "--version");
                    continue;
                }
                assertThat(words.stream().filter(word -> word.startsWith("-")))
                        .as(code.group())
                        .allMatch(word -> command.getCommandSpec().findOption(word) != null);
            }
        }
    }

    @Test
    void eachOptionOfTheGuideIsOneOfSomeCommand() throws IOException {
        Matcher code = CODE.matcher(Files.readString(ROOT.resolve("docs/guide/tofuctl.md")));
        List<String> options = new ArrayList<>();
        while (code.find()) {
            String word = code.group(1).split("[\\s=]")[0];
            if (word.matches("-[a-z]|--[a-z-]+")) {
                options.add(word);
            }
        }
        assertThat(options)
                .hasSizeGreaterThan(20)
                .allMatch(
                        option ->
                                TOFUCTL.getSubcommands().values().stream()
                                        .map(CommandLine::getCommandSpec)
                                        .anyMatch(spec -> spec.findOption(option) != null));
    }

    @Test
    void eachExampleOfTheHelpIsUnderstood() {
        List<CommandLine> commands = new ArrayList<>(TOFUCTL.getSubcommands().values());
        commands.add(TOFUCTL);
        for (CommandLine command : commands) {
            String[] footer = command.getCommandSpec().usageMessage().footer();
            List<List<String>> calls = calls(String.join("\n", footer));
            assertThat(calls).as(command.getCommandName()).isNotEmpty();
            calls.forEach(PagesTest::understand);
        }
    }

    @Test
    void theGuideHasManyAndAWrongOneIsFound() throws IOException {
        Matcher blocks = SHELL.matcher(Files.readString(ROOT.resolve("docs/guide/tofuctl.md")));
        List<List<String>> calls = new ArrayList<>();
        while (blocks.find()) {
            calls.addAll(calls(blocks.group(1)));
        }
        assertThat(calls)
                .hasSizeGreaterThan(15)
                .contains(List.of("cat", "-t", "request", "tcp|127.0.0.1|7099"))
                .contains(List.of("cat", "--listen", "--once", "-o", "raw", "tcp||7099"));
        for (String wrong :
                List.of("tofuctl cat --nonsense 'tcp||1'", "true | tofuctl dog 'tcp||1' # no")) {
            assertThatExceptionOfType(ParameterException.class)
                    .isThrownBy(() -> calls(wrong).forEach(PagesTest::understand));
        }
    }
}
