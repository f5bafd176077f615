package tofu.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tofu.cli.Talkers.Talker;
import tofu.fixtures.TestAddresses;

/// `proxy`: bytes come out as they went in, and each frame is shown as what it was.
class ProxyTest {
    private static final Path TRANSCRIPTS = Path.of("../tofu-tests/src/test/resources/transcripts");
    private static final Pattern PART =
            Pattern.compile("([CS])>[CS]   (hdr |thdr|body) ([0-9a-f |]+?)\\s*(?:#.*)?");

    private static final int REQUEST = 0;
    private static final int RESPONSE = 1;

    /// A frame of a transcript.
    private record Sent(boolean byClient, byte[] bytes) {}

    private static List<Sent> transcript(Path file) throws IOException {
        List<Sent> frames = new ArrayList<>();
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        boolean byClient = false;
        for (String line : Files.readAllLines(file)) {
            Matcher part = PART.matcher(line);
            boolean isPart = part.matches();
            if (frame.size() > 0 && (!isPart || part.group(2).equals("hdr "))) {
                frames.add(new Sent(byClient, frame.toByteArray()));
                frame.reset();
            }
            if (isPart) {
                byClient = part.group(1).equals("C");
                frame.writeBytes(HexFormat.of().parseHex(part.group(3).replaceAll("[ |]", "")));
            }
        }
        return frames;
    }

    private static Run proxy(Talkers talkers, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("proxy"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("tcp|127.0.0.1|0", talkers.address()));
        return Run.start(arguments.toArray(String[]::new));
    }

    private static List<Map<String, Object>> events(String lines) throws IOException {
        List<Map<String, Object>> events = new ArrayList<>();
        for (String line : lines.lines().toList()) {
            events.add(JSON.std.mapFrom(line));
        }
        return events;
    }

    /// Waits for a number of lines with a text.
    private static void awaitLines(Run run, String text, int count) throws Exception {
        run.awaitOut(out -> out.lines().filter(line -> line.contains(text)).count() == count);
    }

    @Test
    void theTranscriptsComeOutByteForByte(@TempDir Path folder) throws Exception {
        List<Path> files;
        try (Stream<Path> all = Files.list(TRANSCRIPTS)) {
            files = all.filter(file -> !file.toString().contains("legend")).sorted().toList();
        }
        assertThat(files).hasSizeGreaterThan(15);
        Path record = folder.resolve("all.jsonl");
        try (Talkers talkers = new Talkers();
                Run proxy = proxy(talkers, "--json", "--record", record.toString())) {
            for (int i = 0; i < files.size(); i++) {
                List<Sent> frames = transcript(files.get(i));
                assertThat(frames).as(files.get(i) + "").isNotEmpty();
                try (Talker client = Talkers.client(proxy);
                        Talker server = talkers.server()) {
                    for (Sent frame : frames) {
                        (frame.byClient ? client : server).send(frame.bytes);
                        Talker receiver = frame.byClient ? server : client;
                        assertThat(receiver.receive(frame.bytes.length)).isEqualTo(frame.bytes);
                    }
                    client.finish();
                    server.expectEnd();
                    server.finish();
                    client.expectEnd();
                }
                awaitLines(proxy, "\"how\":\"closed\"", 2 * (i + 1));
                checkRecorded(frames, events(Files.readString(record)), i + 1);
            }
        }
    }

    private static void checkRecorded(
            List<Sent> frames, List<Map<String, Object>> events, int connection) {
        List<Map<String, Object>> recorded =
                events.stream()
                        .filter(e -> Objects.equals(e.get("connection"), connection))
                        .filter(e -> "frame".equals(e.get("event")))
                        .toList();
        assertThat(recorded).hasSameSizeAs(frames);
        for (int i = 0; i < recorded.size(); i++) {
            Sent frame = frames.get(i);
            String bytes = HexFormat.of().formatHex(frame.bytes);
            assertThat(recorded.get(i))
                    .containsEntry("from", frame.byClient ? "client" : "server")
                    .containsEntry("length", frame.bytes.length)
                    .containsEntry("bytes", bytes)
                    .containsEntry("channel", Integer.parseInt(bytes.substring(0, 4), 16));
        }
    }

    @Test
    @Tag("long")
    void aSessionIsShownFrameByFrame() throws Exception {
        try (Run echo = Run.start("echo", "uds|" + TestAddresses.temporaryUdsPath());
                Run proxy =
                        Run.start(
                                "proxy",
                                "--once",
                                "uds|" + TestAddresses.temporaryUdsPath(),
                                echo.address());
                Run cat =
                        Run.toEnd(
                                "cat",
                                "-t",
                                "request",
                                "-H",
                                "k:v",
                                "-d",
                                "a\u001b[31m\tb",
                                proxy.address())) {
            assertThat(cat.exitCode()).as(cat.toString()).isZero();
            assertThat(proxy.exitCode()).isZero();
            assertThat(proxy.out().lines().map(line -> line.substring(12)))
                    .satisfiesExactly(
                            line -> assertThat(line).isEqualTo("#1 --- connected"),
                            line ->
                                    assertThat(line)
                                            .startsWith("#1 c>s HELLO_REQUEST id=")
                                            .endsWith(" ~connect_to:" + proxy.address()),
                            line -> assertThat(line).startsWith("#1 s>c HELLO_RESPONSE id="),
                            line ->
                                    assertThat(line)
                                            .startsWith("#1 c>s REQUEST id=1 channel=")
                                            .endsWith(" k:v body=8 \"a\\u{1b}[31m\\tb\""),
                            line ->
                                    assertThat(line)
                                            .startsWith("#1 s>c RESPONSE id=1 channel=")
                                            .endsWith(" k:v body=8 \"a\\u{1b}[31m\\tb\""),
                            line -> assertThat(line).startsWith("#1 c>s BYE_REQUEST id="),
                            line -> assertThat(line).startsWith("#1 s>c BYE_RESPONSE id="),
                            line -> assertThat(line).isEqualTo("#1 c>s closed"),
                            line -> assertThat(line).isEqualTo("#1 s>c closed"));
        }
    }

    @Test
    @Tag("long")
    void aClientThatIsKilledWithinAFrameIsShownAsThat() throws Exception {
        String begin =
                "\\000\\007\\000\\000\\000\\000\\000\\000\\000\\000\\000\\005\\000\\000\\020\\000";
        try (Talkers talkers = new Talkers();
                Run proxy = proxy(talkers)) {
            // cat keeps the connection open until it is killed.
            String client =
                    "exec 3<>/dev/tcp/127.0.0.1/"
                            + Talkers.port(proxy)
                            + "; printf '"
                            + begin
                            + "seven b' >&3; exec cat <&3";
            try (Run killed = Run.start(List.of("bash", "-c", client), Map.of());
                    Talker server = talkers.server()) {
                byte[] arrived = server.receive(23);
                assertThat(new String(arrived, 16, 7, UTF_8)).isEqualTo("seven b");

                killed.signal("KILL");

                server.expectEnd();
                awaitLines(proxy, "#1 c>s closed after 23 of 4112 bytes of a REQUEST id=5", 1);
            }
        }
    }

    @Test
    @Tag("long")
    void aServerThatBreaksTheConnectionWithinAFrameIsShownAsThat() throws Exception {
        byte[] frame = Talkers.frame(RESPONSE, 9, "x".repeat(100));
        try (Talkers talkers = new Talkers();
                Run proxy = proxy(talkers);
                Talker client = Talkers.client(proxy)) {
            Talker server = talkers.server();
            server.send(Arrays.copyOf(frame, 50));
            assertThat(client.receive(50)).isEqualTo(Arrays.copyOf(frame, 50));

            server.reset();

            client.expectReset();
            awaitLines(proxy, "#1 s>c reset after 50 of 116 bytes of a RESPONSE id=9", 1);
        }
    }

    @Test
    @Tag("long")
    void anEndWithinAHeaderPassesOnWhatThereWas() throws Exception {
        byte[] begin = {0, 1, 2, 3, 4};
        try (Talkers talkers = new Talkers();
                Run proxy = proxy(talkers);
                Talker client = Talkers.client(proxy);
                Talker server = talkers.server()) {
            client.send(begin);
            client.finish();

            assertThat(server.receive(5)).isEqualTo(begin);
            server.expectEnd();
            awaitLines(proxy, "#1 c>s closed after 5 of 16 bytes of a header", 1);
        }
    }

    @Test
    @Tag("long")
    void whoReadsSlowlyGetsAllThoughBothSidesHaveEnded() throws Exception {
        byte[] much = Talkers.frame(REQUEST, 1, "x".repeat(60_000));
        int frames = 35;
        try (Talkers talkers = new Talkers();
                Run proxy = proxy(talkers);
                Talker client = Talkers.client(proxy);
                Talker server = talkers.server()) {
            server.finish();
            client.expectEnd();
            for (int i = 0; i < frames; i++) {
                client.send(much);
            }
            client.finish();
            awaitLines(proxy, "closed", 2);

            for (int i = 0; i < frames; i++) {
                assertThat(server.receive(much.length)).isEqualTo(much);
            }
            server.expectEnd();
        }
    }

    @Test
    @Tag("long")
    void aFrameThatIsDroppedIsMissing() throws Exception {
        byte[] first = Talkers.frame(REQUEST, 1, "one");
        byte[] second = Talkers.frame(REQUEST, 2, "two");
        byte[] third = Talkers.frame(REQUEST, 3, "three");
        try (Talkers talkers = new Talkers();
                Run proxy = proxy(talkers, "--fault", "drop,to=server,frames=2");
                Talker client = Talkers.client(proxy);
                Talker server = talkers.server()) {
            for (byte[] frame : List.of(first, second, third)) {
                client.send(frame);
            }
            assertThat(server.receive(first.length)).isEqualTo(first);
            assertThat(server.receive(third.length)).isEqualTo(third);
            server.send(second); // the other direction
            server.send(second);
            assertThat(client.receive(second.length)).isEqualTo(second);
            assertThat(client.receive(second.length)).isEqualTo(second);
            awaitLines(proxy, "\"two\" [dropped]", 1);
        }
    }

    @Test
    @Tag("long")
    void aCutBreaksBothSidesWithinTheFrame() throws Exception {
        byte[] frame = Talkers.frame(REQUEST, 1, "first");
        try (Talkers talkers = new Talkers();
                Run proxy = proxy(talkers, "--fault", "cut=18,to=server,frames=2");
                Talker client = Talkers.client(proxy);
                Talker server = talkers.server()) {
            client.send(frame);
            assertThat(server.receive(frame.length)).isEqualTo(frame);
            client.send(frame);

            assertThat(server.receive(18)).isEqualTo(Arrays.copyOf(frame, 18));
            server.expectReset();
            client.expectReset();
            awaitLines(proxy, "#1 c>s cut after 18 of 21 bytes of a REQUEST id=1", 1);
        }
    }

    @Test
    @Tag("long")
    void aTimedCutNeedsNoFrame() throws Exception {
        try (Talkers talkers = new Talkers();
                Run proxy = proxy(talkers, "--fault", "cut,from=50ms");
                Talker client = Talkers.client(proxy);
                Talker server = talkers.server()) {
            server.expectReset();
            client.expectReset();
            awaitLines(proxy, "#1 --- cut", 1);
        }
    }

    @Test
    @Tag("long")
    void whatIsDelayedComesLaterAndWhatIsThrottledSlowly() throws Exception {
        byte[] frame = Talkers.frame(REQUEST, 1, "x".repeat(10_000));
        try (Talkers talkers = new Talkers();
                Run proxy =
                        proxy(
                                talkers,
                                "--fault",
                                "delay=300ms,to=server",
                                "--fault",
                                "throttle=20k,to=client,op=request");
                Talker client = Talkers.client(proxy);
                Talker server = talkers.server()) {
            long startNanos = System.nanoTime();
            client.send(frame);
            assertThat(server.receive(frame.length)).isEqualTo(frame);
            long delayed = System.nanoTime();
            server.send(frame);
            assertThat(client.receive(frame.length)).isEqualTo(frame);
            long throttled = System.nanoTime();

            // Never sooner; how much later is the machine's.
            assertThat(delayed - startNanos).isGreaterThan(300_000_000);
            assertThat(throttled - delayed).isGreaterThan(400_000_000);
        }
    }

    @Test
    @Tag("long")
    void nobodyBehindTheProxyBreaksTheClient() throws Exception {
        int port = TestAddresses.refusingTcpPort();
        try (Run proxy = Run.start("proxy", "tcp|127.0.0.1|0", "tcp|127.0.0.1|" + port);
                Talker client = Talkers.client(proxy)) {
            client.expectReset();
            awaitLines(proxy, "#1 --- cannot connect to tcp|127.0.0.1|" + port, 1);
        }
    }

    @Test
    @Tag("long")
    void ctrlCLeavesNoSocketFileOfAProxy() throws Exception {
        Path path = Path.of(TestAddresses.temporaryUdsPath());
        try (Run proxy = Run.start("proxy", "uds|" + path, "tcp|127.0.0.1|1")) {
            proxy.address();
            assertThat(Files.exists(path)).isTrue();

            proxy.signal("INT");

            assertThat(proxy.exitCode()).isEqualTo(130);
            assertThat(Files.exists(path)).isFalse();
        }
    }
}
