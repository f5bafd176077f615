package tofu.kit;

import tofu.api.Message;

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
            copy.fillFrom(original);
            return copy;
        } catch (Throwable e) {
            copy.close();
            throw e;
        }
    }
}
