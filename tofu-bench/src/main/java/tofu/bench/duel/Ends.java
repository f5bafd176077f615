package tofu.bench.duel;

import java.io.IOException;
import java.util.function.Consumer;

/// A system whose application has threads of its own: makes the two ends of its connections.
interface Ends {
    /// Accepts connections, and answers at once.
    ///
    /// @param listening gets the place, in words that [#connect] of the same system understands
    End listen(Task task, Consumer<String> listening) throws IOException, InterruptedException;

    /// Makes as many connections as the task has channels, and its idle ones beside them.
    End connect(Task task, String place) throws IOException, InterruptedException;

    /// Whether several threads may send by one end; else each has to make its own.
    default boolean areShared() {
        return true;
    }
}
