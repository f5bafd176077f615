package tofu.kit;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Channel;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// The connection that a [Connector] keeps: says hello, hears whether it worked, rests, and tries
/// again.
///
/// Threads: the dispatcher's loop; the figures are for any.
final class Link {
    private enum State {
        /// Waits before it tries.
        RESTING,
        /// Has said hello.
        CALLING,
        /// The server has said hello, too.
        UP,
        /// The channel is ending, by a bye of the server.
        LEAVING,
        CLOSED
    }

    private final Dispatcher dispatcher;
    private final ConnectorSettings settings;

    /// Sends what has waited; called while up, when there may be room.
    private final Runnable sendWaiting;

    /// Called once it is closed and has no channel any more.
    private final Runnable over;

    /// The channel while it is up; written by the loop. It tells of its end before anybody else
    /// does: from then on another channel may have the number.
    private volatile @Nullable Channel up;

    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong refusals = new AtomicLong();

    private State state = State.RESTING;
    private int channel;
    private int addressIndex;

    /// Whether the hooks were told that it is up.
    private boolean toldUp;

    /// Whether the connection is older than the longest rest.
    private boolean lasted;

    /// Ends the wait of a state, set anew for each: nothing could be refused, or need memory, that
    /// it needs to go on.
    private final Timer timer;

    private final Handler handler = this::handle;

    Link(Dispatcher dispatcher, ConnectorSettings settings, Runnable sendWaiting, Runnable over) {
        this.dispatcher = dispatcher;
        this.settings = settings;
        this.sendWaiting = sendWaiting;
        this.over = over;
        this.timer = dispatcher.resting(this::onTime);
    }

    /// The number of the channel while it is up, else 0.
    int channel() {
        Channel now = up;
        return now == null || now.state() == Channel.State.CLOSED ? 0 : now.number();
    }

    long failures() {
        return failures.get();
    }

    long refusals() {
        return refusals.get();
    }

    /// Says hello to the next address.
    void call() {
        if (state != State.RESTING) {
            return;
        }
        Address.Client address = settings.addresses().get(addressIndex);
        try (Message hello = dispatcher.message()) {
            hello.connectTo(address);
            settings.hello().accept(hello);
            channel = dispatcher.group().enqueueToPeer(hello).channel();
        } catch (AmpeException e) {
            switch (e.status()) {
                case SHUTDOWN_STARTED -> {}
                case TOO_MANY_CHANNELS, ALLOCATION_FAILED -> failed(); // as bad as nobody there
                default -> {
                    failed();
                    throw e; // the application's part of the hello
                }
            }
            return;
        } catch (RuntimeException | Error e) {
            failed(); // the application's part of the hello; or no memory
            throw e;
        }
        state = State.CALLING;
        dispatcher.set(timer, settings.helloTimeout());
        boolean handled = false;
        try {
            dispatcher.on(channel, handler);
            handled = true;
        } finally {
            if (!handled) {
                dispatcher.set(timer, Dispatcher.CUT_AGAIN); // no memory: nobody hears its answer
            }
        }
    }

    private void onTime() {
        switch (state) {
            case RESTING -> call();
            case CALLING, CLOSED -> cut();
            case UP, LEAVING -> lasted = true;
        }
    }

    /// Cuts the channel off, now or, if there is no memory for that, soon.
    private void cut() {
        boolean cut = false;
        try {
            dispatcher.cut(channel);
            cut = true;
        } finally {
            if (!cut) {
                dispatcher.set(timer, Dispatcher.CUT_AGAIN);
            }
        }
    }

    /// Hears of the end of a channel, be it before there was a handler for it.
    ///
    /// @param last the last message of any channel
    void hearEnd(Message last) {
        if (channel != 0 && last.channel() == channel) {
            ended(dispatcher.reason(last));
        }
    }

    private void handle(Message message) throws Exception {
        if (message.endsChannel()) {
            return; // it was heard already
        }
        if (message.origin() == Origin.ENGINE) {
            hear(message);
        } else if (message.opCode().type() == OpCode.Type.BYE) {
            hearBye(message);
        } else if (state == State.CALLING && message.opCode() == OpCode.HELLO_RESPONSE) {
            up();
        } else if (state == State.UP) {
            settings.handler().onMessage(message);
        }
    }

    /// A notice, or a message that comes back; the hello is one, too.
    private void hear(Message notice) throws Exception {
        if (notice.status() == Status.SEND_QUEUE_READY) {
            sendWaiting.run();
        }
        if (state == State.UP) {
            settings.handler().onMessage(notice);
        }
    }

    private void hearBye(Message bye) {
        if (state == State.CALLING) {
            refusals.incrementAndGet();
        }
        if (bye.opCode() == OpCode.BYE_REQUEST) {
            dispatcher.send(bye.opCode(OpCode.BYE_RESPONSE));
        }
        if (state != State.CLOSED) {
            state = State.LEAVING;
        }
        up = null;
    }

    private void up() {
        state = State.UP;
        toldUp = true;
        lasted = false;
        dispatcher.set(timer, settings.backoff().longest());
        settings.onUp().accept(channel);
        // What is asked from now on comes behind what the hook has sent.
        up = dispatcher.group().channel(channel);
        sendWaiting.run();
    }

    private void ended(Status reason) {
        up = null;
        channel = 0;
        dispatcher.rest(timer);
        boolean wasUp = toldUp;
        toldUp = false;
        if (state == State.CLOSED) {
            finish();
        } else if (wasUp) {
            addressIndex = 0;
            if (lasted) {
                settings.backoff().reset();
            }
            rest();
        } else {
            failed();
        }
        if (wasUp) {
            settings.onDown().accept(reason);
        }
    }

    private void failed() {
        failures.incrementAndGet();
        addressIndex = (addressIndex + 1) % settings.addresses().size();
        if (addressIndex == 0) {
            rest();
        } else {
            state = State.RESTING;
            callSoon();
        }
    }

    private void callSoon() {
        try {
            dispatcher.execute(this::call);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            rest(); // too much to do, no memory; or the end, then the timer never comes
        }
    }

    private void rest() {
        state = State.RESTING;
        Duration time = settings.backoff().longest();
        try {
            time = settings.backoff().next();
        } catch (OutOfMemoryError e) {
            // Then the longest rest is right, too.
        }
        dispatcher.set(timer, time);
    }

    /// Ends the connection, and begins no other: in good order, if it is up.
    void close() {
        boolean good = state == State.UP;
        state = State.CLOSED;
        up = null;
        dispatcher.rest(timer);
        if (channel == 0) {
            finish();
            return;
        }
        try (Message bye = dispatcher.message()) {
            bye.opCode(OpCode.BYE_REQUEST).channel(channel);
            if (!good || dispatcher.send(bye) == Dispatcher.Sent.FULL) {
                cut();
            }
        } catch (AmpeException | OutOfMemoryError e) {
            cut(); // no memory for good manners
        }
    }

    private void finish() {
        timer.cancel();
        over.run();
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    /// The dispatcher has ended, and every channel with it.
    void end() {
        up = null;
        if (toldUp) {
            toldUp = false;
            settings.onDown().accept(Status.SHUTDOWN_STARTED);
        }
    }
}
