package tofu.cli;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Body;
import tofu.api.Message;
import tofu.api.Status;
import tofu.kit.RequestException;
import tofu.kit.Requester;

/// Asks a server again and again, and says how long each answer took.
@Command(
        name = "ping",
        mixinStandardHelpOptions = true,
        description = {
            "Sends requests to a server that answers them, as tofuctl echo does, and says how long"
                    + " each answer took. Exit code 1 if none was answered."
        },
        footer = {
            "",
            "Examples:",
            "  tofuctl ping 'tcp|127.0.0.1|7099'",
            "  tofuctl ping -c 1000 -i 1ms -q 'uds|/tmp/echo.sock'",
            "  tofuctl ping --tls-trust authorities.pem 'tls|server.example|7443'"
        })
final class PingCommand implements Callable<Integer> {
    private static final int DIGITS = 3;

    private final Terminal terminal;
    private int sent;

    // Guarded by this.
    private final Histogram times = new Histogram(DIGITS);
    private long lost;
    private boolean over;

    @Parameters(paramLabel = "ADDRESS", description = "Where to connect to.")
    private Address.@Nullable Client address;

    @Option(
            names = {"-c", "--count"},
            paramLabel = "N",
            description = "Ends after so many; without it, by Ctrl-C.")
    private int count = Integer.MAX_VALUE;

    @Option(
            names = {"-i", "--interval"},
            paramLabel = "TIME",
            description = "From one to the next, 1s if not said.")
    private Duration interval = Duration.ofSeconds(1);

    @Option(
            names = {"-s", "--size"},
            paramLabel = "BYTES",
            converter = Quantities.Bytes.class,
            description = "Of each body, 0 to 65535; 56 if not said.")
    private long size = 56;

    @Option(
            names = {"-W", "--timeout"},
            paramLabel = "TIME",
            description = "How long to wait for an answer, 10s if not said.")
    private Duration timeout = Duration.ofSeconds(10);

    @Option(
            names = {"-q", "--quiet"},
            description = "No line for each answer.")
    private boolean quiet;

    @Mixin private final TlsOptions tls = new TlsOptions();

    PingCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Failure, InterruptedException {
        if (size > Body.MAX_LENGTH || count < 1) {
            throw new Failure(
                    ExitCode.USAGE,
                    "--size is 0 to "
                            + Body.MAX_LENGTH
                            + ", --count at least 1; are "
                            + size
                            + " and "
                            + count);
        }
        Address.Client there = Objects.requireNonNull(address);
        try (Station station = Station.open(tls.of(List.of(there)))) {
            Link link = Link.to(station.dispatcher(), there, hello -> {}, message -> {});
            terminal.println("PING " + there + ": " + size + " bytes of body");
            long answered;
            try {
                ping(station, link);
                link.bye();
            } finally {
                answered = summary(there);
            }
            return answered > 0 ? ExitCode.DONE : ExitCode.NO;
        }
    }

    private void ping(Station station, Link link) throws Failure, InterruptedException {
        Requester requester = new Requester(station.dispatcher());
        byte[] body = new byte[(int) size];
        CompletableFuture<?> last = CompletableFuture.completedFuture(null);
        long nextNanos = System.nanoTime();
        while (sent < count && !last.isCompletedExceptionally()) {
            waitUntil(link, nextNanos);
            nextNanos += interval.toNanos();
            int sequence = ++sent;
            last = CompletableFuture.allOf(last, ask(requester, link, body, sequence));
        }
        try {
            last.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof UncheckedIOException output
                    ? output
                    : new IllegalStateException(e.getCause());
        }
    }

    /// Waits for a time; the end of the connection ends the wait.
    private static void waitUntil(Link link, long nanos) throws Failure, InterruptedException {
        try {
            long restNanos = Math.max(0, nanos - System.nanoTime());
            Status reason = link.ended().get(restNanos, TimeUnit.NANOSECONDS);
            throw link.broken(reason);
        } catch (TimeoutException e) {
            return; // it is still there
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private CompletableFuture<?> ask(Requester requester, Link link, byte[] body, int sequence)
            throws Failure {
        try (Message request = link.message()) {
            request.body().append(body);
            long startNanos = System.nanoTime();
            return requester
                    .ask(link.channel(), request, timeout)
                    .handle((answer, failure) -> heard(sequence, startNanos, answer, failure));
        } catch (RequestException e) {
            return notSent(sequence, e);
        } catch (AmpeException e) {
            if (e.channelEnded()) {
                throw link.broken(link.ended().getNow(e.status()));
            }
            return notSent(sequence, e);
        }
    }

    private CompletableFuture<?> notSent(int sequence, RuntimeException why) {
        heard(sequence, 0, null, why);
        return CompletableFuture.completedFuture(null);
    }

    /// One has been answered, or never will be; after the summary nothing counts.
    private synchronized @Nullable Void heard(
            int sequence, long startNanos, @Nullable Message answer, @Nullable Throwable failure) {
        long nanos = System.nanoTime() - startNanos;
        try (answer) {
            if (over) {
                return null;
            }
            if (answer == null) {
                lost++;
                terminal.println("seq=" + sequence + " not answered: " + reason(failure));
                return null;
            }
            times.recordValue(nanos);
            if (!quiet) {
                String length = answer.body().length() + " bytes: ";
                terminal.println(length + "seq=" + sequence + " time=" + Quantities.time(nanos));
            }
        }
        terminal.live(figures());
        return null;
    }

    private static String reason(@Nullable Throwable failure) {
        if (failure instanceof RequestException e) {
            return e.reason().toString();
        }
        String message = failure == null ? null : failure.getMessage();
        return message == null ? "" + failure : message;
    }

    private synchronized String figures() {
        return String.format(
                Locale.ROOT,
                "%,d answered, min/avg/p99/max = %s / %s / %s / %s",
                times.getTotalCount(),
                Quantities.time(times.getMinNonZeroValue()),
                Quantities.time(Math.round(times.getMean())),
                Quantities.time(times.getValueAtPercentile(99)),
                Quantities.time(times.getMaxValue()));
    }

    /// @return how many were answered
    private synchronized long summary(Address.Client there) {
        over = true;
        long answered = times.getTotalCount();
        long underWay = sent - answered - lost;
        double percent = lost == 0 ? 0 : 100.0 * lost / (answered + lost);
        terminal.live("");
        terminal.println("--- " + there + " ---");
        terminal.println(
                String.format(
                                Locale.ROOT,
                                "%,d sent, %,d answered, %.1f %% lost",
                                sent,
                                answered,
                                percent)
                        + (underWay > 0 ? ", " + underWay + " under way" : ""));
        if (answered > 0) {
            terminal.println(figures());
        }
        return answered;
    }
}
