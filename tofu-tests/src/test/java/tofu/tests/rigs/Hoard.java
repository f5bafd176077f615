package tofu.tests.rigs;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;
import tofu.api.AllocationStrategy;
import tofu.api.Ampe;
import tofu.api.Message;

/// All messages that an engine would give out: while they are held, its pool is empty.
///
/// Thread: one at a time. Owns the messages.
public final class Hoard implements AutoCloseable {
    private static final long QUIET_NANOS = 200_000_000;

    private final Deque<Message> messages = new ArrayDeque<>();

    private Hoard() {}

    /// Takes all that there are, also those that the engine is about to give back because it has
    /// just sent them: none may come for a while.
    public static Hoard of(Ampe engine) {
        Hoard hoard = new Hoard();
        long last = System.nanoTime();
        while (System.nanoTime() - last < QUIET_NANOS) {
            Message message = engine.get(AllocationStrategy.POOL_ONLY);
            if (message == null) {
                LockSupport.parkNanos(100_000);
            } else {
                hoard.messages.add(message);
                last = System.nanoTime();
            }
        }
        return hoard;
    }

    /// How many messages an engine has to give out.
    public static int sizeOf(Ampe engine) {
        try (Hoard hoard = of(engine)) {
            return hoard.size();
        }
    }

    /// How many it still has.
    public int size() {
        return messages.size();
    }

    /// Lets go of one message.
    ///
    /// @return the message, the caller's from now on
    public Message takeOne() {
        return messages.removeLast();
    }

    /// Gives all back.
    @Override
    public void close() {
        messages.forEach(Message::close);
        messages.clear();
    }
}
