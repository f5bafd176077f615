package tofu.kit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.kit.RequestException.Reason;

/// Asks, and brings each answer to who asked: a Response counts if it has the id of the request
/// *and* comes on the channel that was asked.
///
/// Every request ends exactly once: by its answer, by a [RequestException], by what a sink has
/// thrown, or because its asker cancels the future. An answer that comes later is closed, and
/// so is one after [#close()]. A request is one message; its answer may have parts (`more`).
///
/// Somewhat long: all forms of asking, and all ways in which a request ends, are here.
///
/// Threads: any may ask. Futures are completed by the dispatcher's loop: what depends on them runs
/// there, unless it says otherwise, and must not wait.
/// Errors: what is wrong before a request was moved is thrown, and the request is still the
/// caller's; all else ends the future.
public final class Requester implements AutoCloseable {
    /// How many requests may be under way at a time, unless said otherwise.
    public static final int DEFAULT_MAX_PENDING = 65_536;

    /// How many bytes the parts of an answer that are collected may have together, unless said
    /// otherwise: 16 MiB.
    public static final long DEFAULT_MAX_ANSWER_BYTES = 16 << 20;

    private final Dispatcher dispatcher;
    private final int maxPending;

    /// Ids begin anywhere, so that neither another requester nor the last run has the same.
    private final long firstId = ThreadLocalRandom.current().nextLong();

    private final AtomicLong idCount = new AtomicLong();
    private final AtomicLong late = new AtomicLong();

    /// By channel and id; guarded by itself, as is the count. Nothing foreign is called meanwhile.
    private final Map<Integer, Map<Long, Pending<?>>> underWay = new HashMap<>();

    private int pending;
    private boolean closed;

    /// Whether its answers are left to [ClosedRequesters].
    private boolean left;

    private final Filter filter =
            new Filter() {
                @Override
                public boolean take(Message message) {
                    return Requester.this.take(message);
                }

                @Override
                public void end() {
                    Requester.this.end("the dispatcher has ended");
                }
            };

    /// Makes a requester for the channels of a dispatcher's group.
    ///
    /// @param dispatcher brings the answers
    public Requester(Dispatcher dispatcher) {
        this(dispatcher, DEFAULT_MAX_PENDING);
    }

    /// Makes a requester for the channels of a dispatcher's group.
    ///
    /// @param dispatcher brings the answers
    /// @param maxPending how many requests may be under way at a time, at least 1
    /// @throws IllegalArgumentException if it is less
    public Requester(Dispatcher dispatcher, int maxPending) {
        this.dispatcher = dispatcher;
        this.maxPending = Bounds.atLeast(1, "maxPending", maxPending);
        dispatcher.filter(filter);
    }

    /// Asks, and expects an answer of one message.
    ///
    /// @param channel whom to ask
    /// @param request becomes a Request with an id; moved if this returns
    /// @param timeout for the answer, from now; of any length
    /// @return the answer, owned by who gets it; or a [RequestException]
    /// @throws AmpeException as [tofu.api.ChannelGroup#enqueueToPeer(Message)]; with
    ///     [Status#INVALID_MORE_USAGE] for a request of several parts
    /// @throws RequestException with [Reason#NOT_SENT] if too many are under way
    /// @throws RejectedExecutionException if the dispatcher has 1,048,576 timers already
    public CompletableFuture<Message> ask(int channel, Message request, Duration timeout) {
        return ask(channel, request, timeout, new Answer.Single());
    }

    /// Asks, and waits for an answer of one message. Not for the dispatcher's own thread.
    ///
    /// @param channel whom to ask
    /// @param request becomes a Request with an id; [Message#isEmptied()] says whether it was moved
    /// @param timeout for room in the send queue and for the answer together
    /// @return the answer, owned by the caller
    /// @throws AmpeException as [#ask]
    /// @throws RequestException if there is no answer
    /// @throws InterruptedException if interrupted while waiting
    /// @throws IllegalStateException on the thread that runs the dispatcher
    public Message askAndWait(int channel, Message request, Duration timeout)
            throws InterruptedException {
        refuseLoop();
        long deadlineNanos = deadline(timeout);
        Pending<Message> asked = prepare(timeout, new Answer.Single());
        try {
            register(asked, channel, request);
            dispatcher.group().enqueueToPeer(request, timeout);
        } catch (Throwable e) {
            asked.future().cancel(false);
            throw e;
        }
        return await(asked.future(), deadlineNanos);
    }

    /// Asks, and collects the parts of the answer, [#DEFAULT_MAX_ANSWER_BYTES] at most.
    ///
    /// @param channel whom to ask
    /// @param request becomes a Request with an id; moved if this returns
    /// @param timeout for the whole answer, from now
    /// @param maxParts how many parts the answer may have, at least 1
    /// @return the parts, owned by who gets them; or a [RequestException]
    /// @throws AmpeException as [#ask]
    /// @throws RequestException as [#ask]
    /// @throws IllegalArgumentException if `maxParts` is less
    public CompletableFuture<List<Message>> askForParts(
            int channel, Message request, Duration timeout, int maxParts) {
        return askForParts(channel, request, timeout, maxParts, DEFAULT_MAX_ANSWER_BYTES);
    }

    /// Asks, and collects the parts of the answer: so many at most, and so many bytes of them,
    /// whichever comes first.
    ///
    /// @param channel whom to ask
    /// @param request becomes a Request with an id; moved if this returns
    /// @param timeout for the whole answer, from now
    /// @param maxParts how many parts the answer may have, at least 1
    /// @param maxBytes how many bytes they may have together, as on the wire: text headers, body
    ///     and 16 bytes for each; at least 131,086 (the longest message)
    /// @return the parts, owned by who gets them; or a [RequestException]
    /// @throws AmpeException as [#ask]
    /// @throws RequestException as [#ask]
    /// @throws IllegalArgumentException if `maxParts` or `maxBytes` is less
    public CompletableFuture<List<Message>> askForParts(
            int channel, Message request, Duration timeout, int maxParts, long maxBytes) {
        int most = Bounds.atLeast(1, "maxParts", maxParts);
        long mostBytes = Bounds.roomForOne("maxBytes", maxBytes);
        return ask(channel, request, timeout, new Answer.Collected(most, mostBytes));
    }

    /// Asks, and hands over each part of the answer as it comes.
    ///
    /// @param channel whom to ask
    /// @param request becomes a Request with an id; moved if this returns
    /// @param timeout for the whole answer, from now
    /// @param sink is given each part, in order, on the dispatcher's thread, also while the future
    ///     ends; may move or [keep][Dispatcher#keep] it. What it throws ends the request, and the
    ///     rest is let go
    /// @return how many parts there were, after the last
    /// @throws AmpeException as [#ask]
    /// @throws RequestException as [#ask]
    public CompletableFuture<Long> askForStream(
            int channel, Message request, Duration timeout, Handler sink) {
        return ask(channel, request, timeout, new Answer.Streamed(sink));
    }

    /// How many requests are under way.
    ///
    /// @return 0 to the bound
    public int pending() {
        synchronized (underWay) {
            return pending;
        }
    }

    /// How many answers came when nobody wanted them any more, or on a channel that was not asked.
    ///
    /// @return the count so far
    public long late() {
        return late.get();
    }

    /// Takes no more requests, and ends all that are under way, with [Reason#STOPPED]: on the
    /// loop's thread, soon; here and now if the loop has ended, or has 65,536 tasks already.
    ///
    /// Answers that still come are closed, and nobody sees them, for as long as the dispatcher
    /// lives: but those of a requester that 1,024 others were closed after go to the handlers.
    @Override
    public void close() {
        stop(); // first this: what is sent from now on has an id already
        synchronized (underWay) {
            if (left) {
                return;
            }
            left = true;
        }
        long given = idCount.get();
        if (given > 0) {
            dispatcher.closedRequesters().add(firstId, given, late);
        }
        dispatcher.unfilter(filter);
    }

    /// The same, but goes on to take the answers that still come by itself.
    void stop() {
        end("the requester was closed");
    }

    /// The same, when all channels that were asked have ended, so that no answer can come.
    void leave() {
        stop();
        dispatcher.unfilter(filter);
    }

    @Override
    public String toString() {
        return "Requester["
                + ("pending=" + pending())
                + (", maxPending=" + maxPending)
                + (", late=" + late)
                + "]";
    }

    private <T> CompletableFuture<T> ask(
            int channel, Message request, Duration timeout, Answer<T> answer) {
        Pending<T> asked = prepare(timeout, answer);
        try {
            register(asked, channel, request);
            dispatcher.group().enqueueToPeer(request);
            return asked.future();
        } catch (Throwable e) {
            asked.future().cancel(false);
            throw e;
        }
    }

    // ---- for the Connector, which may have to wait before it can send

    /// Makes a request that ends by its timeout at the latest, and is not sent yet.
    <T> Pending<T> prepare(Duration timeout, Answer<T> answer) {
        Pending<T> asked = new Pending<>(answer, firstId + idCount.incrementAndGet(), this::forget);
        asked.timer(
                dispatcher.after(
                        timeout,
                        () ->
                                asked.fail(
                                        Reason.TIMEOUT,
                                        Status.SUCCESS,
                                        "no answer within " + timeout)));
        return asked;
    }

    /// Sends a request that was prepared, if that is possible at once.
    ///
    /// @return unless [Dispatcher.Sent#YES], the request is still the caller's, and may be tried
    ///     again
    /// @throws RuntimeException as [#ask]; the same holds
    Dispatcher.Sent trySend(Pending<?> asked, int channel, Message request) {
        Dispatcher.Sent sent = Dispatcher.Sent.GONE;
        try {
            register(asked, channel, request);
            sent = dispatcher.send(request);
            return sent;
        } finally {
            if (sent != Dispatcher.Sent.YES) {
                forget(asked);
            }
        }
    }

    /// First this, then sending: the answer may be faster than the return of the call.
    private void register(Pending<?> asked, int channel, Message request) {
        if (request.more()) {
            throw new AmpeException(Status.INVALID_MORE_USAGE, "a request is one message");
        }
        synchronized (underWay) {
            if (closed) {
                throw new AmpeException(Status.SHUTDOWN_STARTED, "the requester has ended");
            }
            if (pending >= maxPending) {
                throw new RequestException(
                        Reason.NOT_SENT,
                        Status.SUCCESS,
                        maxPending + " requests are under way already");
            }
            asked.channel(channel);
            underWay.computeIfAbsent(channel, number -> new HashMap<>()).put(asked.id(), asked);
            pending++;
        }
        if (asked.future().isDone()) {
            forget(asked); // its timeout was faster
        }
        request.opCode(OpCode.REQUEST).channel(channel).id(asked.id());
    }

    private void forget(Pending<?> asked) {
        synchronized (underWay) {
            Map<Long, Pending<?>> ofChannel = underWay.get(asked.channel());
            if (ofChannel != null && ofChannel.remove(asked.id(), asked)) {
                pending--;
                if (ofChannel.isEmpty()) {
                    underWay.remove(asked.channel());
                }
            }
        }
    }

    private @Nullable Pending<?> find(int channel, long id) {
        synchronized (underWay) {
            Map<Long, Pending<?>> ofChannel = underWay.get(channel);
            return ofChannel == null ? null : ofChannel.get(id);
        }
    }

    /// A thread that waits for itself waits in vain.
    void refuseLoop() {
        if (dispatcher.isLoop()) {
            throw new IllegalStateException("the dispatcher's thread would wait for itself");
        }
    }

    /// When a wait that begins now has to end, as [System#nanoTime()] counts.
    static long deadline(Duration timeout) {
        // Half of the range is for ever, and its difference to any time stays in the range.
        return System.nanoTime() + Math.min(Nanos.of(timeout), Long.MAX_VALUE / 2);
    }

    /// Waits on the calling thread. The timer of the loop ends the future; but the wait ends in
    /// time even if nobody runs the loop.
    static Message await(CompletableFuture<Message> future, long deadlineNanos)
            throws InterruptedException {
        try {
            return future.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw unwrapped(e);
        } catch (TimeoutException e) {
            future.completeExceptionally(
                    new RequestException(Reason.TIMEOUT, Status.SUCCESS, "no answer in time"));
            return await(future, deadlineNanos);
        } catch (InterruptedException e) {
            if (!future.cancel(false) && !future.isCompletedExceptionally()) {
                future.join().close(); // it came just now, and nobody wants it any more
            }
            throw e;
        }
    }

    /// The failure itself, with the stack of who asked.
    private static RuntimeException unwrapped(ExecutionException e) {
        if (e.getCause() instanceof RequestException cause) {
            return new RequestException(cause);
        }
        return new IllegalStateException(e.getCause());
    }

    // ---- the loop

    private boolean take(Message message) {
        if (message.endsChannel()) {
            endChannel(message.channel(), dispatcher.reason(message));
            return false;
        }
        boolean mine = isMine(message.id());
        if (mine && message.origin() == Origin.APPLICATION) {
            if (message.opCode() != OpCode.RESPONSE) {
                return false; // the peer's own request; it may choose any id
            }
            Pending<?> asked = find(message.channel(), message.id());
            if (asked == null) {
                late.incrementAndGet();
            } else {
                asked.take(asked.ownsParts() ? dispatcher.keep(message) : message);
            }
            return true;
        }
        if (mine && message.opCode() == OpCode.REQUEST) { // the engine gives it back
            Pending<?> asked = find(message.channel(), message.id());
            if (asked != null) {
                asked.fail(Reason.NOT_SENT, message.status(), "it came back: " + message.status());
            }
            return true;
        }
        return false;
    }

    /// Whether an id is one of those that were given so far.
    private boolean isMine(long id) {
        return isAmong(id, firstId, idCount.get());
    }

    /// Whether an id is one of so many behind the first, which itself is none.
    static boolean isAmong(long id, long firstId, long count) {
        return Long.compareUnsigned(id - firstId - 1, count) < 0;
    }

    private void endChannel(int channel, Status reason) {
        Collection<Pending<?>> ended;
        synchronized (underWay) {
            Map<Long, Pending<?>> ofChannel = underWay.get(channel);
            ended = ofChannel == null ? List.of() : List.copyOf(ofChannel.values());
        }
        for (Pending<?> asked : ended) {
            String detail = "channel " + channel + " has ended: " + reason;
            asked.fail(Reason.CHANNEL_ENDED, reason, detail);
        }
    }

    private void end(String why) {
        synchronized (underWay) {
            closed = true;
        }
        if (dispatcher.isLoop()) {
            failAll(why);
            return;
        }
        try {
            dispatcher.execute(() -> failAll(why)); // what depends on them runs there
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            failAll(why);
        }
    }

    private void failAll(String why) {
        Collection<Pending<?>> ended = new ArrayList<>();
        synchronized (underWay) {
            underWay.values().forEach(ofChannel -> ended.addAll(ofChannel.values()));
        }
        for (Pending<?> asked : ended) {
            asked.fail(Reason.STOPPED, Status.SHUTDOWN_STARTED, why);
        }
    }
}
