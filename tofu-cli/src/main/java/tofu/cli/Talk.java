package tofu.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.Message;
import tofu.api.MessageOutputStream;
import tofu.api.MessageStreamException;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.kit.Dispatcher;
import tofu.kit.Peer;
import tofu.kit.Server;
import tofu.kit.Session;

/// What `cat` has with its peers: the one that it has connected to, or all that came.
///
/// Threads: messages are heard on the dispatcher's thread; one other thread sends; the main thread
/// waits for the end, which the first one that sees it declares.
final class Talk {
    /// What is sent.
    enum Type {
        SIGNAL(OpCode.SIGNAL),
        REQUEST(OpCode.REQUEST),
        RESPONSE(OpCode.RESPONSE);

        private final OpCode opCode;

        Type(OpCode opCode) {
            this.opCode = opCode;
        }
    }

    /// A slow peer may take its time; whoever does not want to wait has Ctrl-C.
    private static final Duration AGES = Duration.ofDays(1);

    /// After a bye: for who sends, to find that it has no more to send.
    private static final Duration LAST_LOOK = Duration.ofMillis(500);

    private static final int MAX_ASKED = 65_536;

    private final Station station;
    private final Type type;
    private final List<Map.Entry<String, String>> headers;
    private final Predicate<Message> printer;
    private final Set<Integer> channels = ConcurrentHashMap.newKeySet();
    private final CountDownLatch firstPeer = new CountDownLatch(1);
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final CompletableFuture<Void> doneSending = new CompletableFuture<>();

    /// The one peer that there is: we have connected to it.
    private volatile boolean alone;

    /// Something was not sent, as the only peer has gone.
    private volatile boolean unsent;

    /// Requests of peers that wait for a response; more than its bound are never answered.
    private final BlockingQueue<BinaryHeader> asked = new LinkedBlockingQueue<>(MAX_ASKED);

    /// Ids of our requests that have no response yet.
    private final Set<Long> open = ConcurrentHashMap.newKeySet();

    private final AtomicLong ids = new AtomicLong();

    /// Begins with nobody.
    ///
    /// @param headers the text headers of each message
    /// @param printer is given each message; says false after the last one that is wanted
    Talk(
            Station station,
            Type type,
            List<Map.Entry<String, String>> headers,
            Predicate<Message> printer) {
        this.station = station;
        this.type = type;
        this.headers = headers;
        this.printer = printer;
    }

    // ---- peers

    /// Connects.
    ///
    /// @param stay whether answers may be missing when the peer says bye
    Link connect(Address.Client address, boolean stay) throws Failure, InterruptedException {
        alone = true;
        Link link = Link.to(station.dispatcher(), address, hello -> {}, this::hear);
        channels.add(link.channel());
        firstPeer.countDown();
        var _ = link.ended().thenAccept(status -> end(link, status, stay));
        return link;
    }

    private void end(Link link, Status status, boolean stay) {
        channels.remove(link.channel());
        if (status == Status.CHANNEL_CLOSED) {
            var _ = doneSending.thenRun(() -> endByBye(stay));
            station.dispatcher().after(LAST_LOOK, () -> endByBye(stay));
        } else {
            over.completeExceptionally(link.broken(status));
        }
    }

    private void endByBye(boolean stay) {
        if (!doneSending.isDone() || unsent) {
            over.completeExceptionally(
                    new Failure(ExitCode.BROKEN, "the peer has said bye before all was sent"));
        } else if (!stay && !open.isEmpty()) {
            String message = "the peer has said bye, and has not answered " + open.size();
            over.completeExceptionally(new Failure(ExitCode.NO, message));
        } else {
            over.complete(null);
        }
    }

    /// Listens.
    ///
    /// @param once whether it is over when the first peer has gone
    /// @return where a client connects to
    Address.Client listen(Address.Server address, boolean once) throws Failure {
        Server server =
                Server.builder(station.dispatcher())
                        .listenOn(address)
                        .sessions((peer, hello) -> session(peer, once))
                        .start();
        return EchoCommand.listening(server).getFirst();
    }

    private Session session(Peer peer, boolean once) {
        // Sent from the loop's thread after the hello, which is enqueued when this has returned.
        station.dispatcher()
                .execute(
                        () -> {
                            channels.add(peer.channel());
                            firstPeer.countDown();
                        });
        return new Session() {
            @Override
            public void onMessage(Message message) {
                hear(message);
            }

            @Override
            public void onEnd(Status reason) {
                channels.remove(peer.channel());
                asked.removeIf(request -> request.channel() == peer.channel());
                if (once) {
                    over.complete(null);
                }
            }
        };
    }

    void awaitPeer() throws InterruptedException {
        firstPeer.await();
    }

    private void hear(Message message) {
        try {
            if (message.opCode() == OpCode.REQUEST && !message.more()) {
                asked.offer(message.header());
            }
            String reason = message.headers().first(MessageOutputStream.ABORTED);
            if (reason != null) {
                throw new Failure(ExitCode.BROKEN, "the peer has aborted a stream: " + reason);
            }
            if (!printer.test(message)) {
                over.complete(null);
            }
            if (message.opCode() == OpCode.RESPONSE && !message.more()) {
                open.remove(message.id());
                endIfAnswered();
            }
        } catch (UncheckedIOException | Failure e) {
            over.completeExceptionally(e);
        }
    }

    // ---- the end

    /// Says that it is over when all is sent and each request has its response.
    ///
    /// @param atMost how long to wait for responses when all is sent
    void endWhenAnswered(Duration atMost) {
        var _ =
                doneSending.thenRun(
                        () -> {
                            endIfAnswered();
                            station.dispatcher().after(atMost, () -> giveUp(atMost));
                        });
    }

    private void giveUp(Duration atMost) {
        String message = open.size() + " not answered within " + atMost.toMillis() + " ms";
        over.completeExceptionally(new Failure(ExitCode.NO, message));
    }

    private void endIfAnswered() {
        if (doneSending.isDone() && !unsent && open.isEmpty()) {
            over.complete(null);
        }
    }

    /// Waits until it is over.
    void awaitEnd() throws Exception {
        try {
            over.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    // ---- sending

    /// Sends all that is to be sent, on a thread of its own, as reading may not be interrupted.
    void begin(Outgoing outgoing) {
        Thread.ofPlatform()
                .daemon()
                .name("tofuctl-input")
                .start(
                        () -> {
                            try {
                                outgoing.sendTo(this);
                            } catch (Exception | Error e) {
                                onFailure(e);
                            }
                            doneSending.complete(null);
                        });
    }

    private void onFailure(Throwable failure) {
        unsent = true;
        if (!isEnd(failure)) {
            over.completeExceptionally(failure);
        } // else the end of the channel says more
    }

    private static boolean isEnd(Throwable failure) {
        Throwable said = failure instanceof MessageStreamException ? failure.getCause() : failure;
        return said instanceof AmpeException e
                && (e.channelEnded() || e.status() == Status.SHUTDOWN_STARTED);
    }

    /// Sends a message to each peer; or a response to the oldest request.
    ///
    /// @param fill writes what it says; may change op code and id
    void send(Consumer<Message> fill) throws InterruptedException {
        for (BinaryHeader target : targets()) {
            try (Message message = message(target)) {
                fill.accept(message);
                if (message.id() == 0) { // the engine would choose one that nobody here knows
                    message.id(target.id());
                }
                if (message.opCode() == OpCode.REQUEST) {
                    open.add(message.id());
                }
                station.dispatcher().group().enqueueToPeer(message, AGES);
            } catch (AmpeException e) {
                if (!e.channelEnded()) {
                    throw e;
                }
                if (alone) {
                    unsent = true;
                } // else others may be there
            }
        }
    }

    /// Sends all of a stream to each peer, as a chain of messages.
    void send(InputStream in) throws IOException, InterruptedException {
        List<MessageOutputStream> streams = new ArrayList<>();
        Dispatcher dispatcher = station.dispatcher();
        try {
            for (BinaryHeader target : targets()) {
                Message first = message(target);
                if (first.opCode() == OpCode.REQUEST) {
                    open.add(first.id());
                }
                streams.add(
                        new MessageOutputStream(station.ampe(), dispatcher.group(), first, AGES));
            }
            byte[] part = new byte[MessageOutputStream.DEFAULT_CHUNK_LENGTH];
            for (int length = in.read(part); length >= 0; length = in.read(part)) {
                int count = length;
                each(streams, stream -> stream.write(part, 0, count));
            }
            each(streams, MessageOutputStream::finish);
        } finally {
            for (MessageOutputStream stream : streams) {
                stream.close();
            }
        }
    }

    private interface Step {
        void of(MessageOutputStream stream) throws IOException;
    }

    /// Goes on with the others when one of several peers has gone.
    private void each(List<MessageOutputStream> streams, Step step) throws IOException {
        for (MessageOutputStream stream : List.copyOf(streams)) {
            try {
                step.of(stream);
            } catch (MessageStreamException e) {
                if (alone || !isEnd(e)) {
                    throw e;
                }
                streams.remove(stream);
                stream.close();
            }
        }
    }

    /// Channel and id of what is to be sent.
    private List<BinaryHeader> targets() throws InterruptedException {
        if (type == Type.RESPONSE) {
            return List.of(asked.take());
        }
        List<BinaryHeader> targets = new ArrayList<>();
        if (alone && channels.isEmpty()) {
            unsent = true;
        }
        for (int channel : channels) {
            targets.add(
                    new BinaryHeader(
                            channel,
                            type.opCode,
                            tofu.api.Origin.APPLICATION,
                            false,
                            false,
                            Status.SUCCESS,
                            ids.incrementAndGet(),
                            0,
                            0));
        }
        return targets;
    }

    private Message message(BinaryHeader target) {
        Message message = station.dispatcher().message();
        message.opCode(type.opCode).channel(target.channel()).id(target.id());
        for (Map.Entry<String, String> header : headers) {
            message.headers().append(header.getKey(), header.getValue());
        }
        return message;
    }
}
