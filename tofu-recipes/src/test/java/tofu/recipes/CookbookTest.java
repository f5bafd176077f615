package tofu.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every recipe, over TCP and over Unix domain sockets, with its outcome.
@Timeout(120)
class CookbookTest {
    /// What each recipe comes to; where the transports differ, `tcp` and `uds` say so.
    private static final Map<String, String> OUTCOMES = new TreeMap<>();

    static {
        expect("engine", "closed: SHUTDOWN_STARTED");
        expect("group", "SHUTDOWN_STARTED, RECEIVER_UPDATE");
        expect("pool", "first yes, second no, beyond yes, again yes");
        expect("pool-empty", "POOL_EMPTY on channel 0, then anyone?");
        expect("unprepared", "INVALID_CHANNEL_NUMBER");
        expect("wrong-channel", "INVALID_CHANNEL_NUMBER, INVALID_CHANNEL_NUMBER");
        expect("hello-without-address", "WRONG_ADDRESS");
        expect(
                "hello-wrong-address",
                "INVALID_ADDRESS, ENGINE INVALID_ADDRESS, ENGINE CHANNEL_CLOSED");
        expect("hello-nobody tcp", "ENGINE CONNECT_FAILED, ENGINE CHANNEL_CLOSED");
        expect("hello-nobody uds", "ENGINE UDS_PATH_NOT_FOUND, ENGINE CHANNEL_CLOSED");
        expect("welcome-wrong-address", "ENGINE LISTEN_FAILED, ENGINE CHANNEL_CLOSED");
        expect(
                "listen",
                "WELCOME_RESPONSE SUCCESS, closed; again: WELCOME_RESPONSE SUCCESS, closed");
        expect("listen-twice", "ENGINE WELCOME_RESPONSE ADDRESS_IN_USE");
        expect(
                "connect",
                "WELCOME_RESPONSE, HELLO_REQUEST, HELLO_RESPONSE, REQUEST, RESPONSE, BYE_REQUEST,"
                        + " BYE_RESPONSE, the end, the end, BYE_SIGNAL, the end");
        expect("disconnect", "client: CHANNEL_CLOSED, CHANNEL_CLOSED; server: CHANNEL_CLOSED");
        expect(
                "update-receiver",
                "ENGINE RECEIVER_UPDATE null, APPLICATION RECEIVER_UPDATE count,"
                        + " APPLICATION RECEIVER_UPDATE stop");
        expect("reconnect", "connected after 3 failures");
        expect("reconnect-threads", "connected 2 times");
        expect("reconnect-connector", "connected late, other business: done");
        expect("multi-homed", "5 of 5 addresses answered, 5 echoes");
        expect("echo", "20 clients, 2000 right echoes");
        expect("requests", "50 right answers; why? no answer in time");
        expect("stream-files", "32 MiB there and back: the same");
        expect("progress", "10 signals, then the sum is 500000500000, right");
        expect("heartbeat", "cut off after 11 missed beats");
        expect("publish-subscribe", "[news] 10, [sport] 10, [news, sport] 20, missed 0");
        expect("work-queue", "100 jobs done, 101 handed out, sum 5050");
        expect("print-server", "3/3, 12/12, 1/1; 16 pages rasterised");
        expect("back-pressure", "10000 of 10000 in order, full at times");
        expect("virtual-threads", "200 of 200 conversations went well");
    }

    private static void expect(String recipe, String outcome) {
        OUTCOMES.put(recipe, outcome);
    }

    static Stream<Arguments> recipes() {
        return Cookbook.names().stream()
                .filter(name -> !name.equals(Cookbook.CHAT)) // ChatTest talks to it
                .flatMap(name -> Stream.of(Arguments.of(name, "tcp"), Arguments.of(name, "uds")));
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void everyRecipeComesToItsOutcome(String name, String transport) throws Exception {
        String expected =
                OUTCOMES.getOrDefault(name + " " + transport, OUTCOMES.getOrDefault(name, "?"));
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        assertThat(Cookbook.cook(out, name, transport))
                .as(() -> printed.toString(StandardCharsets.UTF_8))
                .isEqualTo(expected);
    }

    @Test
    void theLauncherPrintsTheOutcomeLast() throws Exception {
        RunningRecipe running = RunningRecipe.start(Cookbook::run, "pool");
        assertThat(running.exitCode()).isZero();
        assertThat(running.output()).last().isEqualTo(OUTCOMES.get("pool"));
    }

    @Test
    void theListHasEveryRecipeOnce() throws Exception {
        RunningRecipe running = RunningRecipe.start(Cookbook::run, "list");
        assertThat(running.exitCode()).isZero();
        List<String> listed =
                running.output().stream()
                        .map(line -> line.substring(0, line.indexOf(' ')))
                        .toList();
        assertThat(listed).isEqualTo(Cookbook.names()).doesNotHaveDuplicates();
    }

    @Test
    void theDocumentationHasEveryRecipe() throws Exception {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/cookbook.md"))) {
            folder = Objects.requireNonNull(folder.getParent());
        }
        List<String> documented =
                Files.readAllLines(folder.resolve("docs/cookbook.md")).stream()
                        .filter(line -> line.matches("\\| `[a-z-]+` \\| .* \\| .* \\|"))
                        .map(line -> line.substring(3, line.indexOf('`', 3)))
                        .toList();
        assertThat(documented).isEqualTo(Cookbook.names());
    }

    @Test
    void wrongArgumentsAreExplained() throws Exception {
        for (String[] args :
                new String[][] {{"cake"}, {""}, {"pool", "pigeon"}, {"echo", "tcp", "x"}}) {
            RunningRecipe running = RunningRecipe.start(Cookbook::run, args);
            assertThat(running.exitCode()).isEqualTo(2);
            assertThat(running.errors()).startsWith("Cookbook: ").contains("usage: Cookbook list");
            assertThat(running.output()).isEmpty();
        }
    }
}
