package tofu.bench.duel;

/// What an [End] tells the application, and asks it for.
///
/// Thread: one.
interface Talk {
    /// A message has come.
    ///
    /// @param sequence what [Payload] has stamped on it
    /// @param length of its payload in bytes
    void received(long sequence, int length);

    /// The payload of the next message on the channel of one that has come, whose sequence number
    /// this is; the array is the application's and is copied at once.
    byte[] next(long sequence);
}
