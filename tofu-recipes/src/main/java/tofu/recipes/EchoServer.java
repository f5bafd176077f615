package tofu.recipes;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.recipes.first.Failure;

/// Sends back whatever it is sent: a server on any mix of TCP ports and Unix domain sockets, with
/// one group and one thread.
///
/// Shows: listening, taking connections, answering in place without a copy, never waiting for one
/// peer while others ask, slowing a peer down that does not read, and the end of a channel.
///
/// Usage: `EchoServer [--quit] [--tls FOLDER] ADDRESS…`, each `tcp|host|port` or
/// `uds|/absolute/path`, or `tls|host|port` with keys in the folder, where some are made if there
/// are none. An empty host listens on all interfaces, port 0 lets the system choose. Ctrl-C ends
/// the server; with `--quit`, which is for tests, so does any peer that sends a Signal with a text
/// header `quit`. The exit code is 0 then, 1 if an address cannot be listened on, 2 if the
/// arguments make no sense.
public final class EchoServer {
    private static final String USAGE =
            """
            usage: EchoServer [--quit] ADDRESS...
                   EchoServer [--quit] --tls FOLDER ADDRESS...
              --quit: any peer may end it, by a Signal with a text header `quit`
              ADDRESS: tcp|host|port (empty host: all interfaces; port 0: any), uds|/absolute/path,
              or tls|host|port with keys in FOLDER, where some are made if there are none\
            """;

    private static final String QUIT = "--quit";
    private static final Duration AGES = Duration.ofDays(1);

    private final PrintStream out;
    private final PrintStream err;
    private final Ampe ampe;
    private final ChannelGroup group;
    private final boolean peersMayQuit;
    private final Map<Integer, Address> listeners = new LinkedHashMap<>();
    private final Map<Integer, EchoPeer> peers = new LinkedHashMap<>();
    private long connections;
    private long messages;
    private long bytes;

    private EchoServer(
            PrintStream out, PrintStream err, Ampe ampe, ChannelGroup group, boolean peersMayQuit) {
        this.out = out;
        this.err = err;
        this.ampe = ampe;
        this.group = group;
        this.peersMayQuit = peersMayQuit;
    }

    /// Runs the server until it is told to end.
    ///
    /// @param args the addresses
    /// @throws InterruptedException never, as nobody interrupts the main thread
    public static void main(String[] args) throws InterruptedException {
        System.exit(run(System.out, System.err, args));
    }

    /// Runs the server in the calling thread.
    ///
    /// @return the exit code
    static int run(PrintStream out, PrintStream err, String... args) throws InterruptedException {
        try {
            boolean quit = args.length > 0 && args[0].equals(QUIT);
            TlsFolder tls = TlsFolder.of(quit ? Arrays.copyOfRange(args, 1, args.length) : args);
            List<Address.Server> addresses = addresses(tls.array());
            try (ProgramEngine engine = ProgramEngine.open(tls.options());
                    ChannelGroup group = engine.ampe().create()) {
                new EchoServer(out, err, engine.ampe(), group, quit).serve(addresses);
            }
            return 0;
        } catch (Failure e) {
            err.println("EchoServer: " + e.getMessage());
            return e.exitCode();
        } catch (AmpeException e) {
            err.println("EchoServer: " + e.getMessage());
            return 1;
        }
    }

    private static List<Address.Server> addresses(String... args) {
        if (args.length == 0) {
            throw Failure.ofArguments("an address is needed", USAGE);
        }
        try {
            return Arrays.stream(args).map(Address::listenOn).toList();
        } catch (AmpeException e) {
            throw Failure.ofArguments(e.getMessage(), USAGE);
        }
    }

    private void serve(List<Address.Server> addresses) throws InterruptedException {
        for (Address.Server address : addresses) {
            try (Message welcome = ampe.get()) {
                welcome.listenOn(address);
                listeners.put(group.enqueueToPeer(welcome).channel(), address);
            }
        }
        try {
            boolean quit = false;
            while (!quit) {
                Message message = group.waitReceive(AGES);
                quit = message != null && handle(message);
            }
        } catch (AmpeException e) {
            if (e.status() != Status.SHUTDOWN_STARTED) {
                throw e;
            }
            // Ctrl-C: the engine was closed.
        } finally {
            List.copyOf(peers.values()).forEach(this::ended);
        }
        out.printf(
                Locale.ROOT,
                "%,d connections, %,d messages and %,d bytes echoed%n",
                connections,
                messages,
                bytes);
    }

    /// Takes a message; whether it asks the server to quit.
    private boolean handle(Message message) {
        if (message.origin() == Origin.ENGINE) {
            try (message) {
                notice(message);
            }
            return false;
        }
        return switch (message.opCode()) {
            case WELCOME_RESPONSE -> {
                try (message) {
                    out.println("listening on " + Address.parse(message));
                }
                yield false;
            }
            case HELLO_REQUEST, REQUEST, SIGNAL, BYE_REQUEST -> {
                boolean quit = isQuit(message);
                peer(message).echo(message);
                yield quit;
            }
            case RESPONSE,
                    HELLO_RESPONSE,
                    BYE_RESPONSE,
                    BYE_SIGNAL,
                    WELCOME_REQUEST -> { // nothing answers these
                message.close();
                yield false;
            }
        };
    }

    private boolean isQuit(Message message) {
        return peersMayQuit
                && message.opCode() == OpCode.SIGNAL
                && message.headers().first("quit") != null;
    }

    /// The peer of a message; a new one if this is its first message, the HelloRequest.
    private EchoPeer peer(Message message) {
        EchoPeer peer = peers.get(message.channel());
        if (peer == null) {
            peer = new EchoPeer(group, message);
            peers.put(peer.channel(), peer);
            connections++;
            out.println("channel " + peer.channel() + " connected");
        }
        return peer;
    }

    /// Hears what the engine says: about a peer, about a listener, or about itself.
    private void notice(Message notice) {
        Address listener = listeners.get(notice.channel());
        EchoPeer peer = peers.get(notice.channel());
        if (peer != null) {
            if (notice.endsChannel()) {
                ended(peer);
            } else if (notice.status() == Status.SEND_QUEUE_READY) {
                peer.sendHeld();
            }
            // Else it is an answer that could not be sent: the end of the channel follows.
        } else if (listener == null || notice.status() == Status.ACCEPT_FAILED) {
            err.println("EchoServer: " + notice.status() + " on channel " + notice.channel());
        } else {
            throw new Failure("cannot listen on " + listener + ": " + notice.status());
        }
    }

    private void ended(EchoPeer peer) {
        peers.remove(peer.channel());
        peer.drop();
        messages += peer.messages();
        bytes += peer.bytes();
        out.printf(
                Locale.ROOT,
                "channel %d ended: %,d messages, %,d bytes%n",
                peer.channel(),
                peer.messages(),
                peer.bytes());
    }
}
