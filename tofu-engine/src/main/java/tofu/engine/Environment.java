package tofu.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import tofu.engine.link.Recorder;
import tofu.engine.link.Resolver;
import tofu.engine.link.Workers;
import tofu.engine.loop.Clock;
import tofu.engine.net.Net;

/// What an engine needs of the world around it; a simulation is another such world.
///
/// Threads: any.
public interface Environment extends Clock {
    /// What [#leastLogBytes()] is but in a world that says otherwise.
    int LEAST_LOG_BYTES = 1 << 20;

    /// Opens what a loop waits with, once for each loop.
    ///
    /// @return a net that the loop owns
    /// @throws IOException if there is none to be had
    Net openNet() throws IOException;

    /// Who looks up names.
    ///
    /// @return a resolver that the engine closes
    Resolver resolver();

    /// Who works beside the loops. Asked once, by an engine whose options have TLS or rules about
    /// users.
    ///
    /// @return workers that the engine closes
    default Workers newWorkers() {
        return new SystemWorkers();
    }

    /// What decides the order of channel numbers.
    ///
    /// @return any number
    long seed();

    /// How much a loop reads at once, asked once for each loop.
    ///
    /// @return 64 to 131,072 bytes
    int readBytes();

    /// How much memory each loop may have for either way, however small `maxLogBytes` is: it must
    /// go on.
    ///
    /// @return bytes, enough for two chunks of [#readBytes()] and for the longest frame
    default int leastLogBytes() {
        return LEAST_LOG_BYTES;
    }

    /// Makes what a loop reads into when nobody wants what it reads, once for each loop.
    ///
    /// @return a direct buffer of any size but 0
    ByteBuffer newScratch();

    /// Runs something that may take its time, such as writing to the log, whose handlers are
    /// foreign code; not on the calling thread. A world without a log need not.
    ///
    /// @param task what to run
    /// @return false if it will not be run
    default boolean inBackground(Runnable task) {
        return false;
    }

    /// What keeps a record of the engine. Asked once.
    ///
    /// @param engine its number
    /// @return none, if this world has nobody who would look at it
    default Recorder newRecorder(int engine) {
        return Recorder.NONE;
    }

    /// Waits for the loops, on behalf of somebody who closes a group or the engine.
    ///
    /// @param latch opened by the loops
    void await(CountDownLatch latch);
}
