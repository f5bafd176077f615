package tofu.tests.guide;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.Status;

/// Whom the snippets talk to: an echo server with an engine and a thread of its own.
///
/// Threads: any may close it.
final class Neighbour implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Ampe ampe;
    private final ChannelGroup group;
    private final Address.Client address;
    private final AtomicInteger signals = new AtomicInteger();
    private final Thread thread;

    private Neighbour(Ampe ampe) throws InterruptedException {
        this.ampe = ampe;
        this.group = ampe.create();
        try (Message welcome = ampe.get()) {
            group.enqueueToPeer(welcome.listenOn(Address.listenOn("tcp|127.0.0.1|0")));
        }
        try (Message welcome = group.waitReceive()) {
            this.address = Address.parse(welcome).toClient();
        }
        this.thread = Thread.ofPlatform().daemon().start(this::serve);
    }

    static Neighbour start() throws InterruptedException {
        return new Neighbour(Ampe.open(Options.defaults()));
    }

    Address.Client address() {
        return address;
    }

    /// Signals that it has had.
    int signals() {
        return signals.get();
    }

    private void serve() {
        try {
            while (true) {
                try (Message message = group.waitReceive()) {
                    handle(message);
                }
            }
        } catch (AmpeException e) {
            if (e.status() != Status.SHUTDOWN_STARTED) {
                throw e;
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Waits for room: whom it serves may ask faster than its loop gets a processor.
    private void handle(Message message) throws InterruptedException {
        if (message.origin() == Origin.ENGINE) {
            return;
        }
        if (message.opCode() == OpCode.SIGNAL) {
            signals.incrementAndGet();
        } else if (message.opCode().role() == OpCode.Role.REQUEST) {
            group.enqueueToPeer(message.opCode(message.opCode().echo()), PATIENCE);
        }
    }

    @Override
    public void close() {
        ampe.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
