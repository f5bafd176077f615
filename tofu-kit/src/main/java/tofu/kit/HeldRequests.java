package tofu.kit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.Status;
import tofu.kit.RequestException.Reason;

/// Requests that wait for a connection, or for room in its send queue, in order, up to two bounds:
/// in messages and in bytes. One whose future ends meanwhile waits no more.
///
/// Threads: any adds and ends, the loop sends.
/// Owns: the requests.
final class HeldRequests {
    /// Whoever takes the message out of it owns it.
    private record Held(
            Pending<Message> asked, long bytes, AtomicReference<@Nullable Message> request) {}

    private final Dispatcher dispatcher;
    private final Requester requester;
    private final Room room;

    /// Guarded by itself.
    private final Deque<Held> queue = new ArrayDeque<>();

    HeldRequests(Dispatcher dispatcher, Requester requester, int most, long mostBytes) {
        this.dispatcher = dispatcher;
        this.requester = requester;
        this.room = new Room(most, mostBytes, "requests that wait for a connection");
    }

    /// Lets a request wait.
    ///
    /// @param request moved if this returns `null`
    /// @return `null` if it waits; else which bound there is no room under
    @Nullable String add(Pending<Message> asked, Message request) {
        long bytes = Bounds.bytes(request);
        String lack = room.take(bytes);
        if (lack != null) {
            return lack;
        }
        boolean added = false;
        try {
            add(asked, bytes, Copies.of(dispatcher, request));
            added = true;
        } finally {
            if (!added) {
                room.giveBack(bytes);
            }
        }
        request.close();
        return null;
    }

    private void add(Pending<Message> asked, long bytes, Message copy) {
        boolean added = false;
        try {
            Held held = new Held(asked, bytes, new AtomicReference<>(copy));
            asked.held(() -> letGo(held));
            synchronized (queue) {
                queue.add(held);
            }
            added = true;
            if (asked.future().isDone()) {
                letGo(held); // it ended just now, and was not in the queue yet
            }
        } finally {
            if (!added) {
                copy.close(); // no memory for the queue
            }
        }
    }

    /// Lets a request wait no more.
    ///
    /// @return false if it was sent meanwhile, or is just being tried
    boolean forget(Pending<?> asked) {
        Held held;
        synchronized (queue) {
            held = queue.stream().filter(each -> each.asked() == asked).findAny().orElse(null);
        }
        Message request = held == null ? null : held.request().getAndSet(null);
        if (held == null || request == null) {
            return false;
        }
        request.close();
        remove(held);
        return true;
    }

    /// Sends one after the other, until one has to wait on; as many as there are now. Each is there
    /// until it is sent, so whoever finds none there overtakes nothing of its own.
    void sendAll(int channel) {
        for (int count = size(); count > 0; count--) {
            Held first = peek();
            if (first == null || hasToWait(first, channel)) {
                return;
            }
            remove(first);
        }
    }

    /// Ends all that wait.
    void failAll(String detail) {
        List<Held> all;
        synchronized (queue) {
            all = List.copyOf(queue);
        }
        for (Held held : all) {
            held.asked().fail(Reason.STOPPED, Status.SHUTDOWN_STARTED, detail);
        }
    }

    int size() {
        synchronized (queue) {
            return queue.size();
        }
    }

    private boolean hasToWait(Held held, int channel) {
        Message request = held.request().getAndSet(null);
        if (request == null) {
            return false; // its future has ended
        }
        try {
            if (requester.trySend(held.asked(), channel, request) == Dispatcher.Sent.YES) {
                return false;
            }
        } catch (RuntimeException | Error e) { // an error is the request's affair as well
            request.close();
            boolean stopped =
                    e instanceof AmpeException of && of.status() == Status.SHUTDOWN_STARTED;
            Reason reason = stopped ? Reason.STOPPED : Reason.NOT_SENT;
            Status status = stopped ? Status.SHUTDOWN_STARTED : Status.SUCCESS;
            held.asked().fail(reason, status, e.toString());
            return false;
        }
        held.request().set(request);
        if (held.asked().future().isDone()) {
            letGo(held); // it ended just now, and found nothing to close
            return false;
        }
        return true;
    }

    private void letGo(Held held) {
        remove(held);
        Message request = held.request().getAndSet(null);
        if (request != null) {
            request.close();
        }
    }

    private @Nullable Held peek() {
        synchronized (queue) {
            return queue.peek();
        }
    }

    private void remove(Held held) {
        boolean removed;
        synchronized (queue) {
            removed = queue.remove(held);
        }
        if (removed) {
            room.giveBack(held.bytes());
        }
    }
}
