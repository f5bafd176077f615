package tofu.api;

import java.lang.foreign.SegmentAllocator;
import org.jspecify.annotations.Nullable;

/// The engine: it owns the pool of messages, the channel groups and the sockets.
///
/// "Ampe" and "engine" mean the same thing. A process may open any number of engines; they share
/// nothing but the counter of message ids.
///
/// Threads: every method is safe for concurrent use. Only the engine implements it: methods may be
/// added.
public interface Ampe extends AutoCloseable {
    /// Opens an engine with [Options#defaults()].
    ///
    /// @return a running engine, owned by the caller
    /// @throws AmpeException if there is not exactly one provider, or the engine cannot start
    static Ampe open() {
        return open(Options.defaults());
    }

    /// Opens an engine.
    ///
    /// The engine is found by [java.util.ServiceLoader]: one module or jar that provides
    /// [tofu.spi.AmpeProvider] must be visible, usually `tofu.engine`. Asked is the class loader of
    /// this interface, with the module layers that it sees; if that one finds no provider, then the
    /// context class loader of the calling thread. A provider that cannot be loaded does not count.
    ///
    /// @param options the limits and deadlines of the engine
    /// @return a running engine, owned by the caller
    /// @throws AmpeException with [Status#NOT_ALLOWED] if there is not exactly one provider, or it
    ///     lacks a part of itself: the message names those found, what is wrong with those that
    ///     are broken, and the class loaders that were asked; the cause is the first failure, and
    ///     others are suppressed. With another status if the engine cannot start.
    static Ampe open(Options options) {
        return Providers.open(options);
    }

    /// Gets an empty message, in the smallest size; it grows as it is filled.
    ///
    /// @param strategy what to do when the pool is empty
    /// @return a message owned by the caller, or `null` if the pool is empty and the strategy is
    ///     [AllocationStrategy#POOL_ONLY]
    /// @throws AmpeException with [Status#SHUTDOWN_STARTED], or, for [AllocationStrategy#ALWAYS],
    ///     with [Status#ALLOCATION_FAILED] when [Options#maxPoolBytes()] is reached
    @Nullable Message get(AllocationStrategy strategy);

    /// Gets an empty message, in the smallest size, from beyond the pool if need be: the same as
    /// [#get(AllocationStrategy)] with [AllocationStrategy#ALWAYS].
    ///
    /// @return a message owned by the caller
    /// @throws AmpeException with [Status#SHUTDOWN_STARTED], or with [Status#ALLOCATION_FAILED]
    ///     when [Options#maxPoolBytes()] is reached
    Message get();

    /// Gives a message back to the pool, which empties the lease; the same as [Message#close()].
    ///
    /// @param message the message; `null` or an emptied one does nothing
    void put(@Nullable Message message);

    /// Creates a channel group.
    ///
    /// @return a group owned by the caller, to be given to [#destroy(ChannelGroup)]
    /// @throws AmpeException with [Status#SHUTDOWN_STARTED]
    ChannelGroup create();

    /// Ends a group: queued messages are sent, its channels are closed, what it has not received is
    /// given back to the pool, and a waiting receiver gets [Status#SHUTDOWN_STARTED].
    ///
    /// Returns within [Options#closeTimeout()] and some scheduling time; a second call waits for
    /// the first, then does nothing. An interrupt is kept for the caller, and does not cut it
    /// short.
    ///
    /// @param group a group of this engine
    /// @throws AmpeException with [Status#NOT_ALLOWED] if the group is another engine's
    void destroy(ChannelGroup group);

    /// Memory that lives at least as long as the engine does, and as long as it is reachable.
    ///
    /// @return an allocator, safe for concurrent use
    SegmentAllocator getAllocator();

    /// What the engine has counted until now.
    ///
    /// @return a snapshot, to be had after [#close()], too
    /// @throws UnsupportedOperationException if the provider's engine does not count
    default Statistics statistics() {
        throw new UnsupportedOperationException("this engine does not count");
    }

    /// Ends all groups as [#destroy(ChannelGroup)] does, together within [Options#closeTimeout()],
    /// then the engine's threads, sockets and pool.
    ///
    /// Messages that are still leased stay valid, and are freed as they are closed.
    ///
    /// Called by code that the engine itself runs, such as a log handler, it may return before the
    /// end.
    @Override
    void close();
}
