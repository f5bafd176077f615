package tofu.cli.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.cli.ExitCode;
import tofu.cli.Failure;

/// What a benchmark does to a server: an engine, a group, and a number of connections.
///
/// Threads: the caller's receives, and sends what follows from that; one more sends signals.
final class Load implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// About how much is sent one way on a connection from one mark to the next: of megabytes on
    /// their way without one, a slow link would say nothing for minutes.
    private static final int MARK_BYTES = 256 * 1024;

    private final Address.Client address;
    private final Cell cell;
    private final byte[] body;
    private final Ampe ampe;
    private final ChannelGroup group;
    private final int[] channels;
    private final Map<Integer, Integer> indices = new HashMap<>();

    /// Asks the flood for a mark; pairs with the flood's look at it.
    private volatile long marksWantedNanos;

    private volatile boolean stopped;

    /// The receiving thread's.
    private long lastHeardNanos = System.nanoTime();

    /// The receiving thread's; how much was sent when nothing had been heard for long.
    private long lastSentBytes;

    Load(Address.Client address, Options options, Cell cell) {
        this.address = address;
        this.cell = cell;
        this.body = new byte[cell.size()];
        this.channels = new int[cell.connections()];
        Arrays.fill(body, (byte) 'x');
        this.ampe = Ampe.open(options);
        this.group = ampe.create();
    }

    /// Connects all.
    ///
    /// @throws Failure if one of them is not to be had
    void connect() throws Failure, InterruptedException {
        for (int i = 0; i < channels.length; i++) {
            try (Message hello = ampe.get()) {
                channels[i] = group.enqueueToPeer(hello.connectTo(address)).channel();
                indices.put(channels[i], i);
            }
        }
        for (int missing = channels.length; missing > 0; missing--) {
            try (Message hello = group.waitReceive(PATIENCE)) {
                if (hello == null || hello.opCode() != OpCode.HELLO_RESPONSE) {
                    String why = hello == null ? "no hello" : hello.status().toString();
                    throw new Failure(
                            ExitCode.UNREACHABLE, "cannot connect to " + address + ": " + why);
                }
                if (hello.origin() == Origin.ENGINE) {
                    throw new Failure(
                            ExitCode.UNREACHABLE,
                            "cannot connect to " + address + ": " + hello.status());
                }
            }
        }
    }

    /// Measures.
    ///
    /// @param meter counts
    /// @param progress is called now and then
    void run(Meter meter, Consumer<Meter> progress) throws Failure, InterruptedException {
        try {
            if (cell.mode() == Mode.ONE_WAY) {
                flood(meter, progress);
            } else {
                converse(meter, progress);
            }
        } catch (AmpeException e) {
            throw new Failure(ExitCode.BROKEN, "the connection broke: " + e.getMessage());
        }
    }

    // ---- requests and responses

    private void converse(Meter meter, Consumer<Meter> progress)
            throws Failure, InterruptedException {
        long[][] sentNanos = new long[channels.length][cell.window()];
        for (int slot = 0; slot < cell.window(); slot++) {
            for (int i = 0; i < channels.length; i++) {
                try (Message request = ampe.get()) {
                    request.opCode(OpCode.REQUEST).channel(channels[i]).id(slot + 1);
                    request.body().append(body);
                    sentNanos[i][slot] = System.nanoTime();
                    group.enqueueToPeer(request, PATIENCE);
                }
            }
        }
        long open = (long) cell.window() * channels.length;
        while (open > 0) {
            try (Message response = next(meter, progress)) {
                if (response == null || response.opCode() != OpCode.RESPONSE) {
                    continue;
                }
                long nowNanos = System.nanoTime();
                int index = index(response);
                int slot = (int) Long.remainderUnsigned(response.id() - 1, cell.window());
                meter.answered(nowNanos, nowNanos - sentNanos[index][slot]);
                if (meter.isOver(nowNanos)) {
                    open--;
                    continue;
                }
                sentNanos[index][slot] = nowNanos;
                response.opCode(OpCode.REQUEST).id(response.id() + cell.window());
                group.enqueueToPeer(response, PATIENCE);
            }
        }
    }

    private int index(Message message) throws Failure {
        Integer index = indices.get(message.channel());
        if (index == null) {
            throw new Failure(ExitCode.BUG, "no such channel: " + message.header());
        }
        return index;
    }

    /// The next message of the server; steps the meter meanwhile.
    ///
    /// @return `null` after a step without one
    private @Nullable Message next(Meter meter, Consumer<Meter> progress)
            throws Failure, InterruptedException {
        Message message = group.waitReceiveNanos(meter.nanosToStep(System.nanoTime()));
        long nowNanos = System.nanoTime();
        if (message != null) {
            lastHeardNanos = nowNanos;
        } else if (nowNanos - lastHeardNanos > PATIENCE.toNanos() && !goesOn(nowNanos)) {
            throw new Failure(
                    ExitCode.BROKEN,
                    "nothing from "
                            + address
                            + " for "
                            + PATIENCE.toSeconds()
                            + " s; does it answer requests, as tofuctl echo does?");
        }
        if (meter.step(nowNanos)) {
            marksWantedNanos = nowNanos;
            progress.accept(meter);
        }
        if (message != null && message.origin() == Origin.ENGINE) {
            try (message) {
                notice(message);
            }
            return null;
        }
        return message;
    }

    /// Whether the server has taken something since this was asked last: so it is slow, and what
    /// it is to answer may be behind much else.
    private boolean goesOn(long nowNanos) {
        long sent = ampe.statistics().traffic().sentBytes();
        boolean more = sent > lastSentBytes;
        lastSentBytes = sent;
        lastHeardNanos = more ? nowNanos : lastHeardNanos;
        return more;
    }

    private void notice(Message notice) throws Failure {
        Status status = notice.status();
        if (status != Status.SEND_QUEUE_READY && status != Status.POOL_EMPTY) {
            throw new Failure(
                    ExitCode.BROKEN, "the connection to " + address + " ended: " + status);
        }
    }

    // ---- one way

    /// Another thread sends signals, and a request now and then, whose id says how many signals
    /// went before it on its connection: so its response says that they have been received.
    private void flood(Meter meter, Consumer<Meter> progress) throws Failure, InterruptedException {
        CompletableFuture<long[]> sent = new CompletableFuture<>();
        Thread sender = Thread.ofPlatform().daemon().name("tofuctl-flood").start(() -> send(sent));
        try {
            long[] received = new long[channels.length];
            long total = 0;
            while (!meter.isOver(System.nanoTime()) && !sent.isCompletedExceptionally()) {
                total += take(meter, progress, received);
                meter.received(System.nanoTime(), total);
            }
            stopped = true;
            long[] all = sent.get();
            while (!Arrays.equals(all, received)) {
                total += take(meter, progress, received);
                meter.received(System.nanoTime(), total);
            }
        } catch (ExecutionException e) {
            throw new Failure(ExitCode.BROKEN, "cannot send: " + e.getCause());
        } finally {
            stopped = true;
            sender.interrupt();
        }
    }

    /// Takes one message.
    ///
    /// @return how many more signals have been received
    private long take(Meter meter, Consumer<Meter> progress, long[] received)
            throws Failure, InterruptedException {
        try (Message response = next(meter, progress)) {
            if (response == null || response.opCode() != OpCode.RESPONSE) {
                return 0;
            }
            int index = index(response);
            long more = response.id() - 1 - received[index];
            received[index] += more;
            return more;
        }
    }

    private void send(CompletableFuture<long[]> done) {
        long[] sent = new long[channels.length];
        try {
            long markedNanos = 0;
            int least = Math.max(1, MARK_BYTES / (BinaryHeader.LENGTH + cell.size()));
            int unmarked = least; // the first mark comes at once
            while (!stopped) {
                for (int i = 0; i < channels.length; i++) {
                    try (Message signal = ampe.get()) {
                        signal.opCode(OpCode.SIGNAL).channel(channels[i]).body().append(body);
                        group.enqueueToPeer(signal, PATIENCE);
                    }
                    sent[i]++;
                }
                if (++unmarked >= least || markedNanos != marksWantedNanos) {
                    unmarked = 0;
                    markedNanos = marksWantedNanos;
                    mark(sent);
                }
            }
            mark(sent);
            done.complete(sent);
        } catch (AmpeException | InterruptedException e) {
            done.completeExceptionally(e);
        }
    }

    /// Asks for a response behind all that was sent; its id is one more than that, as 0 is none.
    private void mark(long... sent) throws InterruptedException {
        for (int i = 0; i < channels.length; i++) {
            try (Message mark = ampe.get()) {
                mark.opCode(OpCode.REQUEST).channel(channels[i]).id(sent[i] + 1);
                group.enqueueToPeer(mark, PATIENCE);
            }
        }
    }

    @Override
    public void close() {
        group.close();
        ampe.close();
    }
}
