package tofu.recipes;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.Status;

/// One engine with one group of channels, and the steps that the recipes share: listen, connect,
/// receive, answer, bye.
///
/// It closes its engine when the process is told to end, too (Ctrl-C, `kill`), so that the file
/// of a Unix domain socket never stays behind.
///
/// Threads: one, and any thread for [#close()].
/// Errors: a notice of the engine that ends a conversation becomes a [Failure].
final class Station implements AutoCloseable {
    /// How long a recipe waits for anything before it gives up.
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Ampe ampe;
    private final ChannelGroup group;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread exitHook = new Thread(this::closeAtExit, "engine-exit");

    private Station(Ampe ampe) {
        this.ampe = ampe;
        this.group = ampe.create();
    }

    /// Opens an engine with default options.
    static Station open() {
        return open(Options.defaults());
    }

    /// Opens an engine.
    static Station open(Options options) {
        Station station = new Station(Ampe.open(options));
        Runtime.getRuntime().addShutdownHook(station.exitHook);
        return station;
    }

    Ampe ampe() {
        return ampe;
    }

    ChannelGroup group() {
        return group;
    }

    /// Gets an empty message. It goes beyond the pool if it must: use it where a send queue or a
    /// window already bounds how many there can be.
    Message message() {
        return ampe.get();
    }

    /// Asks the engine to listen, or to connect. Its answer comes as a message.
    ///
    /// @return the number of the new channel
    int start(Address address) {
        try (Message request = message()) {
            switch (address) {
                case Address.Client there -> request.connectTo(there);
                case Address.Server here -> request.listenOn(here);
            }
            return group.enqueueToPeer(request).channel();
        }
    }

    /// Listens on one address.
    ///
    /// @return the address with the real port, if the system was to choose one
    Address listen(Address.Server address) throws Failure, InterruptedException {
        start(address);
        try (Message welcome = receive(OpCode.WELCOME_RESPONSE)) {
            return Address.parse(welcome);
        } catch (Failure e) {
            throw new Failure("cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    /// Connects, and waits until the peer says hello.
    ///
    /// @return the number of the new channel
    int connect(Address.Client address) throws Failure, InterruptedException {
        start(address);
        try (Message hello = receive(OpCode.HELLO_RESPONSE)) {
            return hello.channel();
        } catch (Failure e) {
            throw new Failure("cannot connect to " + address + ": " + e.getMessage(), e);
        }
    }

    /// Waits for the next message of a peer, or for the WelcomeResponse of a listener.
    ///
    /// @return a message, owned by the caller
    Message receive() throws Failure, InterruptedException {
        while (true) {
            Message message = next();
            if (message.origin() == Origin.APPLICATION) {
                return message;
            }
            try (message) {
                if (!isRemark(message)) {
                    throw new Failure(describe(message));
                }
            }
        }
    }

    /// Waits for the next message, which must have this op code.
    ///
    /// @return a message, owned by the caller
    Message receive(OpCode expected) throws Failure, InterruptedException {
        Message message = receive();
        if (message.opCode() == expected) {
            return message;
        }
        try (message) {
            throw new Failure("expected " + expected + ", but " + message.opCode() + " arrived");
        }
    }

    /// Turns a request round in place and sends it back: id, text headers, body and flags stay.
    void turnRound(Message request) throws InterruptedException {
        request.opCode(request.opCode().echo());
        group.enqueueToPeer(request, PATIENCE);
    }

    /// Ends a channel in good order: all that was sent before arrives, then both sides agree.
    void bye(int channel) throws Failure, InterruptedException {
        try (Message bye = message()) {
            group.enqueueToPeer(bye.opCode(OpCode.BYE_REQUEST).channel(channel));
        }
        receive(OpCode.BYE_RESPONSE).close();
        awaitClosed();
    }

    /// Waits for the last message of a channel on which a bye was exchanged.
    void awaitClosed() throws Failure, InterruptedException {
        while (true) {
            try (Message message = next()) {
                if (message.endsChannel()) {
                    return;
                }
                if (message.origin() != Origin.ENGINE || !isRemark(message)) {
                    throw new Failure("after the bye: " + describe(message));
                }
            }
        }
    }

    /// Closes the engine: what was sent is delivered, and no thread, socket or file is left.
    @Override
    public void close() {
        ampe.close();
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(exitHook);
        } catch (IllegalStateException exiting) {
            // The hook runs already, and finds the engine closed.
        }
    }

    private Message next() throws Failure, InterruptedException {
        Message message = group.waitReceive(PATIENCE);
        if (message == null) {
            throw new Failure("nothing arrived within " + PATIENCE.toSeconds() + " s");
        }
        return message;
    }

    /// Whether a notice only says how queue and pool are doing.
    private static boolean isRemark(Message notice) {
        return notice.status() == Status.SEND_QUEUE_READY || notice.status() == Status.POOL_EMPTY;
    }

    private static String describe(Message message) {
        return message.origin() + " sent " + message.opCode() + " with " + message.status();
    }

    private void closeAtExit() {
        ampe.close();
        try {
            // The owner's thread learns it as SHUTDOWN_STARTED; it may want to print a last line.
            closed.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
