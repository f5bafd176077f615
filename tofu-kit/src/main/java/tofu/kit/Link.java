package tofu.kit;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.AmpeException;
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

    /// Written by the loop.
    private volatile int upChannel;

    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong refusals = new AtomicLong();

    private State state = State.RESTING;
    private int channel;
    private int addressIndex;

    /// Whether the hooks were told that it is up.
    private boolean toldUp;

    /// Whether the connection is older than the longest rest.
    private boolean lasted;

    /// The last thing that the engine said of the channel.
    private Status why = Status.SUCCESS;

    private @Nullable Timer timer;

    Link(Dispatcher dispatcher, ConnectorSettings settings, Runnable sendWaiting, Runnable over) {
        this.dispatcher = dispatcher;
        this.settings = settings;
        this.sendWaiting = sendWaiting;
        this.over = over;
    }

    /// The number of the channel while it is up, else 0.
    int channel() {
        return upChannel;
    }

    long failures() {
        return failures.get();
    }

    long refusals() {
        return refusals.get();
    }

    /// Says hello to the next address.
    void call() {
        if (state == State.CLOSED) {
            return;
        }
        Address.Client address = settings.addresses().get(addressIndex);
        try (Message hello = dispatcher.message()) {
            hello.connectTo(address);
            settings.hello().accept(hello);
            channel = dispatcher.group().enqueueToPeer(hello).channel();
        } catch (AmpeException e) {
            if (e.status() != Status.SHUTDOWN_STARTED) {
                failed(); // no channel, no memory: as bad as nobody there
            }
            return;
        } catch (RuntimeException e) {
            failed(); // the application's part of the hello
            throw e;
        }
        state = State.CALLING;
        why = Status.SUCCESS;
        int called = channel;
        dispatcher.on(called, this::handle);
        timer = dispatcher.after(settings.helloTimeout(), () -> giveUp(called));
    }

    private void giveUp(int called) {
        if (channel == called && state == State.CALLING) {
            dispatcher.cut(called);
        }
    }

    private void handle(Message message) throws Exception {
        if (message.endsChannel()) {
            ended(message.status());
        } else if (message.origin() == Origin.ENGINE) {
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
        } else if (notice.status() != Status.CHANNEL_IDLE) {
            why = notice.status();
        }
        if (state == State.UP) {
            settings.handler().onMessage(notice);
        }
    }

    private void hearBye(Message bye) {
        if (state == State.CALLING) {
            refusals.incrementAndGet();
            why = Status.CONNECT_FAILED;
        }
        if (bye.opCode() == OpCode.BYE_REQUEST) {
            dispatcher.send(bye.opCode(OpCode.BYE_RESPONSE));
        }
        if (state != State.CLOSED) {
            state = State.LEAVING;
        }
        upChannel = 0;
    }

    private void up() {
        state = State.UP;
        toldUp = true;
        lasted = false;
        cancelTimer();
        timer = dispatcher.after(settings.backoff().longest(), () -> lasted = true);
        settings.onUp().accept(channel);
        upChannel = channel; // what is asked from now on comes behind what the hook has sent
        sendWaiting.run();
    }

    private void ended(Status status) {
        upChannel = 0;
        channel = 0;
        cancelTimer();
        boolean wasUp = toldUp;
        toldUp = false;
        if (state == State.CLOSED) {
            over.run();
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
            settings.onDown().accept(why == Status.SUCCESS ? status : why);
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
        timer = dispatcher.after(settings.backoff().next(), this::call);
    }

    /// Ends the connection, and begins no other: in good order, if it is up.
    void close() {
        boolean good = state == State.UP;
        state = State.CLOSED;
        upChannel = 0;
        cancelTimer();
        if (channel == 0) {
            over.run();
            return;
        }
        try (Message bye = dispatcher.message()) {
            bye.opCode(OpCode.BYE_REQUEST).channel(channel);
            if (!good || dispatcher.send(bye) == Dispatcher.Sent.FULL) {
                dispatcher.cut(channel);
            }
        } catch (AmpeException e) {
            dispatcher.cut(channel); // no memory for good manners
        }
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    /// The dispatcher has ended, and every channel with it.
    void end() {
        upChannel = 0;
        if (toldUp) {
            toldUp = false;
            settings.onDown().accept(Status.SHUTDOWN_STARTED);
        }
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
