package tofu.cli;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.kit.Dispatcher;
import tofu.kit.Handler;
import tofu.kit.Server;

/// One connection to a server: made once, and not again when it ends.
///
/// Threads: any; the handler runs on the dispatcher's thread.
final class Link {
    private final Dispatcher dispatcher;
    private final Address.Client address;
    private final Handler handler;
    private final CompletableFuture<Integer> up = new CompletableFuture<>();
    private final CompletableFuture<Status> ended = new CompletableFuture<>();

    /// The last reason that the engine gave, which is none for a peer that closes without a bye;
    /// loop only.
    private Status reason = Status.PEER_DISCONNECTED;

    private Link(Dispatcher dispatcher, Address.Client address, Handler handler) {
        this.dispatcher = dispatcher;
        this.address = address;
        this.handler = handler;
    }

    /// Connects, and waits for the server's hello.
    ///
    /// @param hello writes what the hello has besides the address
    /// @param handler is given requests, responses and signals of the peer
    /// @throws Failure if there is no connection, or the server refuses
    static Link to(
            Dispatcher dispatcher, Address.Client address, Consumer<Message> hello, Handler handler)
            throws Failure, InterruptedException {
        Link link = new Link(dispatcher, address, handler);
        dispatcher.execute(() -> link.connect(hello));
        try {
            link.up.get(2 * Station.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return link;
        } catch (ExecutionException e) {
            throw link.unreachable(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new Failure(ExitCode.UNREACHABLE, address + " does not say hello");
        }
    }

    private Failure unreachable(Throwable cause) {
        String why = cause.getMessage();
        return new Failure(ExitCode.UNREACHABLE, "cannot connect to " + address + ": " + why);
    }

    private void connect(Consumer<Message> hello) {
        try (Message message = dispatcher.message()) {
            hello.accept(message);
            message.connectTo(address);
            int channel = dispatcher.group().enqueueToPeer(message).channel();
            dispatcher.on(channel, this::hear);
        } catch (AmpeException e) {
            up.completeExceptionally(e);
        }
    }

    private void hear(Message message) throws Exception {
        int channel = message.channel();
        if (message.endsChannel()) {
            up.completeExceptionally(
                    new AmpeException(reason, "the connection ended before a hello"));
            ended.complete(reason);
        } else if (message.origin() == Origin.ENGINE) {
            if (message.status() != Status.SEND_QUEUE_READY) {
                reason = message.status();
                up.completeExceptionally(new IllegalStateException(Station.reason(reason)));
            }
        } else {
            switch (message.opCode()) {
                case HELLO_RESPONSE -> up.complete(channel);
                case REQUEST, RESPONSE, SIGNAL -> {
                    up.complete(channel); // a server need not say hello first
                    handler.onMessage(message);
                }
                case BYE_REQUEST -> {
                    reason = Status.CHANNEL_CLOSED;
                    refused(message);
                    answerBye(message);
                }
                case BYE_RESPONSE -> {
                    reason = Status.CHANNEL_CLOSED;
                    refused(message);
                }
                case HELLO_REQUEST, BYE_SIGNAL, WELCOME_REQUEST, WELCOME_RESPONSE ->
                        throw new IllegalStateException("unexpected " + message.header());
            }
        }
    }

    private void answerBye(Message bye) {
        try {
            dispatcher.group().enqueueToPeer(bye.opCode(OpCode.BYE_RESPONSE));
        } catch (AmpeException e) {
            if (!e.channelEnded()) {
                throw e;
            } // the peer did not wait for it
        }
    }

    /// A bye in place of a hello is a refusal.
    private void refused(Message bye) {
        String why = bye.headers().first(Server.REASON);
        up.completeExceptionally(
                new IllegalStateException("refused" + (why == null ? "" : ", " + why)));
    }

    /// An empty message to fill, owned by the caller.
    Message message() {
        return dispatcher.message();
    }

    /// The connection's channel.
    int channel() {
        return up.join();
    }

    /// The end of the connection; with `CHANNEL_CLOSED` after a bye.
    CompletableFuture<Status> ended() {
        return ended;
    }

    /// Says bye, after all that was sent before, and waits for the end.
    ///
    /// @throws Failure if the end is no good one
    void bye() throws Failure, InterruptedException {
        try (Message bye = dispatcher.message()) {
            bye.opCode(OpCode.BYE_REQUEST).channel(channel());
            dispatcher.group().enqueueToPeer(bye);
        } catch (AmpeException e) {
            if (!e.channelEnded()) {
                throw e;
            }
        }
        expectEnd(ended, Station.PATIENCE.multipliedBy(2));
    }

    private void expectEnd(CompletableFuture<Status> end, Duration atMost)
            throws Failure, InterruptedException {
        try {
            Status status = end.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
            if (status != Status.CHANNEL_CLOSED) {
                throw broken(status);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (TimeoutException e) {
            throw new Failure(ExitCode.BROKEN, address + " does not answer the bye");
        }
    }

    /// The failure of a connection that ended before its time.
    Failure broken(Status status) {
        return new Failure(
                ExitCode.BROKEN,
                "the connection to " + address + " ended: " + Station.reason(status));
    }
}
