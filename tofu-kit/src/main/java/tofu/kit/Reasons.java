package tofu.kit;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import tofu.api.Message;
import tofu.api.Origin;
import tofu.api.Status;

/// What the engine has said last of each channel before its end, as the last message says no more
/// than that it is the last.
///
/// Threads: the dispatcher's loop.
final class Reasons {
    private final Map<Integer, Status> told = new HashMap<>();

    /// Hears a message, before anybody may take it.
    void hear(Message message) {
        if (message.origin() != Origin.ENGINE || message.endsChannel()) {
            return;
        }
        Status status = message.status();
        if (status == Status.SEND_QUEUE_READY || status == Status.CHANNEL_IDLE) {
            return; // the channel goes on
        }
        try {
            told.put(message.channel(), status);
        } catch (OutOfMemoryError e) {
            // Then the end of the channel has no reason; but whom the message concerns gets it.
        }
    }

    /// Why a channel has ended.
    ///
    /// @param last its last message
    /// @return what was said last; else the status of the last message
    Status of(Message last) {
        return Objects.requireNonNullElse(told.get(last.channel()), last.status());
    }

    /// Another channel may have the number.
    void forget(int channel) {
        told.remove(channel);
    }
}
