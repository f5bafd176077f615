package tofu.tests;

import java.util.ArrayDeque;
import java.util.Deque;
import tofu.api.AllocationStrategy;
import tofu.api.Ampe;
import tofu.api.Message;

/// All messages that an engine would give out: while they are held, its pool is empty.
///
/// Thread: one at a time. Owns the messages.
final class Hoard implements AutoCloseable {
    private final Deque<Message> messages = new ArrayDeque<>();

    /// Takes all that there are.
    static Hoard of(Ampe engine) {
        Hoard hoard = new Hoard();
        for (Message message = engine.get(AllocationStrategy.POOL_ONLY);
                message != null;
                message = engine.get(AllocationStrategy.POOL_ONLY)) {
            hoard.messages.add(message);
        }
        return hoard;
    }

    /// How many messages an engine has to give out.
    static int sizeOf(Ampe engine) {
        try (Hoard hoard = of(engine)) {
            return hoard.size();
        }
    }

    int size() {
        return messages.size();
    }

    /// Lets go of one message.
    ///
    /// @return the message, the caller's from now on
    Message takeOne() {
        return messages.removeLast();
    }

    /// Gives all back.
    @Override
    public void close() {
        messages.forEach(Message::close);
        messages.clear();
    }
}
