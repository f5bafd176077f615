package tofu.cli;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.LongAdder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.kit.Peer;
import tofu.kit.Server;
import tofu.kit.Session;

/// Listens, and answers each request with what it was sent.
@Command(
        name = "echo",
        mixinStandardHelpOptions = true,
        description = {
            "Listens, and answers each request with what it was sent. Signals are taken, and not"
                    + " answered. Ends by Ctrl-C."
        },
        footer = {
            "",
            "Examples:",
            "  tofuctl echo 'tcp|127.0.0.1|7099' 'uds|/tmp/echo.sock'",
            "  tofuctl echo --signals 'tcp||0'   # all interfaces, a port that the system chooses",
            "  tofuctl echo --tls-cert chain.pem --tls-key key.pem 'tls||7443'"
        })
final class EchoCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final LongAdder messages = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder connections = new LongAdder();

    @Parameters(
            arity = "1..*",
            paramLabel = "ADDRESS",
            description = "Where to listen; port 0 lets the system choose.")
    private List<Address.Server> addresses = List.of();

    @Option(names = "--signals", description = "Sends signals back, too.")
    private boolean signals;

    @Option(
            names = {"-q", "--quiet"},
            description = "Says where it listens, and nothing else.")
    private boolean quiet;

    @Mixin private final TlsOptions tls = new TlsOptions();

    EchoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Failure, InterruptedException {
        try (Station station = Station.open(tls.of(addresses))) {
            Server.Builder builder = Server.builder(station.dispatcher());
            addresses.forEach(builder::listenOn);
            Server server = builder.sessions((peer, hello) -> session(peer)).start();
            for (Address.Client address : listening(server)) {
                terminal.println("listening on " + address);
            }
            serve(station);
            throw new Failure(ExitCode.BUG, "the engine has ended");
        }
    }

    private void serve(Station station) throws InterruptedException {
        try {
            station.dispatcher().awaitEnd();
        } finally {
            say(
                    String.format(
                            Locale.ROOT,
                            "%,d connections, %,d messages, %,d bytes",
                            connections.sum(),
                            messages.sum(),
                            bytes.sum()));
        }
    }

    static List<Address.Client> listening(Server server) throws Failure {
        try {
            return server.listening().join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            String why = cause instanceof AmpeException a ? Station.reason(a.status()) : "" + cause;
            throw new Failure(ExitCode.UNREACHABLE, "cannot listen: " + why);
        }
    }

    private Session session(Peer peer) {
        connections.increment();
        say("channel " + peer.channel() + " connected");
        return new Session() {
            @Override
            public void onMessage(Message message) {
                messages.increment();
                bytes.add(message.body().length());
                boolean answered =
                        message.opCode() == OpCode.REQUEST
                                || (signals && message.opCode() == OpCode.SIGNAL);
                if (answered && !peer.answer(message)) {
                    say("channel " + peer.channel() + " is cut off: it does not read its answers");
                }
            }

            @Override
            public void onEnd(Status reason) {
                if (reason != Status.SHUTDOWN_STARTED) {
                    say("channel " + peer.channel() + " ended: " + reason);
                }
            }
        };
    }

    private void say(String line) {
        if (!quiet) {
            terminal.say(line);
        }
    }
}
