package tofu.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Who is told when slots come back to an empty pool, and whether anybody has asked for that.
///
/// To ask is to ask for one call of all listeners. Who waits for a slot and who waits for fewer
/// messages share it: it comes for whichever is the case first, and the others ask again.
///
/// While somebody waits there is nothing in magazines: whoever asks empties them then.
///
/// Threads: any. Whoever asks writes [#below], and then looks for a slot, or at the count; whoever
/// gives a slot back has changed those, and then reads it. All of these are volatile: one of the
/// two sees the other. It publishes nothing else.
final class Refill {
    private static final int ANY = Integer.MAX_VALUE;

    private static final VarHandle BELOW;

    static {
        try {
            BELOW = MethodHandles.lookup().findVarHandle(Refill.class, "below", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final MessageCount count;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /// They are told when fewer messages than this are out, or, if it is [#ANY], when any slot
    /// comes back; 0 if nobody waits.
    private volatile int below;

    Refill(MessageCount count) {
        this.count = count;
    }

    void onRefill(Runnable listener) {
        listeners.add(listener);
    }

    boolean isAwaited() {
        return below != 0;
    }

    /// Asks to be told when any slot comes back.
    void ask() {
        below = ANY;
    }

    /// Asks to be told when fewer messages than said are out.
    ///
    /// @return false if somebody has asked for as much, or more
    boolean ask(int messages) {
        int seen = below;
        while (seen < messages) {
            if (BELOW.compareAndSet(this, seen, messages)) {
                return true;
            }
            seen = below;
        }
        return false;
    }

    /// Tells all, if that was asked for. Slots have come back, and are counted.
    void tell() {
        int asked = below;
        if (asked == ANY || (asked != 0 && count.out() < asked)) {
            // Who asks for something else just now is told, too, and asks again.
            below = 0;
            try {
                listeners.forEach(Runnable::run);
            } catch (Throwable noRoom) {
                below = ANY; // somebody may not have been told, so all are once more
                throw noRoom;
            }
        }
    }
}
