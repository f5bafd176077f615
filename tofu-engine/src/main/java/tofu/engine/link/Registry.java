package tofu.engine.link;

/// Channel numbers, and the loops that new channels live on.
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

    /// Chooses the loop that the next channel lives on.
    ///
    /// @return the loop's bench
    Workbench choose();

    /// A loop has a bug, and nothing goes on.
    ///
    /// @param bug what was thrown
    void fail(Throwable bug);
}
