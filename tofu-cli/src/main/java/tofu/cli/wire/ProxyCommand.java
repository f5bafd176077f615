package tofu.cli.wire;

import java.io.IOException;
import java.io.Writer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tofu.api.Address;
import tofu.cli.ExitCode;
import tofu.cli.Failure;
import tofu.cli.Terminal;

/// Stands between two peers, shows what they say, and makes trouble by a schedule.
@Command(
        name = "proxy",
        mixinStandardHelpOptions = true,
        description = {
            "Stands between two peers: passes each byte on as it is, and shows each frame. c>s is"
                    + " what the client has sent, who has connected; s>c what the server has. Ends"
                    + " by Ctrl-C."
        },
        footer = {
            "",
            "A fault is what to do, and conditions, all of which have to hold:",
            "  delay=TIME | throttle=BYTES (a second) | drop | cut[=BYTES] (into the frame)",
            "  ,to=client|server ,from=TIME ,until=TIME (since the connection was made)",
            "  ,frames=N[-[M]] ,every=N (of a direction, from 1 on) ,op=OP_CODE",
            "",
            "Examples:",
            "  tofuctl proxy 'tcp|127.0.0.1|7100' 'tcp|127.0.0.1|7099'",
            "  tofuctl proxy --json LISTEN CONNECT | jq 'select(.event == \"frame\") | .op'",
            "  tofuctl proxy --record talk.jsonl LISTEN CONNECT",
            "  tofuctl proxy --fault delay=50ms --fault drop,to=server,every=10 LISTEN CONNECT",
            "  tofuctl proxy --fault throttle=64k,from=10s --fault cut,from=30s LISTEN CONNECT"
        })
public final class ProxyCommand implements Callable<Integer> {
    /// Before another try to accept.
    private static final long PAUSE_NANOS = 100_000_000;

    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "LISTEN", description = "Where to listen.")
    private Address.@Nullable Server listen;

    @Parameters(index = "1", paramLabel = "CONNECT", description = "Where to connect to.")
    private Address.@Nullable Client connect;

    @Option(names = "--json", description = "Prints an object of JSON for each event.")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "Prints no events.")
    private boolean quiet;

    @Option(
            names = "--preview",
            paramLabel = "N",
            description =
                    "How much of a body is printed: characters, or bytes if it is no text; 64"
                            + " if not said.")
    private int preview = 64;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description = "Records all bytes, for tofuctl replay.")
    private @Nullable Path record;

    @Option(
            names = "--fault",
            paramLabel = "FAULT",
            converter = Fault.Reader.class,
            description = "What is done to which frames, see below; may be given often.")
    private List<Fault> faults = List.of();

    @Option(names = "--once", description = "Ends when the first connection has ended.")
    private boolean once;

    /// Makes the command.
    ///
    /// @param terminal where it prints
    public ProxyCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        Path file = record;
        Address.Server here = RawSocket.plain(Objects.requireNonNull(listen));
        RawSocket.plain(Objects.requireNonNull(connect));
        try (Door door = Door.listen(here);
                Writer writer =
                        file == null ? Writer.nullWriter() : Files.newBufferedWriter(file)) {
            terminal.say("listening on " + door.address());
            Log log = new Log(terminal, format(), preview, file == null ? null : writer);
            CompletableFuture<Void> over = log.failure();
            Thread.startVirtualThread(
                    () ->
                            accept(
                                    door::accept,
                                    (number, client) -> pass(number, client, log, over),
                                    log::trouble));
            over.get();
            return ExitCode.DONE;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private Log.Format format() {
        if (quiet) {
            return Log.Format.NOTHING;
        }
        return json ? Log.Format.JSON : Log.Format.LINES;
    }

    /// Waits for a connection.
    interface Accepting {
        RawSocket next() throws IOException;
    }

    /// Takes connections, one after the other, until the door is closed. Want of descriptors, or
    /// whatever else keeps one from coming, passes; the connections that there are go on.
    ///
    /// @param taker is given each with its number, on a thread of its own
    /// @param trouble is told once why there is none, with the number that it would have
    static void accept(
            Accepting door,
            BiConsumer<Integer, RawSocket> taker,
            BiConsumer<Integer, String> trouble) {
        boolean told = false;
        for (int number = 1; ; ) {
            try {
                RawSocket client = door.next();
                int current = number++;
                told = false;
                Thread.startVirtualThread(() -> taker.accept(current, client));
            } catch (ClosedChannelException e) {
                return; // the proxy ends
            } catch (IOException e) {
                if (!told) {
                    trouble.accept(number, "cannot accept: " + e.getMessage());
                    told = true;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void pass(int number, RawSocket client, Log log, CompletableFuture<Void> over) {
        try {
            RawSocket server = connected(number, client, log, over);
            if (server != null) {
                new Wire(number, faults, log, client, server).run();
                if (once) {
                    over.complete(null);
                }
            }
        } catch (IOException e) {
            log.trouble(number, "cannot close: " + e.getMessage());
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    /// Connects to the other side; if that fails, the client's connection breaks.
    private @Nullable RawSocket connected(
            int number, RawSocket client, Log log, CompletableFuture<Void> over)
            throws IOException {
        try {
            return RawSocket.connect(Objects.requireNonNull(connect));
        } catch (Failure e) {
            log.trouble(number, "" + e.getMessage());
            client.reset();
            if (once) {
                over.completeExceptionally(e);
            }
            return null;
        }
    }
}
