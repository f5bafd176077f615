package tofu.tests.faults;

import java.io.IOException;
import java.time.Duration;
import tofu.api.Ampe;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Transport;

/// A program whose deadlines are short, to be stopped by [PauseFault] for longer than that.
///
/// It prints where it listens, and then a line for each message: the channel's number, and what
/// came. It answers what can be answered, and says bye when a signal asks for it. Ends with its
/// input.
final class PausedServer {
    /// Long enough to begin all that is to be waited for before the stop.
    static final Duration DEADLINE = Duration.ofSeconds(5);

    /// The body of a signal that asks for a ByeRequest.
    static final String SAY_BYE = "say bye";

    private PausedServer() {}

    /// Serves until its input ends.
    ///
    /// @param arguments the transport
    /// @throws Exception if anything fails
    public static void main(String[] arguments) throws Exception {
        ChildProcess.loadAllClasses();
        Running.run(PausedServer::endWithInput);
        Options options =
                Options.builder()
                        .handshakeTimeout(DEADLINE)
                        .frameTimeout(DEADLINE)
                        .byeTimeout(DEADLINE)
                        .closeTimeout(DEADLINE)
                        .build();
        try (Ampe engine = Ampe.open(options)) {
            Peer server = new Peer(engine);
            System.out.println(server.listen(Transport.valueOf(arguments[0])).address());
            while (true) {
                Received received = Received.of(server.group().waitReceive());
                System.out.println(received.channel() + " " + PauseFault.story(received));
                answer(server, received);
            }
        }
    }

    private static void endWithInput() throws IOException {
        while (System.in.read() >= 0) {}
        Runtime.getRuntime().halt(0);
    }

    private static void answer(Peer server, Received received) {
        if (received.isFromEngine()) {
            return;
        }
        if (received.opCode().role() == OpCode.Role.REQUEST) {
            server.say(received.opCode().echo(), received.channel(), received.id());
        } else if (received.body().equals(SAY_BYE)) {
            server.say(OpCode.BYE_REQUEST, received.channel(), received.id());
        }
    }
}
