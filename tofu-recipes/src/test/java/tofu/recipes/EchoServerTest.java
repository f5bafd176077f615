package tofu.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.fixtures.TestAddresses;
import tofu.recipes.first.Steps;

@Timeout(120)
class EchoServerTest {
    private static final String LISTENING = "listening on ";
    private static final String ANY_PORT = "tcp|127.0.0.1|0";
    private static final int LARGE = 60_000;

    /// So often in a row, each time after another peer was served, before a peer counts as stopped.
    private static final int PATIENT_REFUSALS = 2_000;

    private static final long GIGABYTE = 1L << 30;

    /// Until then all memory that is ever needed was used once.
    private static final int WARM_ROUNDS = 5;

    private static final long MEMORY_NOISE_KILOBYTES = 32_768;

    /// How many answers one rate is of.
    private static final int MEASURED = 2_000;

    /// Of the rate without it, beside a peer that does not read: what is held up is far below.
    private static final double LEAST_RATIO = 0.5;

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "uds"})
    void everythingComesBackAsItWasSent(String transport) throws Exception {
        RunningRecipe server = start(addressOf(transport));
        String address = server.awaitLine(LISTENING);
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            int channel = Steps.connect(ampe, group, Address.connectTo(address));
            for (OpCode opCode : new OpCode[] {OpCode.REQUEST, OpCode.SIGNAL}) {
                try (Message message = ampe.get()) {
                    message.opCode(opCode).channel(channel).id(77).more(true);
                    message.headers().append("colour", "white").append("taste", "none");
                    message.body().append("tofu");
                    group.enqueueToPeer(message);
                }
                try (Message echo = Steps.receive(group, opCode.echo())) {
                    assertThat(echo.channel()).isEqualTo(channel);
                    assertThat(echo.id()).isEqualTo(77);
                    assertThat(echo.more()).isTrue();
                    assertThat(echo.headers().toMap())
                            .containsEntry("colour", "white")
                            .containsEntry("taste", "none")
                            .hasSize(2);
                    assertThat(echo.body().text()).isEqualTo("tofu");
                }
            }
            Steps.bye(ampe, group, channel);
            assertThat(server.awaitLine("channel ")).endsWith("connected");
            assertThat(server.awaitLine("channel ")).endsWith("ended: 2 messages, 8 bytes");
        }
        quit(server, address);
    }

    @Test
    void keysAreMadeForWhoeverWantsTls(@TempDir Path folder) throws Exception {
        String[] tls = {"--tls", folder.resolve("keys").toString()};
        RunningRecipe server = start(tls[0], tls[1], "tls|127.0.0.1|0", ANY_PORT);
        List<String> addresses = // in the order in which they were opened, which is any
                Stream.of(server.awaitLine(LISTENING), server.awaitLine(LISTENING))
                        .sorted()
                        .toList();
        String plain = addresses.getFirst();
        String address = addresses.getLast();
        assertThat(plain).startsWith("tcp|");
        assertThat(address).startsWith("tls|");
        RunningRecipe client =
                RunningRecipe.start(EchoClient::run, tls[0], tls[1], address, "500", "1000");
        assertThat(client.exitCode()).as(client.errors()).isZero();
        RunningRecipe stranger = RunningRecipe.start(EchoClient::run, address, "1", "1");
        assertThat(stranger.exitCode()).isEqualTo(1);
        quit(server, plain);
        assertThat(server.output())
                .last()
                .isEqualTo("2 connections, 501 messages and 500,000 bytes echoed");
    }

    @Test
    void oneServerListensOnSeveralAddressesAtOnce() throws Exception {
        String path = TestAddresses.temporaryUdsPath();
        RunningRecipe server = start(ANY_PORT, "uds|" + path, ANY_PORT);
        for (int i = 0; i < 3; i++) {
            String address = server.awaitLine(LISTENING);
            RunningRecipe client = RunningRecipe.start(EchoClient::run, address, "10", "100");
            assertThat(client.exitCode()).as(client.errors()).isZero();
            if (i == 2) {
                quit(server, address);
            }
        }
        assertThat(server.output())
                .last()
                .isEqualTo("4 connections, 31 messages and 3,000 bytes echoed");
        assertThat(Path.of(path)).doesNotExist();
    }

    /// It sends until nobody takes any more, then reads: what is on its way is bounded by the
    /// queues and windows of both sides and by the system's buffers, however long it goes on.
    @ParameterizedTest
    @ValueSource(strings = {"tcp", "uds"})
    void aPeerThatDoesNotReadIsSlowedDownAndGetsAllItsAnswersOnceItDoes(String transport)
            throws Exception {
        RunningRecipe server = start(addressOf(transport));
        Address.Client address = Address.connectTo(server.awaitLine(LISTENING));
        try (Ampe ampe = Ampe.open();
                ChannelGroup greedy = ampe.create();
                ChannelGroup modest = ampe.create()) {
            int greedyChannel = Steps.connect(ampe, greedy, address);
            int modestChannel = Steps.connect(ampe, modest, address);
            int sent = 0;
            for (int refused = 0; refused < PATIENT_REFUSALS; ) {
                if (offer(ampe, greedy, greedyChannel, sent + 1L)) {
                    sent++;
                    refused = 0;
                } else {
                    refused++;
                }
                ask(ampe, modest, modestChannel, 10);
                Steps.receive(modest, OpCode.RESPONSE).close();
            }
            assertThat((long) sent * LARGE).isLessThan(64 << 20);

            for (int id = 1; id <= sent; id++) {
                try (Message answer = Steps.receive(greedy, OpCode.RESPONSE)) {
                    assertThat(answer.id()).isEqualTo(id);
                    assertThat(answer.body().length()).isEqualTo(LARGE);
                }
            }
            ask(ampe, greedy, greedyChannel, 10);
            Steps.receive(greedy, OpCode.RESPONSE).close();
            Steps.bye(ampe, greedy, greedyChannel);
            Steps.bye(ampe, modest, modestChannel);
        }
        quit(server, address.toString());
    }

    /// Again and again it sends until nobody takes any more, and reads only then; beside it
    /// somebody asks and is answered, as before.
    @ParameterizedTest
    @ValueSource(strings = {"tcp", "uds"})
    @Tag("long")
    @Timeout(900)
    void aGigabyteOfAPeerThatDoesNotReadCostsNoMemoryAndNobodyElse(String transport)
            throws Exception {
        Process server = ofItsOwn(addressOf(transport));
        try (BufferedReader lines = server.inputReader();
                Ampe ampe = Ampe.open();
                ChannelGroup greedy = ampe.create();
                ChannelGroup modest = ampe.create()) {
            Address.Client address =
                    Address.connectTo(lines.readLine().substring(LISTENING.length()));
            int greedyChannel = Steps.connect(ampe, greedy, address);
            int modestChannel = Steps.connect(ampe, modest, address);
            answers(ampe, modest, modestChannel, 20_000); // warm
            List<Double> ratios = new ArrayList<>();
            long warmKilobytes = 0;
            int rounds = 0;
            int sent = 0;
            int read = 0;
            while ((long) sent * LARGE < GIGABYTE) {
                for (int refused = 0; refused < PATIENT_REFUSALS; ) {
                    boolean taken = offer(ampe, greedy, greedyChannel, sent + 1L);
                    sent += taken ? 1 : 0;
                    refused = taken ? 0 : refused + 1;
                    answers(ampe, modest, modestChannel, 1);
                }
                double beside = answers(ampe, modest, modestChannel, MEASURED);
                rounds++;
                if (rounds == WARM_ROUNDS) {
                    warmKilobytes = residentKilobytes(server);
                }
                for (; read < sent; read++) {
                    try (Message answer = Steps.receive(greedy, OpCode.RESPONSE)) {
                        assertThat(answer.id()).isEqualTo(read + 1L);
                        assertThat(answer.body().length()).isEqualTo(LARGE);
                    }
                }
                // At once, as a machine that has much else to do is as fast as itself only then.
                ratios.add(beside / answers(ampe, modest, modestChannel, MEASURED));
            }
            long kilobytes = residentKilobytes(server);
            double ratio = ratios.stream().sorted().toList().get(ratios.size() / 2);
            System.out.printf(
                    Locale.ROOT,
                    "EchoServer, %s: 1 GB in %,d rounds of %,d KB; %,d KB of memory after %d"
                            + " rounds, %,d KB at the end; beside it %.2f of the answers/s as"
                            + " without, in the median round%n",
                    transport,
                    rounds,
                    (long) sent * LARGE / rounds / 1_000,
                    warmKilobytes,
                    WARM_ROUNDS,
                    kilobytes,
                    ratio);
            assertThat(rounds).as("it was slowed down").isGreaterThan(2 * WARM_ROUNDS);
            assertThat(kilobytes).isLessThan(warmKilobytes + MEMORY_NOISE_KILOBYTES);
            assertThat(ratio)
                    .as("median of the rate beside it to that without")
                    .isGreaterThan(LEAST_RATIO);
        } finally {
            server.destroyForcibly();
        }
    }

    /// A server in a process of its own, so that its memory is nobody else's.
    private static Process ofItsOwn(String address) throws IOException {
        String modulePath = System.getProperty("jdk.module.path");
        String path = modulePath == null ? System.getProperty("java.class.path") : modulePath;
        List<String> command =
                List.of(
                        DemoProcess.sameJava().getFirst(),
                        "-Xmx64m",
                        "-cp",
                        path,
                        EchoServer.class.getName(),
                        address);
        return new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    }

    /// Asks one after the other.
    ///
    /// @return how many are answered in a second
    private static double answers(Ampe ampe, ChannelGroup group, int channel, int count)
            throws InterruptedException {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            ask(ampe, group, channel, 10);
            Steps.receive(group, OpCode.RESPONSE).close();
        }
        return count * 1e9 / (System.nanoTime() - start);
    }

    /// Memory of a process, as Linux has it.
    private static long residentKilobytes(Process process) throws IOException {
        Path status = Path.of("/proc/" + process.pid() + "/status");
        assumeTrue(Files.isReadable(status), "needs Linux");
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }

    private static boolean offer(Ampe ampe, ChannelGroup group, int channel, long id) {
        try (Message request = ampe.get()) {
            request.opCode(OpCode.REQUEST).channel(channel).id(id);
            request.body().append(new byte[LARGE]);
            return group.offerToPeer(request);
        }
    }

    @Test
    void noPeerEndsAServerThatWasNotToldToAllowIt() throws Exception {
        Process server = ofItsOwn(ANY_PORT);
        try (BufferedReader lines = server.inputReader();
                Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            Address.Client address =
                    Address.connectTo(lines.readLine().substring(LISTENING.length()));
            int channel = Steps.connect(ampe, group, address);
            sayQuit(ampe, group, channel);
            ask(ampe, group, channel, 10);
            Steps.receive(group, OpCode.RESPONSE).close();
            Steps.bye(ampe, group, channel);
            Steps.bye(ampe, group, Steps.connect(ampe, group, address));
        } finally {
            server.destroyForcibly();
        }
    }

    @Test
    void badArgumentsAreExplained() throws Exception {
        assertUsage("an address is needed");
        assertUsage("an address is needed", "--quit");
        assertUsage("sctp|localhost", "sctp|localhost");
        assertUsage("70000", "tcp|127.0.0.1|70000");
        assertUsage("not absolute", "tcp|127.0.0.1|0", "uds|relative");
    }

    @Test
    void anAddressThatCannotBeListenedOnEndsTheServer() throws Exception {
        String path = TestAddresses.temporaryUdsPath() + "/no-such-folder";
        RunningRecipe server = RunningRecipe.start(EchoServer::run, ANY_PORT, "uds|" + path);
        assertThat(server.exitCode()).isEqualTo(1);
        assertThat(server.errors()).startsWith("EchoServer: cannot listen on uds|" + path + ": ");
    }

    @Test
    void anAddressInUseEndsTheServer() throws Exception {
        RunningRecipe first = start(ANY_PORT);
        String address = first.awaitLine(LISTENING);
        RunningRecipe second = RunningRecipe.start(EchoServer::run, address);
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.errors())
                .isEqualTo("EchoServer: cannot listen on %s: ADDRESS_IN_USE%n", address);
        quit(first, address);
    }

    private static void assertUsage(String reason, String... args) throws InterruptedException {
        RunningRecipe server = RunningRecipe.start(EchoServer::run, args);
        assertThat(server.exitCode()).isEqualTo(2);
        assertThat(server.errors()).contains(reason).contains("usage: EchoServer [--quit] ADDRESS");
        assertThat(server.output()).isEmpty();
    }

    static String addressOf(String transport) {
        return transport.equals("uds") ? "uds|" + TestAddresses.temporaryUdsPath() : ANY_PORT;
    }

    /// Starts a server that [#quit(RunningRecipe, String)] ends.
    static RunningRecipe start(String... args) {
        return RunningRecipe.start(
                EchoServer::run,
                Stream.concat(Stream.of("--quit"), Stream.of(args)).toArray(String[]::new));
    }

    /// Sends the signal that ends a server, and waits for its end.
    static void quit(RunningRecipe server, String address) throws Exception {
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            sayQuit(ampe, group, Steps.connect(ampe, group, Address.connectTo(address)));
        }
        assertThat(server.exitCode()).as(server.errors()).isZero();
        assertThat(server.errors()).isEmpty();
    }

    private static void sayQuit(Ampe ampe, ChannelGroup group, int channel)
            throws InterruptedException {
        try (Message signal = ampe.get()) {
            signal.opCode(OpCode.SIGNAL).channel(channel).headers().append("quit", "now");
            group.enqueueToPeer(signal);
        }
        Steps.receive(group, OpCode.SIGNAL).close();
    }

    private static void ask(Ampe ampe, ChannelGroup group, int channel, int size)
            throws InterruptedException {
        try (Message request = ampe.get()) {
            request.opCode(OpCode.REQUEST).channel(channel).body().append(new byte[size]);
            group.enqueueToPeer(request, Steps.PATIENCE);
        }
    }
}
