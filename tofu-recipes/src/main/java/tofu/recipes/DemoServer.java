package tofu.recipes;

import java.io.PrintStream;
import java.util.zip.CRC32C;
import tofu.api.Address;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;

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

    private final Station station;
    private final CRC32C checksum = new CRC32C();
    private long signalCount;
    private long firstSignalNanos;
    private long byteCount;

    private DemoServer(Station station) {
        this.station = station;
    }

    /// Listens, says where, and serves the first client that comes.
    static void run(PrintStream out, Options options, Address.Server address)
            throws Failure, InterruptedException {
        try (Station station = Station.open(options)) {
            out.println(LISTENING + station.listen(address));
            new DemoServer(station).serve();
        }
    }

    private void serve() throws Failure, InterruptedException {
        try (Message hello = station.receive(OpCode.HELLO_REQUEST)) {
            station.turnRound(hello);
        }
        boolean open = true;
        while (open) {
            try (Message message = station.receive()) {
                open = message.opCode() != OpCode.BYE_REQUEST;
                switch (message.opCode()) {
                    case SIGNAL -> count(message);
                    case REQUEST -> answer(message);
                    case BYE_REQUEST -> station.turnRound(message);
                    default -> throw new Failure("unexpected: " + message.opCode());
                }
            }
        }
        station.awaitClosed();
    }

    private void count(Message signal) throws Failure {
        if (signalCount == 0) {
            firstSignalNanos = System.nanoTime();
        }
        signalCount++;
        if (signal.id() != signalCount) {
            throw new Failure("signal " + signalCount + " has the id " + signal.id());
        }
    }

    private void answer(Message request) throws Failure, InterruptedException {
        switch (request.headers().first(ASK)) {
            case null -> station.turnRound(request);
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
        station.turnRound(request);
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
        station.turnRound(part);
    }
}
