package tofu.engine;

import java.net.InetAddress;
import java.util.List;
import java.util.function.Consumer;

/// Looks up host names, anew each time, off the loop.
public interface Resolver extends AutoCloseable {
    /// Looks up a name.
    ///
    /// @param host the name
    /// @param found given the addresses, none if there are none; called on any thread
    void resolve(String host, Consumer<List<InetAddress>> found);

    /// Answers nothing more that has not been asked yet.
    @Override
    void close();
}
