package tofu.engine.link;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import tofu.api.AmpeException;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.SlabMessage;
import tofu.pool.Slot;
import tofu.pool.SlotPool;
import tofu.pool.SlotSource;

/// What a loop has to tell its groups: each notice gets a slot at once, or, when there is none, as
/// soon as one comes back. None is lost, and their order stays.
///
/// Thread: the loop. Bounded by the channels: each has at most four notices under way.
public final class Notices {
    private record Notice(
            Outbox outbox,
            int channel,
            Status status,
            @Nullable String cause,
            long id,
            SlotSource onTaken) {}

    private final SlotPool pool;
    private final Deque<Notice> waiting = new ArrayDeque<>();

    Notices(SlotPool pool) {
        this.pool = pool;
    }

    void tell(Outbox outbox, int channel, Status status, long id, SlotSource onTaken) {
        tell(outbox, channel, status, null, id, onTaken);
    }

    /// @param cause in words, for a text header; `null` for none
    void tell(
            Outbox outbox,
            int channel,
            Status status,
            @Nullable String cause,
            long id,
            SlotSource onTaken) {
        waiting.addLast(new Notice(outbox, channel, status, cause, id, onTaken));
        tellWaiting();
    }

    /// Tells what could not be told for want of a slot.
    void tellWaiting() {
        while (!waiting.isEmpty()) {
            Slot slot = pool.takeForNotice();
            if (slot == null) {
                // Once more after asking to be told, for a slot that came back in between.
                pool.awaitRefill();
                slot = pool.takeForNotice();
                if (slot == null) {
                    return;
                }
            }
            Notice notice = waiting.removeFirst();
            write(slot, notice.channel, notice.status, notice.id);
            if (notice.cause != null) {
                slot = withCause(slot, notice.cause);
            }
            slot.source(notice.onTaken);
            notice.outbox.add(slot);
        }
    }

    /// Adds the cause, unless there is no memory for it: then the status has to do.
    ///
    /// @return the slot, or a longer one
    private static Slot withCause(Slot slot, String cause) {
        SlabMessage notice = SlabMessage.view(slot);
        try {
            notice.headers().append(Status.CAUSE, cause);
        } catch (AmpeException noMemory) {
            return slot;
        }
        return notice.slot();
    }

    /// Writes a signal of the engine into a slot.
    ///
    /// @param slot the caller's
    /// @param channel the channel's number, 0 for none
    /// @param status what happened
    /// @param id the id of the signal
    public static void write(Slot slot, int channel, Status status, long id) {
        slot.clear();
        slot.opCode(OpCode.SIGNAL);
        slot.channel(channel);
        slot.id(id);
        slot.markEngine(status);
        if (status == Status.CHANNEL_CLOSED) {
            slot.markEnd();
        }
    }
}
