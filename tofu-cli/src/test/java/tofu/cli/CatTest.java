package tofu.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tofu.fixtures.TestAddresses;

/// `cat`: what goes in at one end comes out at the other.
class CatTest {
    private static Run echo(String... options) throws Exception {
        String[] arguments = new String[options.length + 2];
        arguments[0] = "echo";
        System.arraycopy(options, 0, arguments, 1, options.length);
        arguments[options.length + 1] = "uds|" + TestAddresses.temporaryUdsPath();
        return Run.start(arguments);
    }

    private static void type(Run run, String text) throws Exception {
        run.input().write(text.getBytes(UTF_8));
        run.input().flush();
    }

    @Test
    void eachLineIsARequestAndItsAnswerALine() throws Exception {
        try (Run echo = echo();
                Run cat = Run.start("cat", "-t", "request", echo.address())) {
            type(cat, "one\nzwei ü\n");
            cat.awaitOut("one\nzwei ü\n"::equals); // while the input goes on
            type(cat, "three");
            cat.input().close();

            assertThat(cat.exitCode()).as(cat.toString()).isZero();
            assertThat(cat.out()).isEqualTo("one\nzwei ü\nthree\n");
        }
    }

    @Test
    @Tag("long")
    void whatJsonPrintsJsonReads() throws Exception {
        String first =
                "{\"op\":\"SIGNAL\",\"id\":18446744073709551615,\"more\":false,\"outOfBand\":false,"
                        + "\"headers\":[{\"name\":\"k\",\"value\":\"v: \\\" \"},"
                        + "{\"name\":\"k\",\"value\":\"w\"}],\"body\":\"a\\nb\\u001b\"}\n";
        String second = "{\"bodyHex\":\"00ff80\"}\n";
        try (Run echo = echo("--signals");
                Run cat =
                        Run.start(
                                "cat",
                                "--stay",
                                "-n",
                                "2",
                                "-f",
                                "json",
                                "-o",
                                "json",
                                echo.address())) {
            type(cat, first + second);

            assertThat(cat.exitCode()).as(cat.toString()).isZero();
            assertThat(cat.out().lines().map(line -> line.replaceAll("\"channel\":\\d+,", "")))
                    .containsExactly(
                            "{\"op\":\"SIGNAL\",\"id\":18446744073709551615,\"more\":false,"
                                    + "\"outOfBand\":false,"
                                    + "\"headers\":[{\"name\":\"k\",\"value\":\"v: \\\"\"},"
                                    + "{\"name\":\"k\",\"value\":\"w\"}],"
                                    + "\"body\":\"a\\nb\\u001B\"}",
                            "{\"op\":\"SIGNAL\",\"id\":2,\"more\":false,\"outOfBand\":false,"
                                    + "\"headers\":[],\"bodyHex\":\"00ff80\"}");
        }
    }

    /// Sends one request, and prints the answer, in the same form.
    private static Run request(Run echo, String form, String data) throws Exception {
        return Run.toEnd(
                "cat", "-t", "request", "-f", form, "-o", form, "-d", data, echo.address());
    }

    @Test
    @Tag("long")
    void aRequestWithTheIdZeroGetsOneAndIsAnswered() throws Exception {
        try (Run echo = echo();
                Run cat = request(echo, "json", "{\"id\":0}")) {
            assertThat(cat.exitCode()).as(cat.toString()).isZero();
            assertThat(cat.out()).contains("\"id\":1,");
        }
    }

    @Test
    @Tag("long")
    void hexGoesInAndOut() throws Exception {
        try (Run echo = echo();
                Run cat = request(echo, "hex", "00 ff 0a")) {
            assertThat(cat.out()).isEqualTo("00ff0a\n");
        }
    }

    @Test
    @Tag("long")
    void aFileComesOutAsItWas(@TempDir Path folder) throws Exception {
        byte[] bytes = new byte[300_000];
        new Random(42).nextBytes(bytes);
        Path file = Files.write(folder.resolve("f"), bytes);
        String here = "uds|" + TestAddresses.temporaryUdsPath();
        try (Run to = Run.start("cat", "--listen", "--once", "-o", "raw", here);
                Run from = Run.toEnd("cat", to.address(), file.toString())) {
            assertThat(from.exitCode()).as(from.toString()).isZero();
            assertThat(to.exitCode()).isZero();
            assertThat(to.outBytes()).isEqualTo(bytes);
        }
    }

    @Test
    @Tag("long")
    void aResponseAnswersTheOldestRequest() throws Exception {
        String here = "uds|" + TestAddresses.temporaryUdsPath();
        try (Run server = Run.start("cat", "--listen", "-t", "response", "-H", "by:hand", here);
                Run client =
                        Run.start(
                                "cat",
                                "-t",
                                "request",
                                "-o",
                                "json",
                                "-d",
                                "a?",
                                "-d",
                                "b?",
                                server.address())) {
            server.awaitOut("a?\nb?\n"::equals);
            type(server, "a!\nb!\n");

            assertThat(client.exitCode()).as(client.toString()).isZero();
            assertThat(client.out().lines())
                    .satisfiesExactly(
                            line ->
                                    assertThat(line)
                                            .contains("\"op\":\"RESPONSE\"", "\"id\":1,", "\"a!\"")
                                            .contains("{\"name\":\"by\",\"value\":\"hand\"}"),
                            line -> assertThat(line).contains("\"id\":2,", "\"b!\""));
        }
    }

    @Test
    @Tag("long")
    void requestsThatNobodyAnswersAreExitCodeOne() throws Exception {
        String here = "uds|" + TestAddresses.temporaryUdsPath();
        try (Run mute = Run.start("cat", "--listen", here);
                Run cat =
                        Run.toEnd(
                                "cat", "-t", "request", "-d", "?", "-w", "50ms", mute.address())) {
            assertThat(cat.exitCode()).isEqualTo(1);
            assertThat(cat.err()).isEqualTo("tofuctl cat: 1 not answered within 50 ms\n");
        }
    }

    @Test
    @Tag("long")
    void aLineThatCannotBeSentIsNamed() throws Exception {
        try (Run echo = echo();
                Run tooLong = Run.start("cat", echo.address());
                Run noJson = Run.start("cat", "-f", "json", echo.address())) {
            type(tooLong, "short\n" + "x".repeat(65_536) + "\n");
            type(noJson, "{}\n{\n");
            tooLong.input().close();
            noJson.input().close();

            assertThat(tooLong.exitCode()).isEqualTo(5);
            assertThat(tooLong.err())
                    .startsWith("tofuctl cat: line 2 cannot be sent: INVALID_BODY_LEN");
            assertThat(noJson.exitCode()).isEqualTo(5);
            assertThat(noJson.err()).startsWith("tofuctl cat: line 2 is no JSON");
        }
    }

    @Test
    @Tag("long")
    void aMissingFileIsNamed() throws Exception {
        try (Run echo = echo();
                Run cat = Run.toEnd("cat", echo.address(), "/no/such/file")) {
            assertThat(cat.exitCode()).isEqualTo(5);
            assertThat(cat.err()).isEqualTo("tofuctl cat: there is no file /no/such/file\n");
        }
    }
}
