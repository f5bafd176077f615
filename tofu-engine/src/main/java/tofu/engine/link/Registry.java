package tofu.engine.link;

/// What an engine knows of its channels: their numbers, and that all of them fail together.
///
/// Threads: any.
public interface Registry {
    /// Takes a channel number.
    ///
    /// @return 0 if all are in use or resting
    int reserve();

    /// Makes an endpoint findable by a reserved number; before anything can release that, or
    /// another's endpoint could be replaced.
    ///
    /// @param number the number
    /// @param endpoint what is to be found
    void put(int number, Endpoint endpoint);

    /// Ends the use of a channel number, once the application knows that its channel is closed.
    ///
    /// @param number the number
    void release(int number);

    /// A loop has a bug, and nothing goes on.
    ///
    /// @param bug what was thrown
    void fail(Throwable bug);
}
