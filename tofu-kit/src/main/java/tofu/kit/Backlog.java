package tofu.kit;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import tofu.api.Message;
import tofu.api.OpCode;

/// What waits behind a channel's full send queue, in order, up to two bounds: in messages and in
/// bytes.
///
/// Threads: any; the monitor is held while messages are enqueued, so that their order stays.
/// Owns: what waits.
final class Backlog {
    /// What became of a message.
    enum Outcome {
        /// It is on its way, or will be when there is room; it is moved.
        TAKEN,
        /// As much waits as may; it is still the caller's.
        FULL,
        /// The channel is ending or has ended; it is still the caller's.
        GONE
    }

    /// A message that waits, and what to do once it waits no more, sent or not.
    private record Waiting(Message message, long bytes, Runnable left) {}

    private final Dispatcher dispatcher;
    private final Room room;
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private boolean ended;

    /// Whether a bye waits, as the last.
    private boolean leaving;

    /// How much waits elsewhere for the same room, and goes before a bye.
    private int held;

    /// Makes a backlog of a channel.
    ///
    /// @param most how many messages may wait
    /// @param mostBytes how many bytes of them
    Backlog(Dispatcher dispatcher, int most, long mostBytes) {
        this.dispatcher = dispatcher;
        this.room = new Room(most, mostBytes, "messages that wait for one peer");
    }

    Outcome offer(Message message) {
        return offer(message, () -> {});
    }

    /// Sends a message now, or keeps it until there is room; a bye is never refused for want of it.
    ///
    /// @param left is run once if the message had to wait, when it does so no more
    Outcome offer(Message message, Runnable left) {
        synchronized (this) {
            if (ended || leaving) {
                return Outcome.GONE;
            }
            if (queue.isEmpty()) {
                switch (send(message)) {
                    case YES -> {
                        left.run();
                        return Outcome.TAKEN;
                    }
                    case GONE -> {
                        return Outcome.GONE;
                    }
                    case FULL -> {}
                }
            }
            boolean bye = isBye(message);
            long bytes = Bounds.bytes(message);
            if (!bye && !room.has(bytes)) {
                return Outcome.FULL;
            }
            // A lease cannot be taken away from the caller but by closing it.
            Message copy = Copies.of(dispatcher, message);
            boolean waits = false;
            try {
                queue.add(new Waiting(copy, bytes, left));
                room.add(bytes);
                waits = true;
            } finally {
                if (!waits) {
                    copy.close();
                }
            }
            message.close();
            leaving = bye;
            return Outcome.TAKEN;
        }
    }

    /// Makes room by letting go of what has waited longest.
    ///
    /// @return false if nothing waits
    boolean dropOldest() {
        Waiting oldest;
        synchronized (this) {
            oldest = poll();
        }
        if (oldest == null) {
            return false;
        }
        letGo(oldest);
        return true;
    }

    /// There is room in the send queue again.
    void flush() {
        Waiting sent = sendOldest();
        while (sent != null) {
            letGo(sent);
            sent = sendOldest();
        }
    }

    private synchronized @Nullable Waiting sendOldest() {
        Waiting oldest = queue.peek();
        boolean sent = oldest != null && send(oldest.message()) == Dispatcher.Sent.YES;
        return sent ? poll() : null;
    }

    private synchronized @Nullable Waiting poll() {
        Waiting oldest = queue.poll();
        if (oldest != null) {
            room.giveBack(oldest.bytes());
        }
        return oldest;
    }

    /// Something waits elsewhere: a bye waits for it.
    synchronized void hold() {
        held++;
    }

    /// Ends what [#hold()] began.
    void release() {
        synchronized (this) {
            held--;
        }
        if (isLeaving()) {
            flush();
        }
    }

    private Dispatcher.Sent send(Message message) {
        return held > 0 && isBye(message) ? Dispatcher.Sent.FULL : dispatcher.send(message);
    }

    private static boolean isBye(Message message) {
        return message.opCode().type() == OpCode.Type.BYE;
    }

    /// The channel has ended.
    void end() {
        synchronized (this) {
            ended = true;
        }
        boolean more = true;
        while (more) {
            more = dropOldest();
        }
    }

    /// Whether a bye waits, as the last.
    synchronized boolean isLeaving() {
        return leaving;
    }

    /// Says which bound a message would find full if it had to wait: as [Room#lack(long)], but
    /// never while nothing waits.
    synchronized @Nullable String lack(long bytes) {
        return queue.isEmpty() ? null : room.lack(bytes);
    }

    synchronized int size() {
        return queue.size();
    }

    /// Whatever the one does who waits for it, it is no affair of the others that wait.
    private void letGo(Waiting waiting) {
        waiting.message().close();
        dispatcher.attempt(waiting.left());
    }
}
