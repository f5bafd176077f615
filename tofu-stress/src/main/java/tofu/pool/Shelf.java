package tofu.pool;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/// Things that cost too much for each state of a stress test to have a new one: a state takes one,
/// and its arbiter, having found it as it was, puts it back.
///
/// Threads: any.
///
/// @param <T> what is on the shelf
public final class Shelf<T> {
    private final Queue<T> things = new ConcurrentLinkedQueue<>();
    private final Supplier<T> maker;

    /// An empty shelf.
    ///
    /// @param maker makes what is missing
    public Shelf(Supplier<T> maker) {
        this.maker = maker;
    }

    /// Takes a thing, which is the caller's alone.
    ///
    /// @return one that was put back, or a new one
    public T take() {
        T thing = things.poll();
        return thing == null ? maker.get() : thing;
    }

    /// Puts a thing back.
    ///
    /// @param thing the thing, as it was when it was taken
    public void putBack(T thing) {
        things.add(thing);
    }
}
