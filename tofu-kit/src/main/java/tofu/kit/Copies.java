package tofu.kit;

import tofu.api.Message;
import tofu.api.TextHeaders;

/// Copies of messages, for what has to be kept or sent more than once.
final class Copies {
    private Copies() {}

    /// Copies op code, channel, id, flags, text headers and body.
    ///
    /// @return a message owned by the caller
    /// @throws tofu.api.AmpeException with [tofu.api.Status#ALLOCATION_FAILED]; nothing is left
    static Message of(Dispatcher dispatcher, Message original) {
        Message copy = dispatcher.message();
        try {
            copy.opCode(original.opCode())
                    .channel(original.channel())
                    .id(original.id())
                    .more(original.more())
                    .outOfBand(original.outOfBand());
            TextHeaders.Cursor header = original.headers().cursor();
            while (header.next()) {
                if (!header.value().isEmpty()) { // a peer may send one, but nobody may append it
                    copy.headers().append(header.name(), header.value());
                }
            }
            copy.body().append(original.body().segment());
            return copy;
        } catch (Throwable e) {
            copy.close();
            throw e;
        }
    }
}
