package tofu.engine.link;

import java.net.InetAddress;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Looks up host names, anew each time, off the loop.
///
/// Threads: any. Neither method waits for a lookup.
public interface Resolver extends AutoCloseable {
    /// How many addresses of one name are found: the first ones.
    int MAX_ADDRESSES = 32;

    /// A lookup that has been asked for.
    @FunctionalInterface
    interface Question {
        /// Asks no longer; what the question holds is let go. An answer may still be on its way.
        void withdraw();
    }

    /// Asks for the addresses of a name.
    ///
    /// @param host the name
    /// @param found given the addresses, at most [#MAX_ADDRESSES], none if the lookup fails in
    ///     whatever way; called at most once, on a thread of the resolver's, and not if the lookup
    ///     never ends; it must not block
    /// @return the question, or `null` if it cannot be asked now: too many names are being looked
    ///     up, there is no thread to be had, or the resolver is closed
    @Nullable Question ask(String host, Consumer<List<InetAddress>> found);

    /// Answers nothing more that has not been asked yet, nor what waits.
    @Override
    void close();
}
