package tofu.engine.channel;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tofu.pool.Slot;

/// What a stream sends: a client's hello, then what its queue has.
///
/// Thread: the loop. Owns the hello.
final class Outflow {
    private final SendQueue queue;

    /// Not sent whole; of a client only.
    private @Nullable Slot hello;

    /// How much of it is sent, in bytes.
    private int helloSent;

    /// @param queue what is sent behind the hello
    Outflow(SendQueue queue) {
        this.queue = queue;
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
    /// @return how many buffers there are, 0 when all is sent
    int sources(ByteBuffer[] into) {
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

    /// Removes the hello, sent in part or not at all.
    ///
    /// @return the slot, or `null`
    @Nullable Slot takeHello() {
        Slot slot = hello;
        hello = null;
        if (slot != null) {
            slot.buffer().clear();
        }
        return slot;
    }
}
