package tofu.kit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.Status;
import tofu.kit.RequestException.Reason;

/// Keeps a connection to one of several addresses, for as long as it is open.
///
/// It says hello to one address after the other, in their order, until a server says hello, too.
/// Anything else is a failure: nobody listens, no answer in time, or a bye, which is how a server
/// refuses. After all addresses have failed it rests, see [Backoff], and begins with the first
/// again. It rests, too, before it comes back after the end of a connection; so a server that
/// accepts and leaves is not run down. That rest is a short one again if the connection had lasted
/// longer than the longest.
///
/// Requests that are made while it is down wait for the next connection, or fail. A request that
/// was under way when the connection ended is not repeated: only the application knows whether it
/// may be done twice.
///
/// Requests of the server go to the handler. Without one that answers them, or a [Heartbeat] that
/// watches the connection, a server with a heartbeat takes us for dead.
///
/// Threads: any; hooks and the handler run on the dispatcher's thread.
///
/// Somewhat long, since half of it describes connectors: each choice with its default.
public final class Connector implements AutoCloseable {
    /// How many requests may wait for a connection at a time, unless said otherwise.
    public static final int DEFAULT_MAX_WAITING = 1_024;

    /// How many bytes of requests may wait for a connection at a time, unless said otherwise:
    /// 4 MiB.
    public static final long DEFAULT_MAX_WAITING_BYTES = 4 << 20;

    /// What becomes of requests that are made while there is no connection.
    ///
    /// More may come: a `switch` over them needs a `default`.
    public enum WhileDown {
        /// They wait for one, within their timeout.
        WAIT,
        /// They are refused with [Reason#NOT_SENT].
        FAIL
    }

    private final Dispatcher dispatcher;
    private final List<Address.Client> addresses;
    private final Requester requester;
    private final HeldRequests held;
    private final Link link;
    private final WhileDown whileDown;

    /// Ends the connection if there is too much to do, or no memory, for a task.
    private final Timer leaving;

    private final Filter ends =
            new Filter() {
                @Override
                public boolean take(Message message) {
                    if (message.endsChannel()) {
                        link.hearEnd(message);
                    }
                    return false;
                }

                @Override
                public void end() {
                    held.failAll("the dispatcher has ended");
                    link.end();
                }
            };

    private Connector(Builder builder) {
        dispatcher = builder.dispatcher;
        addresses = List.copyOf(builder.addresses);
        whileDown = builder.whileDown;
        leaving = dispatcher.resting(this::leave);
        boolean made = false;
        try {
            link = new Link(dispatcher, builder.settings(), this::sendWaiting, this::finish);
            made = true;
        } finally {
            if (!made) {
                leaving.cancel();
            }
        }
        requester = new Requester(dispatcher); // last: the timers may have been refused
        held = new HeldRequests(dispatcher, requester, builder.maxWaiting, builder.maxWaitingBytes);
    }

    /// Keeps a connection to an address, in the usual way.
    ///
    /// @param dispatcher receives for it
    /// @param address where to connect to
    /// @return a connector that has begun
    public static Connector to(Dispatcher dispatcher, Address.Client address) {
        return builder(dispatcher).to(address).start();
    }

    /// Begins to describe a connector.
    ///
    /// @param dispatcher receives for it
    /// @return a builder
    public static Builder builder(Dispatcher dispatcher) {
        return new Builder(dispatcher);
    }

    /// Describes a connector. Threads: one.
    public static final class Builder {
        private final Dispatcher dispatcher;
        private final List<Address.Client> addresses = new ArrayList<>();

        /// As a pattern: each connector has one of its own.
        private Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

        private Duration helloTimeout = Duration.ofSeconds(10);
        private Consumer<Message> hello = message -> {};
        private Handler handler = message -> {};
        private IntConsumer onUp = channel -> {};
        private Consumer<Status> onDown = status -> {};
        private WhileDown whileDown = WhileDown.WAIT;
        private int maxWaiting = DEFAULT_MAX_WAITING;
        private long maxWaitingBytes = DEFAULT_MAX_WAITING_BYTES;

        Builder(Dispatcher dispatcher) {
            this.dispatcher = dispatcher;
        }

        /// Adds an address; the first one is tried first.
        ///
        /// @param address where to connect to
        /// @return this
        public Builder to(Address.Client address) {
            addresses.add(address);
            return this;
        }

        /// Says how long to wait between tries, see [Backoff]; from 100 ms to 10 s, unless said
        /// otherwise.
        ///
        /// @param first the longest that the first wait may be, more than zero
        /// @param longest the longest that any wait may be, at least `first`, at most a day
        /// @return this
        /// @throws IllegalArgumentException outside these ranges
        public Builder backoff(Duration first, Duration longest) {
            backoff = new Backoff(first, longest);
            return this;
        }

        /// Says how long a server may take to say hello, 10 s unless said otherwise.
        ///
        /// @param timeout more than zero, from when our hello is enqueued: to look up names and to
        ///     connect counts
        /// @return this
        /// @throws IllegalArgumentException if it is not
        public Builder helloTimeout(Duration timeout) {
            helloTimeout = Bounds.moreThanZero("helloTimeout", timeout);
            return this;
        }

        /// Says what to write into each hello, such as a name.
        ///
        /// @param fill is given the hello before it is sent; must not move it
        /// @return this
        public Builder hello(Consumer<Message> fill) {
            hello = fill;
            return this;
        }

        /// Says who handles what the server sends, answers to requests excepted; also messages that
        /// could not be sent and come back. Byes are answered, and not seen by it.
        ///
        /// @param messages handles them
        /// @return this
        public Builder onMessage(Handler messages) {
            handler = messages;
            return this;
        }

        /// Says what to do with each new connection, such as to subscribe again: before any request
        /// that has waited is sent.
        ///
        /// Until the hook returns, the connector itself is still down: `channel()` is 0, `send` is
        /// refused, and `ask` waits or fails as [WhileDown] says. So the hook sends by the number
        /// that it is given, to [Dispatcher#group()] or with a [Requester] of its own.
        ///
        /// @param hook is told the channel's number
        /// @return this
        public Builder onUp(IntConsumer hook) {
            onUp = hook;
            return this;
        }

        /// Says what to do at the end of each connection: once for each time that it was up.
        ///
        /// @param hook is told the reason
        /// @return this
        public Builder onDown(Consumer<Status> hook) {
            onDown = hook;
            return this;
        }

        /// Says what becomes of requests that are made while there is no connection.
        ///
        /// @param requests wait, unless said otherwise
        /// @return this
        public Builder whileDown(WhileDown requests) {
            whileDown = requests;
            return this;
        }

        /// Says how many requests may wait for a connection, or for room in its send queue, at a
        /// time; others are refused.
        ///
        /// @param count 0 or more; 1,024 unless said otherwise
        /// @return this
        /// @throws IllegalArgumentException if it is less
        public Builder maxWaiting(int count) {
            maxWaiting = Bounds.atLeast(0, "maxWaiting", count);
            return this;
        }

        /// Says how many bytes of requests may wait for a connection, or for room in its send
        /// queue, at a time, if there are no more requests than [may be][#maxWaiting(int)]; others
        /// are refused. A request counts as on the wire: text headers, body and 16 bytes.
        ///
        /// @param bytes at least 131,086 (the longest message); 4 MiB unless said otherwise
        /// @return this
        /// @throws IllegalArgumentException if it is less
        public Builder maxWaitingBytes(long bytes) {
            maxWaitingBytes = Bounds.roomForOne("maxWaitingBytes", bytes);
            return this;
        }

        private ConnectorSettings settings() {
            return new ConnectorSettings(
                    List.copyOf(addresses),
                    backoff.another(),
                    helloTimeout,
                    hello,
                    handler,
                    onUp,
                    onDown);
        }

        /// Begins to connect.
        ///
        /// @return a connector
        /// @throws IllegalStateException without an address
        /// @throws RejectedExecutionException if the dispatcher has ended, or has 65,536 tasks or
        ///     1,048,576 timers already
        public Connector start() {
            if (addresses.isEmpty()) {
                throw new IllegalStateException("a connector needs an address");
            }
            return new Connector(this).begin();
        }
    }

    private Connector begin() {
        boolean begun = false;
        try {
            dispatcher.filter(ends);
            dispatcher.execute(link::call);
            begun = true;
        } finally {
            if (!begun) {
                leave(); // nobody else has it, and the dispatcher is to keep nothing of it
            }
        }
        return this;
    }

    /// The connection's channel.
    ///
    /// @return the number; 0 while there is none
    public int channel() {
        return link.channel();
    }

    /// How often it has not come to a connection: nobody there, no hello in time, or a refusal.
    ///
    /// @return the count so far
    public long failures() {
        return link.failures();
    }

    /// How many of the failures were a server that said bye in place of hello.
    ///
    /// @return the count so far
    public long refusals() {
        return link.refusals();
    }

    @Override
    public String toString() {
        return "Connector["
                + ("addresses=" + addresses)
                + (", channel=" + channel())
                + (", failures=" + failures())
                + "]";
    }

    /// Asks the server, and expects an answer of one message. Requests of one thread are sent in
    /// their order.
    ///
    /// @param request moved if this returns
    /// @param timeout for connection and answer together
    /// @return the answer, owned by who gets it; or a [RequestException]
    /// @throws RequestException with [Reason#NOT_SENT] if there is no connection, or no room in its
    ///     send queue, and the request may not wait, or as much waits as may
    /// @throws AmpeException as [Requester#ask], if the request is no good
    /// @throws RejectedExecutionException if the dispatcher has 1,048,576 timers already
    public CompletableFuture<Message> ask(Message request, Duration timeout) {
        Pending<Message> asked = requester.prepare(timeout, new Answer.Single());
        try {
            int server = channelWithoutQueue();
            if (server == 0 || requester.trySend(asked, server, request) != Dispatcher.Sent.YES) {
                hold(asked, request);
            }
            return asked.future();
        } catch (Throwable e) {
            asked.future().cancel(false);
            throw e;
        }
    }

    /// As [#ask(Message, Duration)], with a request that is made here.
    ///
    /// @param fill is given an empty message to fill
    /// @param timeout for connection and answer together
    /// @return the answer, owned by who gets it; or a [RequestException]
    /// @throws RequestException as [#ask(Message, Duration)]
    /// @throws AmpeException as [#ask(Message, Duration)]
    public CompletableFuture<Message> ask(Consumer<Message> fill, Duration timeout) {
        try (Message request = dispatcher.message()) {
            fill.accept(request);
            return ask(request, timeout);
        }
    }

    /// Asks the server, and waits for an answer of one message. Not for the dispatcher's thread.
    ///
    /// @param fill is given an empty message to fill
    /// @param timeout for connection and answer together
    /// @return the answer, owned by the caller
    /// @throws RequestException if there is no answer
    /// @throws AmpeException as [#ask(Message, Duration)]
    /// @throws InterruptedException if interrupted while waiting
    /// @throws IllegalStateException on the thread that runs the dispatcher
    public Message askAndWait(Consumer<Message> fill, Duration timeout)
            throws InterruptedException {
        requester.refuseLoop();
        long deadlineNanos = Requester.deadline(timeout);
        return Requester.await(ask(fill, timeout), deadlineNanos);
    }

    /// Sends something that wants no answer, such as a Signal, if that is possible at once.
    ///
    /// @param message is given the channel's number; moved if this returns true
    /// @return false if there is no connection, no room in its send queue, or a request that waits
    ///     for room, which would be overtaken; the message is still the caller's
    /// @throws AmpeException if the message is no good
    public boolean send(Message message) {
        int server = channelWithoutQueue();
        return server != 0 && dispatcher.send(message.channel(server)) == Dispatcher.Sent.YES;
    }

    /// Ends the connection in good order, and begins no other. Does not wait for that. Requests
    /// that are under way or wait end with [Reason#STOPPED], as [Requester#close()] says.
    ///
    /// The bye is said by the dispatcher's loop, soon. A [Dispatcher] that is closed at once may
    /// end before that: then the channel is closed without a bye, after what was enqueued has been
    /// sent. To leave time for the bye, close the dispatcher only when the hook of
    /// [Builder#onDown] was told the end of the connection.
    @Override
    public void close() {
        requester.stop();
        try {
            dispatcher.execute(this::leave);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            dispatcher.set(leaving, Duration.ZERO); // if it has ended, so have all its channels
        }
    }

    private void finish() {
        leaving.cancel();
        requester.leave();
        dispatcher.unfilter(ends);
    }

    private void leave() {
        if (!link.isClosed()) {
            link.close();
            held.failAll("the connector was closed");
        }
    }

    /// The channel for what may be sent at once: 0 also while requests wait, as they come first.
    private int channelWithoutQueue() {
        int server = link.channel();
        return held.size() == 0 ? server : 0;
    }

    private void hold(Pending<Message> asked, Message request) {
        if (whileDown == WhileDown.FAIL) {
            throw notSent("there is no connection, or no room in its send queue");
        }
        String lack = held.add(asked, request);
        if (lack != null) {
            throw notSent(lack);
        }
        try {
            dispatcher.execute(this::sendWaiting); // it may be up by now
        } catch (RejectedExecutionException e) {
            String detail = String.valueOf(e.getMessage());
            if (dispatcher.isStopping()) {
                asked.fail(Reason.STOPPED, Status.SHUTDOWN_STARTED, detail);
            } else if (held.forget(asked)) { // else it is on its way
                asked.fail(Reason.NOT_SENT, Status.SUCCESS, detail);
            }
        } catch (Error e) { // no memory: nobody will have its answer, so there is to be none
            asked.fail(Reason.STOPPED, Status.ALLOCATION_FAILED, String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private static RequestException notSent(String detail) {
        return new RequestException(Reason.NOT_SENT, Status.SUCCESS, detail);
    }

    private void sendWaiting() {
        int server = link.channel();
        if (server != 0) {
            held.sendAll(server);
        } else if (link.isClosed()) {
            held.failAll("the connector was closed");
        }
    }
}
