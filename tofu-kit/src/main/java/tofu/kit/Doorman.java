package tofu.kit;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tofu.api.Channel;
import tofu.api.Message;

/// Says which peers a [Server] refuses.
///
/// Threads: called by the thread that runs the dispatcher. Applications implement it: methods are
/// added with a default only.
@FunctionalInterface
public interface Doorman {
    /// Looks at a hello.
    ///
    /// @param hello what the peer said; not to be moved
    /// @return why the peer is refused: it is told so in the text header `reason`; `null` to accept
    ///     it
    /// @throws Exception as for a [Handler]: the peer's channel is ended
    @Nullable String refusal(Message hello) throws Exception;

    /// Refuses whom a rule does not know, with `unknown`: by what the connection proves of the
    /// peer, and not by what it says.
    ///
    /// @param dispatcher the server's
    /// @param known looks at the peer's channel, its [Channel#peer()] say
    /// @return a doorman
    static Doorman unless(Dispatcher dispatcher, Predicate<Channel> known) {
        return hello -> {
            Channel channel = dispatcher.group().channel(hello.channel());
            return channel != null && known.test(channel) ? null : "unknown";
        };
    }
}
