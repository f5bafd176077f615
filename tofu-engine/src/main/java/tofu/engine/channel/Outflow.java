package tofu.engine.channel;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tofu.api.Status;
import tofu.pool.FrameRange;
import tofu.pool.Slot;

/// What a stream sends: a client's hello, then what its queue has; and how that comes back which
/// will not be sent. Once writing has failed nothing more is sent, and why it has is why the stream
/// ends, whatever brings that about.
///
/// Thread: the loop. Owns the hello.
final class Outflow {
    private final SendQueue queue;
    private final Outlet outlet;

    /// Not sent whole; of a client only.
    private @Nullable Slot hello;

    /// How much of it is sent, in bytes.
    private int helloSent;

    /// Writing has failed with this.
    private @Nullable Status failure;

    /// @param queue what is sent behind the hello
    /// @param outlet where it comes back to
    Outflow(SendQueue queue, Outlet outlet) {
        this.queue = queue;
        this.outlet = outlet;
    }

    /// The hello, which is not sent whole.
    @Nullable Slot hello() {
        return hello;
    }

    /// Begins with the hello.
    ///
    /// @param slot a slot of [Slot.Owner#QUEUE]
    void begin(Slot slot) {
        hello = slot;
    }

    /// What to write next.
    ///
    /// @param into where the bytes go, valid until the next call
    /// @return how many buffers there are, 0 when all is sent, or nothing will be
    int sources(ByteBuffer[] into) {
        if (failure != null) {
            return 0;
        }
        Slot first = hello;
        if (first == null) {
            return queue.sources(into);
        }
        into[0] = first.buffer().limit(first.frameLength()).position(helloSent);
        return 1;
    }

    /// Counts bytes that the kernel took of [#sources(ByteBuffer\[\])].
    void sent(int bytes) {
        Slot first = hello;
        if (first == null) {
            queue.sent(bytes);
            return;
        }
        helloSent += bytes;
        int length = first.frameLength();
        if (helloSent == length) {
            takeHello();
            first.release(Slot.Owner.QUEUE);
            queue.sentOne(length);
        }
    }

    /// Whether nothing is left that will be sent.
    boolean isSent() {
        return hello == null && queue.isSent();
    }

    // ---- what is not sent

    /// Writing has failed: nothing more is sent, nor taken to be sent.
    void fail(Status reason) {
        failure = reason;
        queue.refuse();
    }

    boolean hasFailed() {
        return failure != null;
    }

    /// Why the stream ends.
    ///
    /// @param reason if writing has not failed
    Status reasonOr(Status reason) {
        Status first = failure;
        return first == null ? reason : first;
    }

    /// Gives back a slot that has left the queue.
    void giveBack(Slot slot, Status reason) {
        queue.returned(slot.frameLength());
        slot.markEngine(reason);
        outlet.deliver(slot);
    }

    /// Gives back what is behind a bye that was out of band, so never to be sent, once all before
    /// it is sent.
    void giveBackCutOff() {
        FrameRange rest = hello == null ? queue.takeCutOff(Status.CHANNEL_CLOSED) : null;
        if (rest != null) {
            outlet.deliver(rest);
        }
    }

    /// Closes the queue, and gives back all that was not sent.
    void close(Status reason) {
        queue.close();
        Slot first = takeHello();
        if (first != null) {
            giveBack(first, reason);
        }
        for (Slot slot = queue.takeUnread(); slot != null; slot = queue.takeUnread()) {
            giveBack(slot, reason);
        }
        for (FrameRange rest = queue.takeRest(reason);
                rest != null;
                rest = queue.takeRest(reason)) {
            outlet.deliver(rest);
        }
    }

    /// Closes the queue, and gives back the memory of what was not sent, which nobody gets. If that
    /// fails, to be called again.
    void abandon() {
        queue.abandon();
        Slot first = takeHello();
        if (first != null) {
            first.discard();
        }
    }

    /// Removes the hello, sent in part or not at all.
    private @Nullable Slot takeHello() {
        Slot slot = hello;
        hello = null;
        if (slot != null) {
            slot.buffer().clear();
        }
        return slot;
    }
}
