package tofu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tofu.fixtures.TestAddresses;

/// `top`, which looks into a program with a channel that stalls.
class TopTest {
    private static final Pattern READY = Pattern.compile("ready (\\d+)\n");

    /// The program, with options of the JVM.
    static Run stalling(int channels, String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(List.of(options));
        String classes = Path.of("target", "test-classes").toAbsolutePath().toString();
        command.addAll(List.of("-cp", classes + ":" + System.getProperty("jdk.module.path")));
        command.addAll(List.of("tofu.cli.Stalling", Integer.toString(channels)));
        return Run.start(command, Map.of());
    }

    private static String stalledChannel(Run program) throws InterruptedException {
        String out = program.awaitOut(text -> READY.matcher(text).find());
        return READY.matcher(out).results().findFirst().orElseThrow().group(1);
    }

    @Test
    void whatStallsIsFirstOfAHundredAndSaysWhy() throws Exception {
        try (Run program = stalling(100)) {
            String channel = stalledChannel(program);
            try (Run top = Run.toEnd("top", "--once", "-i", "200ms", "-n", "5", program.pid())) {
                assertThat(top.exitCode()).as(top.toString()).isZero();
                List<String> lines = top.out().lines().toList();
                assertThat(lines).hasSize(9).allMatch(line -> line.length() <= 79);
                assertThat(lines.get(0)).startsWith("back: 200 channels, ");
                assertThat(lines.get(1)).startsWith("front: 100 channels, ");
                assertThat(lines.get(2)).startsWith("ENGINE ").contains("STALLED", "BY");
                assertThat(lines.subList(3, 5))
                        .anyMatch(
                                line ->
                                        line.matches(
                                                "front +"
                                                        + channel
                                                        + " +\\d+ %  (send_queue_full"
                                                        + "|write_blocked) .*"))
                        .anyMatch(line -> line.matches("back .* %  receive_window_closed .*"));
                assertThat(lines.get(5)).contains(" 0 % ");
                assertThat(lines.getLast()).isEqualTo("and 295 more");
            }
        }
    }

    @Test
    @Tag("long")
    void jsonHasAllChannels() throws Exception {
        try (Run program = stalling(3)) {
            String channel = stalledChannel(program);
            try (Run top = Run.toEnd("top", "--json", "--once", "-i", "100ms", program.pid())) {
                assertThat(top.out().lines()).as(top.toString()).hasSize(1);
                List<?> channels = (List<?>) Json.parse(top.out(), "it").get("channels");
                assertThat(channels).hasSize(3 + 6);
                Map<?, ?> stalled =
                        channels.subList(0, 2).stream()
                                .map(Map.class::cast)
                                .filter(row -> "front".equals(row.get("engine")))
                                .findFirst()
                                .orElseThrow();
                assertThat(stalled.get("channel")).hasToString(channel);
                assertThat(stalled.get("role")).isEqualTo("CLIENT");
                assertThat((Integer) stalled.get("queuedBytes")).isPositive();
                Map<?, ?> causes = (Map<?, ?>) Objects.requireNonNull(stalled.get("stalled"));
                assertThat((Double) causes.get("write_blocked")).isBetween(0.5, 1.5);
                assertThat((Double) causes.get("pool_empty")).isZero();
            }
        }
    }

    @Test
    @Tag("long")
    void aJvmIsLookedIntoOverTcp() throws Exception {
        String jmx = "-Dcom.sun.management.jmxremote";
        int port = TestAddresses.freeTcpPort();
        try (Run program =
                stalling(
                        1,
                        jmx + ".port=" + port,
                        jmx + ".host=127.0.0.1",
                        jmx + ".authenticate=false",
                        jmx + ".ssl=false",
                        "-Djava.rmi.server.hostname=127.0.0.1")) {
            stalledChannel(program);
            try (Run top = Run.toEnd("top", "--once", "-i", "100ms", "127.0.0.1:" + port)) {
                assertThat(top.exitCode()).as(top.toString()).isZero();
                assertThat(top.out()).contains("front: 1 channels, ");
            }
        }
    }

    @Test
    @Tag("long")
    void withoutAnEngineTheAnswerIsNo() throws Exception {
        try (Run program = stalling(0)) {
            stalledChannel(program);
            try (Run top = Run.toEnd("top", program.pid())) {
                assertThat(top.exitCode()).as(top.toString()).isEqualTo(1);
                assertThat(top.err())
                        .isEqualTo(
                                "tofuctl top: no engine is registered in "
                                        + program.pid()
                                        + "; a program does that by TofuMXBeans.register\n");
            }
        }
    }

    @Test
    @Tag("long")
    void aProcessThatIsNoneIsSaidInOneLine() throws Exception {
        String nobody = Integer.toString(Integer.MAX_VALUE);
        try (Run top = Run.toEnd("top", nobody)) {
            assertThat(top.exitCode()).as(top.toString()).isEqualTo(3);
            assertThat(top.err()).startsWith("tofuctl top: cannot connect to " + nobody + ": ");
            assertThat(top.err().lines()).hasSize(1);
        }
    }

    @Test
    @Tag("long")
    void theEndOfTheProgramEndsIt() throws Exception {
        try (Run program = stalling(1)) {
            stalledChannel(program);
            try (Run top = Run.start("top", "-i", "50ms", program.pid())) {
                top.awaitOut(text -> text.contains("STALLED"));
                program.signal("KILL");
                assertThat(top.exitCode()).as(top.toString()).isEqualTo(4);
                assertThat(top.err())
                        .isEqualTo(
                                "tofuctl top: the connection to " + program.pid() + " has ended\n");
            }
        }
    }

    @Test
    @Tag("long")
    void ctrlCEndsIt() throws Exception {
        try (Run program = stalling(1)) {
            stalledChannel(program);
            try (Run top = Run.start("top", "-i", "50ms", program.pid())) {
                top.awaitOut(text -> text.split("STALLED").length > 3); // it goes on by itself
                top.signal("INT");
                assertThat(top.exitCode()).as(top.toString()).isEqualTo(130);
                assertThat(top.err()).isEmpty();
            }
        }
    }
}
