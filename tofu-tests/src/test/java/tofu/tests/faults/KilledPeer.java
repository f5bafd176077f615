package tofu.tests.faults;

import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;

/// A program that talks as fast as it can until [KillFault] kills it: sends requests with the ids
/// 1,
/// 2, 3, …, and answers those of the other side.
///
/// It writes a journal, in the file that it is told: 8 bytes for each message, the id of a request
/// before it is answered, the negative id of an answer. What is written survives the process, as
/// the system has it.
///
/// - `server JOURNAL SEED`: listens on the transport of the first line of its input, and prints
///   where
/// - `client JOURNAL SEED`: prints a line, and connects to the address of its first line
final class KilledPeer {
    private static final int WINDOW = 256;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Ampe ampe;
    private final ChannelGroup group;
    private final FileOutputStream journal;
    private final Cargo cargo;
    private int channel;
    private long sent;
    private long answered;

    private KilledPeer(Ampe ampe, FileOutputStream journal, Cargo cargo) {
        this.ampe = ampe;
        this.group = ampe.create();
        this.journal = journal;
        this.cargo = cargo;
    }

    /// Runs until it is killed, or its channel is closed.
    ///
    /// @param args see above
    /// @throws Exception if anything fails
    public static void main(String[] args) throws Exception {
        Options options = Options.builder().sendQueueBytes(64 << 20).build();
        try (Ampe ampe = Ampe.open(options);
                FileOutputStream journal = new FileOutputStream(args[1])) {
            KilledPeer peer = new KilledPeer(ampe, journal, new Cargo(Long.parseLong(args[2])));
            BufferedReader input =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            if (args[0].equals("server")) {
                peer.listen(Objects.requireNonNull(input.readLine()));
            } else {
                System.out.println("ready");
                peer.connect(Objects.requireNonNull(input.readLine()));
            }
            peer.talk();
        }
    }

    private Message message() {
        return ampe.get();
    }

    private void listen(String address) throws InterruptedException {
        group.enqueueToPeer(message().listenOn(Address.listenOn(address)));
        try (Message welcome = group.waitReceive()) {
            System.out.println(welcome.headers().first(Address.LISTEN_ON));
        }
        try (Message hello = group.waitReceive(Duration.ofMinutes(1))) {
            if (hello == null) {
                throw new IllegalStateException("nobody came");
            }
            channel = hello.channel();
            group.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
        }
    }

    private void connect(String address) throws InterruptedException {
        channel = group.enqueueToPeer(message().connectTo(Address.connectTo(address))).channel();
        group.waitReceive().close();
    }

    private void talk() throws InterruptedException, IOException {
        try {
            while (sendMore() && receive()) {}
        } catch (AmpeException e) {
            if (!e.channelEnded()) {
                throw e;
            }
        }
    }

    private boolean sendMore() throws InterruptedException {
        while (sent - answered < WINDOW) {
            try (Message request = message().opCode(OpCode.REQUEST).channel(channel)) {
                request.id(++sent).body().append(cargo.of(sent));
                group.enqueueToPeer(request, PATIENCE);
            }
        }
        return true;
    }

    private boolean receive() throws InterruptedException, IOException {
        try (Message message = group.waitReceive()) {
            if (message.origin() == Origin.ENGINE) {
                return !message.endsChannel();
            }
            if (message.opCode() == OpCode.REQUEST) {
                note(message.id());
                group.enqueueToPeer(message.opCode(OpCode.RESPONSE), PATIENCE);
            } else {
                note(-message.id());
                answered++;
            }
            return true;
        }
    }

    private void note(long entry) throws IOException {
        journal.write(ByteBuffer.allocate(Long.BYTES).putLong(entry).array());
    }
}
