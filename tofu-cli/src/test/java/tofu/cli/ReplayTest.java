package tofu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tofu.fixtures.TestAddresses;

/// `replay` of what `proxy` has recorded.
class ReplayTest {
    private static Run proxy(Path record, String here, String behind, String... options)
            throws Exception {
        List<String> words = new ArrayList<>(List.of("proxy", "--once", "-q", "--record"));
        words.add(record.toString());
        words.addAll(List.of(options));
        words.addAll(List.of(here, behind));
        return Run.start(words.toArray(new String[0]));
    }

    private static Run ask(String question, Run server) throws Exception {
        return Run.toEnd("cat", "-t", "request", "-d", question, server.address());
    }

    @Test
    @Tag("long")
    void theSideThatFacesACutIsPlayedAgain(@TempDir Path folder) throws Exception {
        Path record = folder.resolve("cut.jsonl");
        String behind = "uds|" + TestAddresses.temporaryUdsPath();
        String here = "uds|" + TestAddresses.temporaryUdsPath();
        try (Run echo = Run.start("echo", behind)) {
            echo.address();
            try (Run proxy = proxy(record, here, behind, "--fault", "cut=18,to=server,frames=2");
                    Run cat = ask("hi!", proxy)) {
                assertThat(cat.exitCode()).as(cat.toString()).isEqualTo(4);
                assertThat(proxy.exitCode()).isZero();
            }
        }
        try (Run server = Run.start("replay", "--side", "server", "" + record, here);
                Run same = ask("hi!", server)) {
            assertThat(same.exitCode()).as(same.toString()).isEqualTo(4);
            assertThat(server.exitCode()).as(server.toString()).isZero();
            assertThat(server.out()).contains("REQUEST id=1 ").contains(", cut\n");
        }
        try (Run server = Run.start("replay", "--side", "server", "" + record, here);
                Run other = ask("ho!", server)) {
            assertThat(other.exitCode()).as(other.toString()).isEqualTo(4);
            assertThat(server.exitCode()).as(server.toString()).isEqualTo(1);
        }
    }

    /// Records a question and its answer.
    private static void record(Path record, Run echo) throws Exception {
        String here = "uds|" + TestAddresses.temporaryUdsPath();
        try (Run proxy = proxy(record, here, echo.address());
                Run cat = ask("hi", proxy)) {
            assertThat(cat.out()).isEqualTo("hi\n");
            assertThat(proxy.exitCode()).isZero();
            assertThat(proxy.out()).isEmpty();
        }
    }

    @Test
    void aRecordingIsPlayedAgainAsTheClient(@TempDir Path folder) throws Exception {
        Path record = folder.resolve("talk.jsonl");
        try (Run echo = Run.start("echo", "uds|" + TestAddresses.temporaryUdsPath())) {
            record(record, echo);
            try (Run client = Run.toEnd("replay", "" + record, echo.address())) {
                assertThat(client.exitCode()).as(client.toString()).isZero();
                assertThat(client.out()).endsWith("\n3 frames played, 3 received, 0 different\n");
            }
        }
    }

    @Test
    @Tag("long")
    void aRecordingIsPlayedAgainAsTheServer(@TempDir Path folder) throws Exception {
        Path record = folder.resolve("talk.jsonl");
        String here = "uds|" + TestAddresses.temporaryUdsPath();
        try (Run echo = Run.start("echo", "uds|" + TestAddresses.temporaryUdsPath())) {
            record(record, echo);
        }
        try (Run server = Run.start("replay", "-q", "--side", "server", "" + record, here);
                Run same = ask("hi", server)) {
            assertThat(same.out()).isEqualTo("hi\n");
            assertThat(server.exitCode()).as(server.toString()).isZero();
            assertThat(server.out()).isEqualTo("3 frames played, 3 received, 0 different\n");
        }
        try (Run server = Run.start("replay", "-q", "--side", "server", "" + record, here);
                Run other = ask("ho", server)) {
            assertThat(other.out()).isEqualTo("hi\n");
            assertThat(server.exitCode()).isEqualTo(1);
            assertThat(server.out())
                    .startsWith("c>s different: REQUEST id=1 ")
                    .endsWith("3 frames played, 3 received, 1 different\n");
        }
    }
}
