package tofu.engine.channel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import tofu.engine.channel.Tally.Figure;
import tofu.pool.SlotSource;
import tofu.pool.StackRoom;

/// Counts what a channel has delivered and its application has not taken, and holds reading back at
/// the bound, or while the application wants no more.
///
/// Each counter has one writer: what is delivered belongs to the loop, what is taken to the group's
/// receiver. Nothing is decremented, so no atomic addition is needed.
///
/// Invariant: `0 <= delivered - taken <= bound`
final class ReceiveWindow implements SlotSource {
    private static final VarHandle TAKEN_MESSAGES;
    private static final VarHandle TAKEN_BYTES;
    private static final VarHandle DELIVERED_MESSAGES;
    private static final VarHandle DELIVERED_BYTES;

    static {
        try {
            MethodHandles.Lookup own = MethodHandles.lookup();
            TAKEN_MESSAGES = own.findVarHandle(ReceiveWindow.class, "takenMessages", long.class);
            TAKEN_BYTES = own.findVarHandle(ReceiveWindow.class, "takenBytes", long.class);
            DELIVERED_MESSAGES =
                    own.findVarHandle(ReceiveWindow.class, "deliveredMessages", long.class);
            DELIVERED_BYTES = own.findVarHandle(ReceiveWindow.class, "deliveredBytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int maxMessages;
    private final int maxBytes;
    private final Outlet outlet;
    private final Backlog backlog;
    private long deliveredMessages;
    private long deliveredBytes;

    /// Written before [#takenMessages], so that whoever sees that sees this.
    private long takenBytes;

    @SuppressWarnings("UnusedVariable") // through TAKEN_MESSAGES
    private volatile long takenMessages;

    private volatile boolean held;

    /// The application wants no more for now.
    private volatile boolean paused;

    ReceiveWindow(int maxMessages, int maxBytes, Outlet outlet) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
        this.outlet = outlet;
        this.backlog = outlet.backlog();
    }

    /// Loop: frames go to the inbox.
    void delivered(int frames, int bytes) {
        deliveredMessages += frames;
        deliveredBytes += bytes;
        backlog.delivered(bytes);
    }

    /// Receiver: a frame was taken.
    ///
    /// @throws StackOverflowError if the receiver's stack may be too short; nothing was counted
    @Override
    public void taken(int frameLength) {
        if (held && isLow(1, frameLength)) {
            StackRoom.ask(); // to tell the loop, see below; rarely, as it takes long
        }
        takenBytes += frameLength;
        backlog.takenBytes += frameLength;
        try {
            // The one writer may read its own counter plainly; pairs with getVolatile in
            // messagesLeft. Volatile, so that the look at `held` comes after it: either we see that
            // reading is held, or the loop sees that this frame was taken.
            TAKEN_MESSAGES.setVolatile(this, (long) TAKEN_MESSAGES.get(this) + 1);
        } catch (VirtualMachineError noRoom) {
            takenBytes -= frameLength;
            backlog.takenBytes -= frameLength;
            throw noRoom;
        }
        // No call from here on but within a try: the frame counts, and thrown, it would once more.
        if (held
                && maxMessages - (int) (deliveredMessages - takenMessages) >= (maxMessages + 1) / 2
                && maxBytes - (int) (deliveredBytes - takenBytes) >= maxBytes / 2) {
            held = false;
            try {
                outlet.schedule();
            } catch (RuntimeException | Error kept) {
                // Who could not be woken looks by itself before long.
            }
        }
    }

    /// Receiver: a frame was taken, with others behind it. The loop sees it sooner or later, with
    /// the last of them at the latest: so the receiver need not wait until all can see it.
    @Override
    public void takenOfMany(int frameLength) {
        if (held) {
            taken(frameLength);
            return;
        }
        takenBytes += frameLength;
        backlog.takenBytes += frameLength;
        try {
            TAKEN_MESSAGES.setRelease(this, (long) TAKEN_MESSAGES.get(this) + 1);
        } catch (VirtualMachineError noRoom) {
            takenBytes -= frameLength;
            backlog.takenBytes -= frameLength;
            throw noRoom;
        }
    }

    /// Loop: how many more messages may be delivered.
    int messagesLeft() {
        long taken = (long) TAKEN_MESSAGES.getVolatile(this);
        return maxMessages - (int) (deliveredMessages - taken);
    }

    /// Loop: how many more bytes may be delivered.
    int bytesLeft() {
        return maxBytes - (int) (deliveredBytes - takenBytes);
    }

    /// Loop: whether so little is left that reading would be in crumbs.
    boolean isNearlyFull() {
        assert untaken() >= 0 : "more was taken than has come";
        return messagesLeft() <= maxMessages / 8 || bytesLeft() <= maxBytes / 8;
    }

    /// Loop: stops reading until the application has taken half of the bound.
    ///
    /// @return false if it has done so meanwhile
    boolean hold() {
        held = true;
        if (isLow(0, 0)) {
            held = false;
            return false;
        }
        return true;
    }

    /// Whether reading is held back.
    boolean isHeld() {
        return held || paused;
    }

    /// Any thread: closes the window whatever is left of it, or no more; see
    /// [tofu.api.Channel#pauseReceive()].
    void pause(boolean closed) {
        if (paused != closed) {
            StackRoom.ask(); // or the loop might never hear that it is to go on
            paused = closed;
            outlet.schedule();
        }
    }

    /// Whether the window is closed by the application.
    boolean isPaused() {
        return paused;
    }

    /// How many messages were delivered and not taken; a guess, but on the loop.
    int untaken() {
        return maxMessages - messagesLeft();
    }

    /// Any thread: adds what was counted here.
    void addTo(Tally sum) {
        // First what came, then what was taken: never more is untaken than the bound, however long
        // this thread is kept from its processor in between.
        long messages = (long) DELIVERED_MESSAGES.getOpaque(this);
        long bytes = (long) DELIVERED_BYTES.getOpaque(this);
        VarHandle.loadLoadFence();
        long messagesTaken = (long) TAKEN_MESSAGES.getOpaque(this);
        long bytesTaken = (long) TAKEN_BYTES.getOpaque(this);
        sum.add(Figure.RECEIVED_MESSAGES, messages);
        sum.add(Figure.RECEIVED_BYTES, bytes);
        sum.add(Figure.UNTAKEN_MESSAGES, Math.max(messages - messagesTaken, 0));
        sum.add(Figure.UNTAKEN_BYTES, Math.max(bytes - bytesTaken, 0));
    }

    /// Whether half of the bound is left, or will be when so much more has been taken.
    private boolean isLow(int messages, int bytes) {
        return messagesLeft() + messages >= (maxMessages + 1) / 2
                && bytesLeft() + bytes >= maxBytes / 2;
    }
}
