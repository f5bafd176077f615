package tofu.kit;

import java.lang.System.Logger;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Channel;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// Receives for a group of its own, and brings each message to whom it concerns; runs timers, and
/// what other threads want done, in between.
///
/// A message goes to the [filters][#filter] first, then to the one handler that fits best: that of
/// its channel, of one of its text headers, of its op code, or the one for all else. The hello of a
/// peer goes by its op code only. It is closed afterwards, unless it was moved or [kept][#keep].
///
/// What a handler, a timer or a task throws goes to [one place][#onFailure], and ends the channel
/// of the message that it was about; the loop goes on.
///
/// Threads: one runs the loop: whoever calls [#run()], or the daemon thread that [#start()] makes,
/// `tofu-dispatcher`. All handlers, timers and tasks run there, one at a time, and should not wait.
/// Every other method may be called by any thread.
/// Owns: its group, which ends with it.
///
/// Somewhat long, since all that an application says to its loop is said here.
public final class Dispatcher implements Executor, Runnable, AutoCloseable {
    /// How long the loop sleeps at most: who was to wake it may have had no memory for that.
    private static final long LOOK_NANOS = 1_000_000_000;

    /// How long the loop leaves it to others to give memory back, when it has met a want of it.
    private static final long PAUSE_NANOS = 1_000_000;

    /// How long [#close()] waits at most for the handler that is at work.
    public static final Duration CLOSE_WAIT = Duration.ofSeconds(10);

    /// When to try again to cut a channel off, if there was no memory for that.
    static final Duration CUT_AGAIN = Duration.ofMillis(20);

    private static final Logger LOG = System.getLogger("tofu.kit");

    /// Where the dispatcher is in its life; only ever goes on to a later one.
    private enum State {
        NEW,
        RUNNING,
        ENDED
    }

    private final Ampe ampe;
    private final ChannelGroup group;
    private final LongSupplier clock;
    private final long startNanos;
    private final Routes routes = new Routes();
    private final Timers timers = new Timers();
    private final Tasks tasks = new Tasks();
    private final Reasons reasons = new Reasons();
    private final ClosedRequesters closedRequesters = new ClosedRequesters(routes);
    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
    private final CountDownLatch ended = new CountDownLatch(1);

    /// Set before the loop looks for work the last time, taken by who adds some: pairs with
    /// [#wake()].
    private final AtomicBoolean asleep = new AtomicBoolean();

    private volatile boolean stopping;
    private volatile @Nullable Thread loop;
    private final FailureLog failureLog;
    private volatile FailureHandler failures;

    /// Channels that were cut because a handler failed, until they end; loop only.
    private final BitSet broken = new BitSet();

    /// The message that a handler has kept; loop only.
    private @Nullable Message kept;

    /// Makes a dispatcher with a new group of an engine. It receives nothing until [#run()] or
    /// [#start()].
    ///
    /// @param ampe the engine, which stays the caller's, and should be closed later
    /// @throws AmpeException with [Status#SHUTDOWN_STARTED]
    public Dispatcher(Ampe ampe) {
        this(ampe, System::nanoTime);
    }

    Dispatcher(Ampe ampe, LongSupplier clock) {
        this.ampe = ampe;
        this.group = ampe.create();
        this.clock = clock;
        this.startNanos = clock.getAsLong();
        this.failureLog = new FailureLog(LOG, clock);
        this.failures = failureLog;
    }

    /// The engine.
    ///
    /// @return the engine
    public Ampe ampe() {
        return ampe;
    }

    /// The group that this receives for: to enqueue to; not to receive from.
    ///
    /// @return the group
    public ChannelGroup group() {
        return group;
    }

    /// Gets an empty message; goes beyond the pool if it must.
    ///
    /// @return a message owned by the caller
    /// @throws AmpeException with [Status#SHUTDOWN_STARTED] or [Status#ALLOCATION_FAILED]
    public Message message() {
        return ampe.get();
    }

    // ---- who has what

    /// Lets somebody see each message before the handlers do; the first one added sees it first.
    ///
    /// @param filter sees all messages from now on
    /// @return this
    public Dispatcher filter(Filter filter) {
        routes.add(filter);
        return this;
    }

    /// Lets somebody see each message before all who are there by now.
    void filterFirst(Filter filter) {
        routes.addFirst(filter);
    }

    /// All who see each message, in their order.
    Iterable<Filter> filters() {
        return routes.filters();
    }

    /// Takes what comes for requesters that were closed.
    ClosedRequesters closedRequesters() {
        return closedRequesters;
    }

    /// Ends what [#filter(Filter)] began.
    ///
    /// @param filter sees no more messages
    public void unfilter(Filter filter) {
        routes.remove(filter);
    }

    /// Handles what belongs to a channel, but for the hello of a peer, until its last message,
    /// which is handled as well. Takes the place of the handler before. The [Server] of a peer goes
    /// on to send what waits for room.
    ///
    /// To miss nothing of a new channel, call this on the loop's thread, right after enqueueing the
    /// hello.
    ///
    /// @param channel the channel's number, 1 to 65,534; or 0 for what concerns none, such as
    ///     [updates][ChannelGroup#updateReceiver]
    /// @param handler what to do with its messages
    /// @return this
    public Dispatcher on(int channel, Handler handler) {
        routes.put(channel, handler);
        return this;
    }

    /// Ends what [#on(int, Handler)] began. A [Server] and its listeners hear on.
    ///
    /// @param channel the channel's number
    public void off(int channel) {
        routes.remove(channel);
    }

    /// Handles what belongs to a channel as long as [#on(int, Handler)] has no other handler for
    /// it, and its last message in any case. On the loop's thread only.
    void own(int channel, Handler handler) {
        routes.own(channel, handler);
    }

    /// Handles the messages of peers that have a text header, but for hellos, unless their channel
    /// has a handler. Takes the place of the handler before.
    ///
    /// @param header the header's name
    /// @param handler what to do with them
    /// @return this
    public Dispatcher on(String header, Handler handler) {
        routes.put(header, handler);
        return this;
    }

    /// Ends what [#on(String, Handler)] began.
    ///
    /// @param header the header's name
    public void off(String header) {
        routes.remove(header);
    }

    /// Handles the messages of peers that have an op code, unless their channel or a text header
    /// has a handler. Does not take the place of a handler before: that has to [go][#off(OpCode)].
    ///
    /// @param opCode the op code
    /// @param handler what to do with them
    /// @return this
    /// @throws IllegalStateException if the op code has a handler already; that of a [Server] that
    ///     has [left][Server#drain] is none
    public Dispatcher on(OpCode opCode, Handler handler) {
        routes.put(opCode, handler);
        return this;
    }

    /// As [#on(OpCode, Handler)].
    ///
    /// @return the handler that was left over, for [#giveBack]; null if there was none
    @Nullable Handler take(OpCode opCode, Handler handler) {
        return routes.put(opCode, handler);
    }

    /// Ends what [#take] began, as if it had not been.
    ///
    /// @param before as [#take] has returned it
    void giveBack(OpCode opCode, Handler handler, @Nullable Handler before) {
        routes.putBack(opCode, handler, before);
    }

    /// Ends what [#on(OpCode, Handler)] began. A [Server] has the hellos (`HELLO_REQUEST`): without
    /// its handler it greets nobody.
    ///
    /// @param opCode the op code
    public void off(OpCode opCode) {
        routes.remove(opCode);
    }

    /// Lets another handler of an op code take the place of this one, which stays until then.
    void leave(OpCode opCode, Handler handler) {
        routes.leave(opCode, handler);
    }

    /// Handles all messages that nobody else does. Without it they are closed.
    ///
    /// @param handler what to do with them
    /// @return this
    public Dispatcher otherwise(Handler handler) {
        routes.otherwise(handler);
        return this;
    }

    /// Says who hears of failures. Without it they are logged by the system's logger `tofu.kit`, at
    /// most one in a second: the next one says how many were left out.
    ///
    /// @param handler hears of them, on the loop's thread
    /// @return this
    public Dispatcher onFailure(FailureHandler handler) {
        failures = handler;
        return this;
    }

    /// Says that the message that is being handled is the handler's from now on: it is not closed
    /// when the handler returns. On the loop's thread only.
    ///
    /// @param message the message that is being handled
    /// @return the same
    public Message keep(Message message) {
        kept = message;
        return message;
    }

    // ---- timers and tasks

    /// Runs something later, on the loop's thread.
    ///
    /// @param delay from now; zero or less: as soon as possible
    /// @param task what to do
    /// @return the timer, to cancel it
    /// @throws RejectedExecutionException if 1,048,576 wait already
    public Timer after(Duration delay, Runnable task) {
        return add(Nanos.of(delay), 0, task);
    }

    /// Runs something again and again, on the loop's thread; the first time after one interval.
    /// What is late is not made up for.
    ///
    /// @param interval from one run to the next, more than zero
    /// @param task what to do
    /// @return the timer, to cancel it
    /// @throws IllegalArgumentException if the interval is not positive
    /// @throws RejectedExecutionException if 1,048,576 wait already
    public Timer every(Duration interval, Runnable task) {
        if (!interval.isPositive()) {
            throw new IllegalArgumentException("the interval must be positive, is " + interval);
        }
        return add(Nanos.of(interval), Nanos.of(interval), task);
    }

    /// Makes a timer that rests until it is [set][#set(Timer, Duration)], and whenever it has run:
    /// to set it needs no memory, and is never refused.
    ///
    /// @throws RejectedExecutionException if 1,048,576 wait already
    Timer resting(Runnable task) {
        return timers.addResting(task);
    }

    /// Sets a timer to another time. Nothing happens if it waits no more.
    void set(Timer timer, Duration delay) {
        timers.set(timer, Nanos.add(nowNanos(), Nanos.of(delay)));
        if (timers.isFirst(timer)) {
            wake();
        }
    }

    /// Sets a timer to another time, unless it is due before that. Nothing happens if it waits no
    /// more.
    void hasten(Timer timer, Duration delay) {
        timers.hasten(timer, Nanos.add(nowNanos(), Nanos.of(delay)));
        if (timers.isFirst(timer)) {
            wake();
        }
    }

    /// Lets a timer rest.
    void rest(Timer timer) {
        timers.set(timer, Timers.NEVER);
    }

    private Timer add(long delayNanos, long intervalNanos, Runnable task) {
        Timer timer = timers.add(Nanos.add(nowNanos(), delayNanos), intervalNanos, task);
        if (timers.isFirst(timer)) {
            wake();
        }
        return timer;
    }

    /// Runs something as soon as possible, on the loop's thread, in order with other tasks. What is
    /// still waiting when the dispatcher ends is run then, when nothing can be sent any more.
    ///
    /// @param task what to do
    /// @throws RejectedExecutionException if 65,536 wait already, or the
    ///     dispatcher has ended
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        wake();
    }

    /// What a refused task is to a caller who does not know of tasks: the end, or too much to do.
    AmpeException refused(String what, RejectedExecutionException e) {
        return isStopping()
                ? new AmpeException(Status.SHUTDOWN_STARTED, what, e)
                : new AmpeException(Status.INBOX_FULL, what + ": " + e.getMessage(), e);
    }

    /// Whether it has ended, or is about to.
    boolean isStopping() {
        return stopping;
    }

    /// Ends the loop's sleep, if it sleeps; the loop says so before it looks for work once more.
    private void wake() {
        if (asleep.get() && asleep.getAndSet(false)) {
            try {
                group.updateReceiver(null);
            } catch (RuntimeException | Error kept) {
                // Full, or closing: then it wakes by itself. No memory, no stack: what was added is
                // there all the same, so nobody is told that it is not. The next one wakes the
                // loop, which looks by itself before long, too.
                asleep.set(true);
            }
        }
    }

    // ---- the loop

    /// Starts a daemon thread that runs the loop.
    ///
    /// @return this
    /// @throws IllegalStateException if the loop runs, or has run
    public Dispatcher start() {
        begin();
        boolean started = false;
        try {
            Thread.ofPlatform().daemon().name("tofu-dispatcher").start(this::loop);
            started = true;
        } finally {
            if (!started) {
                end(); // no thread is to be had
            }
        }
        return this;
    }

    /// Runs the loop on the calling thread, platform or virtual, until the dispatcher is
    /// [stopped][#stop()] or closed, or the thread interrupted; it stays interrupted then. The
    /// dispatcher has ended when this returns.
    ///
    /// @throws IllegalStateException if the loop runs, or has run
    /// @throws AmpeException with [Status#PROCESSING_FAILED] if the engine has failed; with
    ///     [Status#CONCURRENT_RECEIVE] if another thread receives from the group
    @Override
    public void run() {
        begin();
        loop();
    }

    private void begin() {
        if (!state.compareAndSet(State.NEW, State.RUNNING)) {
            throw new IllegalStateException("the loop runs already, or has run");
        }
    }

    private void loop() {
        loop = Thread.currentThread();
        try {
            while (!stopping) {
                tryTurn();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (AmpeException e) {
            if (e.status() != Status.SHUTDOWN_STARTED) {
                throw e;
            }
        } finally {
            end();
        }
    }

    /// A want of memory, of whomever, is no reason to end: what it has met stays where it was, and
    /// the group's next message does, too.
    private void tryTurn() throws InterruptedException {
        try {
            turn(Long.MAX_VALUE);
        } catch (OutOfMemoryError e) {
            failed(e, 0, false);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /// Does what is due, then waits for one message.
    ///
    /// @param mostNanos how long it may wait
    /// @return false if no message came
    boolean turn(long mostNanos) throws InterruptedException {
        runTasks();
        runTimers();
        asleep.set(true); // first this, then looking for what to do: pairs with wake
        Message message = stopping ? null : group.waitReceiveNanos(waitNanos(mostNanos));
        asleep.set(false);
        if (message == null) {
            return false;
        }
        dispatch(message);
        return true;
    }

    private long waitNanos(long mostNanos) {
        long nanos = Math.min(mostNanos, timers.nanosToNext(nowNanos()));
        return tasks.size() > 0 ? 0 : Math.min(nanos, LOOK_NANOS);
    }

    private void dispatch(Message message) {
        int channel = message.channel();
        boolean last = message.endsChannel();
        try {
            if (!isNothing(message)) {
                reasons.hear(message);
                routes.route(message);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            failed(e, channel, !last);
        } finally {
            if (kept != message) {
                message.close();
            }
            kept = null;
            if (last) {
                broken.clear(channel);
                reasons.forget(channel);
            }
        }
    }

    /// Whether a message only wakes the loop, or comes from a peer that was cut already.
    private boolean isNothing(Message message) {
        if (message.origin() == Origin.APPLICATION) {
            return broken.get(message.channel());
        }
        return message.status() == Status.RECEIVER_UPDATE;
    }

    /// As many as there are now: those that they add come after the next message.
    private void runTasks() {
        for (int count = tasks.size(); count > 0; count--) {
            Runnable task = tasks.poll();
            if (task != null) {
                attempt(task);
            }
        }
    }

    /// As many as there are now: one that sets itself again lets messages through.
    private void runTimers() {
        long nowNanos = nowNanos();
        for (int count = timers.size(); count > 0; count--) {
            Timer due = timers.takeDue(nowNanos);
            if (due == null) {
                return;
            }
            attempt(due.task());
        }
    }

    /// Runs foreign code on the loop, so that what it throws goes to the one place.
    void attempt(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            failed(e, 0, false);
        }
    }

    /// @param open whether there is a channel to be cut off: one that has ended has left its number
    ///     to others
    private void failed(Throwable failure, int channel, boolean open) {
        try {
            tell(failure, channel);
            if (open && channel != 0 && !broken.get(channel)) {
                cut(channel);
                broken.set(channel);
            }
        } catch (VirtualMachineError noRoom) {
            // To tell, or to cut the channel off: its next message that fails tries again.
        }
    }

    private void tell(Throwable failure, int channel) {
        if (failure instanceof AmpeException e && hasEnded(e.status())) {
            return;
        }
        try {
            failures.onFailure(failure, channel);
        } catch (Throwable another) {
            if (another != failure) {
                another.addSuppressed(failure);
            }
            failureLog.onFailure(another, channel);
        }
    }

    private boolean hasEnded(Status status) {
        return status == Status.SHUTDOWN_STARTED && (stopping || state.get() == State.ENDED);
    }

    // ---- ends

    /// Ends a channel, or a listener, at once, by a ByeSignal; nothing happens if it has ended. If
    /// there is no message for that, it is tried again soon.
    ///
    /// @param channel the channel's number
    /// @throws OutOfMemoryError if there is no memory even for trying again
    public void cut(int channel) {
        try (Message bye = message()) {
            group.enqueueToPeer(bye.opCode(OpCode.BYE_SIGNAL).channel(channel));
        } catch (AmpeException e) {
            switch (e.status()) {
                case CHANNEL_CLOSED,
                        INVALID_CHANNEL_NUMBER,
                        INVALID_CHANNEL_GROUP,
                        SHUTDOWN_STARTED -> {} // what was wanted
                case ALLOCATION_FAILED -> cutLater(channel);
                default -> throw e;
            }
        }
    }

    /// By a view, since another channel may have the number by then.
    private void cutLater(int number) {
        Channel channel = group.channel(number);
        if (channel != null) {
            after(
                    CUT_AGAIN,
                    () -> {
                        if (channel.state() != Channel.State.CLOSED) {
                            cut(number);
                        }
                    });
        }
    }

    /// Asks the loop to end after the message that it handles; does not wait for that.
    public void stop() {
        stopping = true;
        wake();
    }

    /// Ends the dispatcher and its group: what was enqueued is sent within
    /// [tofu.api.Options#closeTimeout()]. Waits for the handler that is at work, at most
    /// [#CLOSE_WAIT], unless it is a handler that calls this. An interrupt is kept, and ends that
    /// wait.
    @Override
    public void close() {
        stopping = true;
        if (state.compareAndSet(State.NEW, State.ENDED)) {
            end();
            return;
        }
        group.close(); // the loop learns it where it waits
        if (Thread.currentThread() == loop) {
            return;
        }
        try {
            if (!awaitEnd(CLOSE_WAIT)) {
                LOG.log(Logger.Level.WARNING, "a handler is still at work after {0}", CLOSE_WAIT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Waits until the dispatcher has ended. Not for its own thread.
    ///
    /// @throws InterruptedException if interrupted while waiting
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /// Waits until the dispatcher has ended. Not for its own thread.
    ///
    /// @param timeout how long to wait at most
    /// @return false if it has not ended in time
    /// @throws InterruptedException if interrupted while waiting
    public boolean awaitEnd(Duration timeout) throws InterruptedException {
        return ended.await(Nanos.of(timeout), TimeUnit.NANOSECONDS);
    }

    /// Whether the loop has ended, or never will begin.
    ///
    /// @return true once nothing is handled any more
    public boolean isEnded() {
        return ended.getCount() == 0;
    }

    /// Whether the calling thread is the one that runs the loop, and so must not wait for it.
    boolean isLoop() {
        return Thread.currentThread() == loop;
    }

    private void end() {
        stopping = true;
        state.set(State.ENDED);
        group.close();
        tasks.close();
        for (Filter filter : routes.filters()) {
            attempt(filter::end);
        }
        runTasks();
        timers.clear();
        ended.countDown();
    }

    private long nowNanos() {
        return clock.getAsLong() - startNanos;
    }

    // ---- for the rest of the kit

    /// Why a channel has ended: what the engine said of it last, in a notice or by a message that
    /// came back. On the loop's thread, while the channel's last message is handled.
    ///
    /// @param last the channel's last message
    Status reason(Message last) {
        return reasons.of(last);
    }

    /// What became of an attempt to send.
    enum Sent {
        /// The message is moved.
        YES,
        /// There is no room in the channel's send queue now; the message stays the caller's.
        FULL,
        /// The channel is ending or has ended; the message stays the caller's.
        GONE
    }

    /// Enqueues without waiting; a full queue and a peer that is gone are answers, not failures.
    Sent send(Message message) {
        try {
            return group.offerToPeer(message) ? Sent.YES : Sent.FULL;
        } catch (AmpeException e) {
            return switch (e.status()) {
                case CHANNEL_CLOSED,
                        INVALID_CHANNEL_NUMBER,
                        INVALID_CHANNEL_GROUP,
                        SHUTDOWN_STARTED ->
                        Sent.GONE;
                default -> throw e;
            };
        }
    }
}
