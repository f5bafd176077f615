package tofu.recipes;

import java.io.PrintStream;
import java.util.zip.CRC32C;
import tofu.api.Address;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.recipes.first.Failure;
import tofu.recipes.first.Steps;

/// The demo's server process: serves one client, then ends.
///
/// - A Request without text headers is a ping: it goes back as it is.
/// - Signals are a stream: they are counted, and their ids must be 1, 2, 3, ….
/// - A Request with `ask:report` ends the stream: the Response says how many signals came, and in
///   how many nanoseconds by this process's clock.
/// - Requests with `ask:transfer` are the parts of one long request, all but the last with
///   `more`: the Response says how many bytes came, and their CRC32C.
///
/// Threads: one.
final class DemoServer {
    /// What the server's first line of output starts with; its address follows.
    static final String LISTENING = "listening on ";

    /// Says what a Request wants: [#REPORT] or [#TRANSFER].
    static final String ASK = "ask";

    static final String REPORT = "report";
    static final String TRANSFER = "transfer";

    /// Signals or bytes that came: a number.
    static final String COUNT = "count";

    /// Time from the first signal to the report: a number.
    static final String NANOS = "nanos";

    /// Checksum of a transfer: a number.
    static final String CRC32C = "crc32c";

    private final ChannelGroup group;
    private final CRC32C checksum = new CRC32C();
    private long signalCount;
    private long firstSignalNanos;
    private long byteCount;

    private DemoServer(ChannelGroup group) {
        this.group = group;
    }

    /// Listens, says where, and serves the first client that comes.
    static void run(PrintStream out, Options options, Address.Server address)
            throws InterruptedException {
        try (ProgramEngine engine = ProgramEngine.open(options);
                ChannelGroup group = engine.ampe().create()) {
            out.println(LISTENING + Steps.listen(engine.ampe(), group, address));
            new DemoServer(group).serve();
        }
    }

    private void serve() throws InterruptedException {
        int channel;
        try (Message hello = Steps.receive(group, OpCode.HELLO_REQUEST)) {
            channel = hello.channel();
            Steps.answer(group, hello);
        }
        boolean open = true;
        while (open) {
            try (Message message = Steps.receive(group)) {
                open = message.opCode() != OpCode.BYE_REQUEST;
                switch (message.opCode()) {
                    case SIGNAL -> count(message);
                    case REQUEST -> answer(message);
                    case BYE_REQUEST -> Steps.answer(group, message);
                    default -> throw new Failure("unexpected: " + message.opCode());
                }
            }
        }
        Steps.awaitEnd(group, channel);
    }

    private void count(Message signal) {
        if (signalCount == 0) {
            firstSignalNanos = System.nanoTime();
        }
        signalCount++;
        if (signal.id() != signalCount) {
            throw new Failure("signal " + signalCount + " has the id " + signal.id());
        }
    }

    private void answer(Message request) throws InterruptedException {
        switch (request.headers().first(ASK)) {
            case null -> Steps.answer(group, request);
            case REPORT -> report(request);
            case TRANSFER -> take(request);
            case String other -> throw new Failure("nobody knows how to " + other);
        }
    }

    private void report(Message request) throws InterruptedException {
        long nanos = System.nanoTime() - firstSignalNanos;
        request.headers()
                .clear()
                .append(COUNT, Long.toString(signalCount))
                .append(NANOS, Long.toString(nanos));
        signalCount = 0;
        Steps.answer(group, request);
    }

    private void take(Message part) throws InterruptedException {
        checksum.update(part.body().segment().asByteBuffer());
        byteCount += part.body().length();
        if (part.more()) {
            return;
        }
        part.body().clear();
        part.headers()
                .clear()
                .append(COUNT, Long.toString(byteCount))
                .append(CRC32C, Long.toString(checksum.getValue()));
        checksum.reset();
        byteCount = 0;
        Steps.answer(group, part);
    }
}
