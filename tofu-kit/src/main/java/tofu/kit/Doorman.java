package tofu.kit;

import org.jspecify.annotations.Nullable;
import tofu.api.Message;

/// Says which peers a [Server] refuses.
///
/// Threads: called by the thread that runs the dispatcher.
@FunctionalInterface
public interface Doorman {
    /// Looks at a hello.
    ///
    /// @param hello what the peer said; not to be moved
    /// @return why the peer is refused: it is told so in the text header `reason`; `null` to accept
    ///     it
    /// @throws Exception as for a [Handler]: the peer's channel is ended
    @Nullable String refusal(Message hello) throws Exception;
}
