package tofu.recipes;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.zip.CRC32C;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.BinaryHeader;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.recipes.first.Failure;
import tofu.recipes.first.Steps;

/// The demo's client process: connects, measures, says bye. What the [DemoServer] answers is
/// checked at every step.
///
/// Threads: one.
final class DemoClient {
    private static final int SMALL = 64;
    private static final int MIDDLE = 1_024;
    private static final int PART = 60_000;
    private static final int TRANSFER = 10_000_000;
    private static final int MAX_ROUND_TRIPS = 1_000_000;
    private static final int BATCH = 1_024;

    private final PrintStream out;
    private final Ampe ampe;
    private final ChannelGroup group;
    private final long nanos;
    private final int channel;

    private DemoClient(
            PrintStream out, Ampe ampe, ChannelGroup group, Address.Client server, long nanos)
            throws InterruptedException {
        this.out = out;
        this.ampe = ampe;
        this.group = group;
        this.nanos = nanos;
        this.channel = Steps.connect(ampe, group, server);
    }

    /// Runs all steps.
    ///
    /// @param out gets a line for each
    /// @param nanos how long each measurement lasts
    static DemoFigures run(PrintStream out, Options options, Address.Client server, long nanos)
            throws InterruptedException {
        try (ProgramEngine engine = ProgramEngine.open(options);
                ChannelGroup group = engine.ampe().create()) {
            DemoClient client = new DemoClient(out, engine.ampe(), group, server, nanos);
            out.println("connected");
            DemoFigures figures = client.measure();
            client.transfer();
            Steps.bye(engine.ampe(), group, client.channel);
            out.println("bye");
            return figures;
        }
    }

    private DemoFigures measure() throws InterruptedException {
        pingPong(nanos / 4);
        long[] trips = pingPong(nanos / 2);
        Arrays.sort(trips);
        long p50 = trips[trips.length / 2];
        long p99 = trips[(int) (trips.length * 0.99)];
        out.printf(Locale.ROOT, "ping-pong, 64 B: %,d round trips%n", trips.length);
        // As long as the measurement: the JIT compiler needs the processors that we need.
        stream(SMALL, nanos);
        double small = stream(SMALL, nanos);
        out.printf(Locale.ROOT, "one way, 64 B: %,.0f messages/s%n", small);
        double middle = stream(MIDDLE, nanos);
        out.printf(Locale.ROOT, "one way, 1 KiB: %,.0f messages/s%n", middle);
        return new DemoFigures(p50, p99, small, middle * MIDDLE);
    }

    /// Sends a request, waits for its response, and so on.
    ///
    /// @return how long each round trip took, in nanoseconds
    private long[] pingPong(long duration) throws InterruptedException {
        byte[] body = new byte[SMALL];
        long[] trips = new long[MAX_ROUND_TRIPS];
        int count = 0;
        long start = System.nanoTime();
        long now = start;
        do {
            post(OpCode.REQUEST, count + 1L, body);
            try (Message response = Steps.receive(group, OpCode.RESPONSE)) {
                check("id of a pong", response.id(), count + 1L);
                check("length of a pong", response.body().length(), SMALL);
            }
            long end = System.nanoTime();
            trips[count] = end - now;
            count++;
            now = end;
        } while (now - start < duration && count < trips.length);
        return Arrays.copyOf(trips, count);
    }

    /// Sends signals as fast as the engine takes them: a full send queue makes [#post] wait.
    ///
    /// @return messages per second, by the server's clock
    private double stream(int size, long duration) throws InterruptedException {
        byte[] body = new byte[size];
        long sent = 0;
        long start = System.nanoTime();
        while (System.nanoTime() - start < duration) {
            for (int i = 0; i < BATCH; i++) {
                sent++;
                post(OpCode.SIGNAL, sent, body);
            }
        }
        try (Message request = ampe.get()) {
            request.opCode(OpCode.REQUEST).channel(channel);
            request.headers().append(DemoServer.ASK, DemoServer.REPORT);
            group.enqueueToPeer(request, Steps.PATIENCE);
        }
        try (Message report = Steps.receive(group, OpCode.RESPONSE)) {
            check("signals received", header(report, DemoServer.COUNT), sent);
            return sent / (header(report, DemoServer.NANOS) / 1e9);
        }
    }

    /// Sends one request that is far longer than a message: in parts that have one id, all but the
    /// last with `more`.
    private void transfer() throws InterruptedException {
        byte[] data = new byte[TRANSFER];
        new Random(1).nextBytes(data);
        CRC32C checksum = new CRC32C();
        checksum.update(data);
        long start = System.nanoTime();
        long id = 0; // the first part is given one
        for (int offset = 0; offset < data.length; offset += PART) {
            int length = Math.min(PART, data.length - offset);
            try (Message part = ampe.get()) {
                part.opCode(OpCode.REQUEST).channel(channel).id(id);
                part.more(offset + length < data.length);
                part.headers().append(DemoServer.ASK, DemoServer.TRANSFER);
                part.body().append(data, offset, length);
                BinaryHeader sent = group.enqueueToPeer(part, Steps.PATIENCE);
                id = sent.id();
            }
        }
        try (Message response = Steps.receive(group, OpCode.RESPONSE)) {
            check("id of a transfer", response.id(), id);
            check("bytes received", header(response, DemoServer.COUNT), data.length);
            check("CRC32C", header(response, DemoServer.CRC32C), checksum.getValue());
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        out.printf(
                Locale.ROOT,
                "transfer of 10 MB: checksum right, %,.0f MB/s%n",
                data.length / 1e6 / seconds);
    }

    private void post(OpCode opCode, long id, byte[] body) throws InterruptedException {
        try (Message message = ampe.get()) {
            message.opCode(opCode).channel(channel).id(id).body().append(body);
            group.enqueueToPeer(message, Steps.PATIENCE);
        }
    }

    private static long header(Message message, String name) {
        String value = message.headers().first(name);
        if (value == null) {
            throw new Failure("the answer has no header " + name);
        }
        return Long.parseLong(value);
    }

    private static void check(String what, long actual, long expected) {
        if (actual != expected) {
            throw new Failure(what + " is " + actual + ", should be " + expected);
        }
    }
}
