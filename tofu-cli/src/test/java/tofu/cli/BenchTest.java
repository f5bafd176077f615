package tofu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tofu.api.Address;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.fixtures.TestAddresses;
import tofu.kit.Dispatcher;
import tofu.kit.Peer;
import tofu.kit.Server;
import tofu.kit.Session;

/// `bench` against `echo`: what it writes, not how fast anything is.
class BenchTest {
    private static final Pattern DATA =
            Pattern.compile("<script id=\"data\" type=\"application/json\">(.*?)</script>");

    @Test
    void allReportsHaveAllResults(@TempDir Path folder) throws Exception {
        Path csv = folder.resolve("r.csv");
        Path json = folder.resolve("r.json");
        Path html = folder.resolve("r.html");
        try (Run echo = Run.start("echo", "-q", "uds|" + TestAddresses.temporaryUdsPath());
                Run bench =
                        Run.toEnd(
                                "bench",
                                "--duration",
                                "120ms",
                                "--warm-up",
                                "30ms",
                                "--size",
                                "0,1k",
                                "--connections",
                                "1,3",
                                "--window",
                                "8",
                                "--csv",
                                "" + csv,
                                "--json",
                                "" + json,
                                "--html",
                                "" + html,
                                echo.address())) {
            assertThat(bench.exitCode()).as(bench.toString()).isZero();
            assertThat(bench.out().lines().count()).isEqualTo(1 + 12);
            assertThat(bench.out()).doesNotContain("\u001b", "\r");

            checkCsv(csv);
            Map<String, Object> report = JSON.std.mapFrom(Files.readString(json));
            assertThat(report).containsEntry("address", echo.address());
            checkHtml(Files.readString(html), report);
        }
    }

    private static List<NamedCsvRecord> rows(Path csv) throws Exception {
        try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(csv);
                Stream<NamedCsvRecord> all = reader.stream()) {
            return all.toList();
        }
    }

    private static void checkCsv(Path csv) throws Exception {
        List<NamedCsvRecord> rows = rows(csv);
        assertThat(rows).hasSize(12);
        assertThat(rows.stream().map(row -> row.getField("mode")).distinct())
                .containsExactly("one-way", "echo", "ping-pong");
        for (NamedCsvRecord row : rows) {
            assertThat(Long.parseLong(row.getField("messages"))).isPositive();
            double rate = Double.parseDouble(row.getField("messages_per_second"));
            double seconds = Double.parseDouble(row.getField("seconds"));
            assertThat(rate * seconds)
                    .isCloseTo(
                            Double.parseDouble(row.getField("messages")),
                            org.assertj.core.data.Percentage.withPercentage(2));
            if (row.getField("mode").equals("one-way")) {
                assertThat(row.getField("p50_us")).isEmpty();
            } else {
                double p50 = Double.parseDouble(row.getField("p50_us"));
                assertThat(p50).isPositive();
                assertThat(p50).isLessThanOrEqualTo(Double.parseDouble(row.getField("max_us")));
            }
        }
    }

    /// It has its data, and needs nothing from anywhere.
    private static void checkHtml(String page, Map<String, Object> report) throws Exception {
        Matcher data = DATA.matcher(page);
        assertThat(data.find()).isTrue();
        assertThat(JSON.std.mapFrom(data.group(1))).isEqualTo(report);
        assertThat(page)
                .doesNotContainPattern("(?i)(src|href)\\s*=")
                .doesNotContainPattern("(?i)url\\(|@import|fetch\\(|XMLHttpRequest|import\\(")
                .doesNotContain("/*data*/", "/*uplot.");
        String withoutNamespace = page.replace("http://www.w3.org/2000/svg", "");
        assertThat(withoutNamespace.replaceAll("(?s)/\\*!.*?\\*/", ""))
                .doesNotContainPattern("https?://");
        assertThat(page).contains("Copyright (c) 2022 Leon Sorokin", "prefers-color-scheme: dark");
    }

    private static String serve(Station station, Function<Peer, Session> session) throws Failure {
        Server server =
                Server.builder(station.dispatcher())
                        .listenOn(new Address.UdsServer(TestAddresses.temporaryUdsPath()))
                        .sessions((peer, hello) -> session.apply(peer))
                        .start();
        return EchoCommand.listening(server).getFirst().toString();
    }

    /// The second answer takes longer than the whole measurement.
    @Test
    @Tag("long")
    void theSlowestRoundTripCountsThoughItEndsLate(@TempDir Path folder) throws Exception {
        Path csv = folder.resolve("r.csv");
        AtomicInteger asked = new AtomicInteger();
        try (Station station = Station.open(Options.defaults())) {
            Dispatcher dispatcher = station.dispatcher();
            String address =
                    serve(
                            station,
                            peer ->
                                    request -> {
                                        if (asked.incrementAndGet() == 2) {
                                            long id = request.id();
                                            dispatcher.after(
                                                    Duration.ofSeconds(2), () -> answer(peer, id));
                                        } else {
                                            peer.answer(request);
                                        }
                                    });
            try (Run bench =
                    Run.toEnd(
                            "bench",
                            "-m",
                            "ping-pong",
                            "-s",
                            "0",
                            "-d",
                            "500ms",
                            "--warm-up",
                            "0s",
                            "--csv",
                            "" + csv,
                            address)) {
                assertThat(bench.exitCode()).as(bench.toString()).isZero();
            }
        }
        NamedCsvRecord row = rows(csv).getFirst();
        assertThat(row.getField("messages")).isEqualTo("1");
        assertThat(Double.parseDouble(row.getField("seconds"))).isEqualTo(0.5);
        assertThat(Double.parseDouble(row.getField("max_us"))).isGreaterThanOrEqualTo(2_000_000);
    }

    private static void answer(Peer peer, long id) {
        try (Message response = peer.message()) {
            peer.send(response.opCode(OpCode.RESPONSE).id(id));
        }
    }

    @Test
    @Tag("long")
    void aWindowOfLargeRequestsIsNotCutOff() throws Exception {
        try (Run echo = Run.start("echo", "uds|" + TestAddresses.temporaryUdsPath());
                Run bench =
                        Run.toEnd(
                                "bench",
                                "-m",
                                "echo",
                                "-w",
                                "1000",
                                "-s",
                                "16k,65535",
                                "-d",
                                "200ms",
                                "--warm-up",
                                "0s",
                                echo.address())) {
            assertThat(bench.exitCode()).as(bench + "\n" + echo).isZero();
        }
    }

    /// So that a slow link has something to say, however much is on its way.
    @Test
    @Tag("long")
    void signalsAreNeverManyWithoutAMark() throws Exception {
        List<Integer> between = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger signals = new AtomicInteger();
        try (Station station = Station.open(Options.defaults())) {
            String address =
                    serve(
                            station,
                            peer ->
                                    message -> {
                                        if (message.opCode() == OpCode.SIGNAL) {
                                            signals.incrementAndGet();
                                        } else {
                                            between.add(signals.getAndSet(0));
                                            peer.answer(message);
                                        }
                                    });
            try (Run bench =
                    Run.toEnd(
                            "bench",
                            "-m",
                            "one-way",
                            "-s",
                            "4k",
                            "-d",
                            "200ms",
                            "--warm-up",
                            "0s",
                            address)) {
                assertThat(bench.exitCode()).as(bench.toString()).isZero();
            }
        }
        assertThat(between.getFirst()).isEqualTo(1);
        assertThat(between).allMatch(count -> count <= 64);
    }

    @Test
    @Tag("long")
    void aServerThatDoesNotAnswerIsAnError() throws Exception {
        int port = TestAddresses.refusingTcpPort();
        try (Run bench = Run.toEnd("bench", "tcp|127.0.0.1|" + port)) {
            assertThat(bench.exitCode()).isEqualTo(3);
            assertThat(bench.err())
                    .isEqualTo(
                            "tofuctl bench: cannot connect to tcp|127.0.0.1|"
                                    + port
                                    + ": CONNECT_FAILED\n");
        }
    }

    @Test
    @Tag("long")
    void theEndOfTheServerIsAnError() throws Exception {
        try (Run server = Run.start("cat", "--listen", "tcp|127.0.0.1|0");
                Run bench = Run.start("bench", "-m", "ping-pong", "-d", "10m", server.address())) {
            server.awaitOut(text -> !text.isEmpty()); // the first request

            server.signal("KILL");

            assertThat(bench.exitCode()).isEqualTo(4);
            assertThat(bench.err()).startsWith("tofuctl bench: the connection");
        }
    }
}
