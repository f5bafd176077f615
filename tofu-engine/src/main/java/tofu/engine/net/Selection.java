package tofu.engine.net;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What the streams and acceptors of one net share: the selector that they are registered with, and
/// the poll that calls them.
///
/// Thread: as in [Net].
/// Owns: the selector. [#close()] closes what is still registered with it.
/// Errors: a failed poll is forgotten, unless the selector itself seems to be out of order.
final class Selection {
    private static final long NANOS_PER_MILLI = 1_000_000;

    /// After so many in a row the selector itself is out of order.
    static final int MAX_FAILED_POLLS = 16;

    /// Handlers called by one poll. Of a thousand channels that are ready, few are read, answered
    /// and written to, then the next few: what the system and we know of them is still in the
    /// processor's cache (decision 37).
    static final int MOST_CALLS = 16;

    /// As many as the JDK asks Linux for.
    private static final int MOST_FOUND = 1_024;

    /// What a key of this selector is attached to.
    interface Target {
        /// Calls the handler.
        ///
        /// @param keyOps readiness, as the selector spells it
        void ready(int keyOps);

        /// Closes; twice does nothing.
        void close();
    }

    private final Selector selector;

    /// Stored, so that polling allocates nothing.
    private final Consumer<SelectionKey> find = this::find;

    /// What is ready, from [#next] to [#found]; for what, as a key may be found twice.
    private final @Nullable SelectionKey[] keys = new SelectionKey[MOST_FOUND];

    private final int[] readyOps = new int[MOST_FOUND];

    private int next;
    private int found;

    /// Read by who acts as the loop while it waits.
    private volatile boolean polling;

    private long changes;

    /// Handlers called by the poll that is under way.
    private int handlerCalls;

    /// To be called by the poll that is under way before its first handler, and whether it was.
    private Runnable onAwake = () -> {};

    private boolean isAwake;

    private final Runnable onCall = this::onCall;

    private final LongSupplier clock;
    private final Redials redials = new Redials();

    /// Polls that failed, one after the other.
    private int failedPolls;

    Selection(Selector selector, LongSupplier clock) {
        this.selector = selector;
        this.clock = clock;
    }

    /// Registers a channel.
    ///
    /// @param keyOps interest, as the selector spells it
    /// @throws IOException if the channel is closed
    SelectionKey register(SelectableChannel channel, int keyOps, Target target) throws IOException {
        SelectionKey key = channel.register(selector, keyOps, target);
        onChange();
        return key;
    }

    /// Calls the stream's handler again, after a while.
    void redial(Redials.Waiting stream) {
        redials.add(stream);
        onChange();
    }

    /// As [Net#poll(long, Runnable)].
    int poll(long maxWaitNanos, Runnable awake) throws IOException {
        polling = true;
        onAwake = awake;
        isAwake = false;
        handlerCalls = 0;
        try {
            if (hasMore()) {
                awake();
                dispatch();
            } else {
                selectAndDispatch(maxWaitNanos);
            }
        } finally {
            polling = false;
        }
        return handlerCalls;
    }

    private void selectAndDispatch(long maxWaitNanos) throws IOException {
        next = 0;
        found = 0;
        if (redials.isEmpty()) {
            select(maxWaitNanos);
            dispatch();
        } else {
            select(redials.limit(maxWaitNanos, clock.getAsLong()));
            dispatch();
            redials.runDue(clock.getAsLong(), onCall);
        }
    }

    /// As [Net#hasMore()].
    boolean hasMore() {
        return next < found;
    }

    /// One failure is most likely that of a channel which was closed, and is forgotten by now.
    private void select(long maxWaitNanos) throws IOException {
        try {
            if (maxWaitNanos <= 0) {
                selector.selectNow(find);
            } else {
                selector.select(find, toMillis(maxWaitNanos));
            }
            failedPolls = 0;
        } catch (IOException e) {
            failedPolls++;
            if (failedPolls == MAX_FAILED_POLLS) {
                throw e;
            }
        }
    }

    /// Keeps what is ready for its turn. If there is no room for it, its turn is now.
    private void find(SelectionKey key) {
        // Whoever acts as the loop until this thread does may close it.
        if (key.isValid()) {
            awake();
            if (key.isValid() && found < keys.length) {
                keys[found] = key;
                readyOps[found] = key.readyOps();
                found++;
            } else if (key.isValid()) {
                call(key, key.readyOps());
            }
        }
    }

    /// Calls the next few of those that were found.
    private void dispatch() {
        while (next < found && handlerCalls < MOST_CALLS) {
            SelectionKey key = keys[next];
            int ready = readyOps[next];
            keys[next] = null; // it may be closed, and what it holds is much
            next++;
            if (key != null && key.isValid()) {
                int ops = ready & key.interestOps();
                if (ops != 0) {
                    call(key, ops);
                }
            }
        }
    }

    private void call(SelectionKey key, int ops) {
        handlerCalls++;
        ((Target) key.attachment()).ready(ops);
    }

    private void awake() {
        if (!isAwake) {
            isAwake = true;
            onAwake.run();
        }
    }

    /// Before each call of a handler that is not dispatched.
    private void onCall() {
        awake();
        handlerCalls++;
    }

    /// As [Net#wakeup()].
    void wakeup() {
        selector.wakeup();
    }

    /// As [Net#changes()].
    long changes() {
        return changes;
    }

    /// Something has changed that a select under way does not see.
    void onChange() {
        changes++;
    }

    /// Gives the descriptors of closed channels back now, unless a handler is running.
    void releaseClosed() {
        if (polling || !selector.isOpen()) {
            return;
        }
        try {
            selector.selectNow(key -> {}); // what is ready stays so for the next poll
        } catch (IOException e) {
            // The next poll releases them, or reports it.
        }
        selector.wakeup(); // selectNow may have eaten one
    }

    /// Closes what is still registered, and the selector; twice does nothing.
    void close() {
        if (!selector.isOpen()) {
            return;
        }
        next = 0;
        found = 0;
        Arrays.fill(keys, null); // an application may keep an engine that has ended
        for (SelectionKey key : selector.keys()) {
            ((Target) key.attachment()).close();
        }
        Sockets.closeQuietly(selector);
    }

    /// Milliseconds as `select` takes them: rounded up, at least 1; 0 for [Long#MAX_VALUE], its
    /// "without end".
    ///
    /// @param nanos more than 0
    static long toMillis(long nanos) {
        assert nanos > 0 : nanos;
        if (nanos == Long.MAX_VALUE) {
            return 0;
        }
        return nanos / NANOS_PER_MILLI + (nanos % NANOS_PER_MILLI == 0 ? 0 : 1);
    }
}
