package tofu.bench.duel;

import java.io.IOException;

/// One side of a system's connections, as the application's own threads use it: a call for each
/// message, which waits if it must, but no longer than about [#MOMENT_MILLIS].
///
/// Threads: one, but [#send] may be called by as many as [Task#mode] has senders.
interface End extends AutoCloseable {
    int MOMENT_MILLIS = 100;

    /// Sends one message on a channel, from 0.
    ///
    /// @return false if there was no room for it in a moment: nothing was sent
    boolean send(int channel, byte[] payload) throws IOException, InterruptedException;

    /// Takes one message.
    ///
    /// @return false if there was none in a moment
    boolean take(Talk talk) throws IOException, InterruptedException;

    /// Takes one message, and sends it back as it is.
    ///
    /// @return false if there was none in a moment
    boolean answer(Talk talk) throws IOException, InterruptedException;

    /// Takes one message, and sends the next one on its channel.
    ///
    /// @return false if there was none in a moment
    boolean converse(Talk talk) throws IOException, InterruptedException;

    /// Closes the connections, and makes new ones in their place. Only of an end that has
    /// connected, of a system that can be measured in [Mode#HANDSHAKES].
    default void reconnect() throws IOException, InterruptedException {
        throw new UnsupportedOperationException("cannot connect anew");
    }

    @Override
    void close();
}
