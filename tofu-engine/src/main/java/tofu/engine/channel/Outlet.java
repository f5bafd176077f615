package tofu.engine.channel;

import org.jspecify.annotations.Nullable;
import tofu.api.Status;
import tofu.pool.LogChunk;
import tofu.pool.Mail;
import tofu.pool.SlotSource;

/// Where a channel's output goes: its group's inbox, and the loop that drives it.
///
/// Called on the loop, except [#schedule()], [#post()], [#postMany()], [#tellAgain()] and
/// [#queueFull()]. The callee may not call back into the channel.
public interface Outlet {
    /// Puts a message, or several that come back, into the group's inbox.
    ///
    /// @param mail a slot of [tofu.pool.Slot.Owner#QUEUE] or a range, the outlet's from now on
    void deliver(Mail mail);

    /// Puts what came from a peer into the group's inbox.
    ///
    /// @param chunk has whole frames and nothing else, the outlet's from now on
    /// @param onTaken told of each frame when the application takes it, or never will
    void arrive(LogChunk chunk, SlotSource onTaken);

    /// Counts what the loop has delivered to the group, and the application has not taken.
    ///
    /// @return the same one each time, of all channels of the group on this loop
    Backlog backlog();

    /// Puts a notice of the engine into the group's inbox; if there is no memory for it now, later.
    ///
    /// @param status what happened
    /// @param id the id of the notice
    /// @param onTaken told when the application takes it, or never will
    void signal(Status status, long id, SlotSource onTaken);

    /// The same with the reason in words.
    ///
    /// @param status what happened
    /// @param cause why; `null` if there is nothing to be said
    /// @param id the id of the notice
    /// @param onTaken told when the application takes it, or never will
    default void explain(Status status, @Nullable String cause, long id, SlotSource onTaken) {
        signal(status, id, onTaken);
    }

    /// Asks for a call of the channel's `onPost` on the loop, soon. Any thread.
    void schedule();

    /// Asks for a call of the channel's `onPost`, because there is a message to send where there
    /// was none: on the loop, or in this thread if the loop does nothing now. Any thread that holds
    /// no lock.
    void post();

    /// Asks for a call of the channel's `onPost`, because many messages have gathered: in this
    /// thread, unless another one acts as the loop just now. Any thread that holds no lock.
    default void postMany() {
        post();
    }

    /// Asks for a call of the channel's `onPost` on the loop, though it may have been asked for:
    /// who asked had not enough stack or memory to see it through. Any thread.
    default void tellAgain() {
        schedule();
    }

    /// The send queue is full. Any thread, with the queue's lock.
    ///
    /// @return to be ended when it is full no more; `null` if nobody wants to know
    default @Nullable Span queueFull() {
        return null;
    }
}
