package tofu.cli.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tofu.api.Address;
import tofu.cli.Content;
import tofu.cli.ExitCode;
import tofu.cli.Failure;
import tofu.cli.Quantities;
import tofu.cli.Terminal;

/// Plays one side of what the proxy has recorded, and says where the other side does something
/// else than it did then.
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Plays one side of a connection that tofuctl proxy has recorded: sends what that side"
                    + " has sent, byte by byte, each after all that had come before. Says where the"
                    + " other side does something else than then: exit code 1. Channel numbers,"
                    + " the address of a hello, and the ids of hellos and byes do not count."
        },
        footer = {
            "",
            "Examples:",
            "  tofuctl replay talk.jsonl 'tcp|127.0.0.1|7099'",
            "  tofuctl replay --side server talk.jsonl 'tcp|127.0.0.1|7100'"
        })
public final class ReplayCommand implements Callable<Integer> {
    private final Terminal terminal;
    private int played;
    private int received;
    private int different;

    @Parameters(index = "0", paramLabel = "FILE", description = "What the proxy has recorded.")
    private @Nullable Path file;

    @Parameters(
            index = "1",
            paramLabel = "ADDRESS",
            description = "Where to connect to; for the server's side, where to listen.")
    private String address = "";

    @Option(
            names = "--side",
            paramLabel = "SIDE",
            description = "client or server; client if not said.")
    private Side side = Side.CLIENT;

    @Option(
            names = "--connection",
            paramLabel = "N",
            description = "Which one of the recording, from 1 on; 1 if not said.")
    private int connection = 1;

    @Option(names = "--timed", description = "Takes as much time as was taken then.")
    private boolean timed;

    @Option(
            names = {"-W", "--timeout"},
            paramLabel = "TIME",
            description = "How long to wait for what the other side did then; 10s if not said.")
    private Duration timeout = Duration.ofSeconds(10);

    @Option(
            names = {"-q", "--quiet"},
            description = "Prints only what is different.")
    private boolean quiet;

    /// Makes the command.
    ///
    /// @param terminal where it prints
    public ReplayCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Failure, IOException, InterruptedException {
        if (side == Side.CLIENT) {
            Address.Client there = RawSocket.plain(Quantities.client(address));
            List<Step> steps = steps();
            try (RawSocket socket = RawSocket.connect(there)) {
                play(steps, socket);
            }
        } else {
            Address.Server here = RawSocket.plain(Quantities.server(address));
            List<Step> steps = steps();
            try (Door door = Door.listen(here)) {
                terminal.say("listening on " + door.address());
                try (RawSocket socket = accept(door::accept)) {
                    play(steps, socket);
                }
            }
        }
        terminal.println(
                played + " frames played, " + received + " received, " + different + " different");
        return different == 0 ? ExitCode.DONE : ExitCode.NO;
    }

    private List<Step> steps() throws Failure, IOException {
        return Step.read(Objects.requireNonNull(file), connection);
    }

    /// Waits on another thread, since an interrupt would close the door before its file is removed.
    ///
    /// @param door waits for a connection
    static RawSocket accept(Callable<RawSocket> door) throws IOException, InterruptedException {
        FutureTask<RawSocket> accepted = new FutureTask<>(door); // whatever is thrown ends the wait
        Thread.startVirtualThread(accepted);
        try {
            return accepted.get();
        } catch (ExecutionException e) {
            throw new IOException("cannot accept: " + e.getCause(), e);
        }
    }

    private void play(List<Step> steps, RawSocket socket) throws IOException, InterruptedException {
        Arrivals arrivals = new Arrivals(socket);
        long startNanos = System.nanoTime();
        double startSeconds = steps.getFirst().seconds();
        for (Step step : steps) {
            if (step.sender() == side) {
                if (timed) {
                    long dueNanos = (long) ((step.seconds() - startSeconds) * 1e9);
                    waitUntil(startNanos + dueNanos);
                }
                if (!send(step, socket)) {
                    return;
                }
            } else if (!expect(step, arrivals, socket)) {
                return;
            }
        }
    }

    private static void waitUntil(long nanos) throws InterruptedException {
        for (long rest = nanos - System.nanoTime(); rest > 0; rest = nanos - System.nanoTime()) {
            LockSupport.parkNanos(rest);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /// Does what our side did.
    ///
    /// @return false if nothing can follow
    private boolean send(Step step, RawSocket socket) throws IOException {
        byte[] bytes = step.bytes();
        try {
            socket.write(ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            differs(side, "cannot be sent: the other side is gone");
            return false;
        }
        End end = step.end();
        if (end == null) {
            played++;
            say(side, Content.ofFrame(bytes).line(0));
        } else if (end == End.FIN) {
            say(side, "closed");
            socket.finish();
        } else {
            say(side, "reset");
            socket.reset();
            return false;
        }
        return true;
    }

    /// Waits for what the other side did.
    ///
    /// @return false if nothing can follow
    private boolean expect(Step step, Arrivals arrivals, RawSocket socket)
            throws IOException, InterruptedException {
        Side other = side.other();
        Arrivals.Arrival arrival = arrivals.next(timeout);
        if (arrival == null) {
            differs(other, "nothing within " + timeout.toMillis() + " ms, then " + said(step));
            return false;
        }
        End then = step.end();
        End now = arrival.end();
        String is = now == null ? Content.ofFrame(arrival.bytes()).line(0) : "" + now;
        received += now == null ? 1 : 0;
        boolean same;
        if (then == End.CUT) {
            same = now == null && Frame.beginsAs(step.bytes(), arrival.bytes());
        } else if (then == null && now == null) {
            same = Content.ofFrame(arrival.bytes()).saysTheSameAs(Content.ofFrame(step.bytes()));
        } else {
            same = then == now && sameRest(step.bytes(), arrival.bytes());
        }
        if (same) {
            say(other, then == End.CUT ? is + ", cut" : is);
        } else {
            differs(other, is + ", then " + said(step));
        }
        if (then == End.CUT) {
            socket.reset(); // as the proxy did
            return false;
        }
        return now == null;
    }

    /// Compares the beginnings of frames, but for the number of the channel.
    private static boolean sameRest(byte[] then, byte[] now) {
        int id = Math.min(Short.BYTES, Math.min(then.length, now.length));
        return then.length == now.length
                && Arrays.equals(then, id, then.length, now, id, now.length);
    }

    private static String said(Step step) {
        return step.end() == null ? Content.ofFrame(step.bytes()).line(0) : "" + step.end();
    }

    private void say(Side sender, String line) {
        if (!quiet) {
            terminal.println(terminal.in(sender.colour(), sender.arrow()) + " " + line);
        }
    }

    private void differs(Side sender, String line) {
        different++;
        terminal.println(
                terminal.in(sender.colour(), sender.arrow())
                        + " "
                        + terminal.in(Terminal.Colour.RED, "different: " + line));
    }
}
