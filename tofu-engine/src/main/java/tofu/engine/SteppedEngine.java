package tofu.engine;

import java.io.IOException;
import tofu.api.Ampe;
import tofu.api.Options;
import tofu.engine.channel.EngineMemory;
import tofu.engine.loop.Reactor;

/// An engine without threads: its owner drives the loops, so that a simulation can repeat every
/// turn.
///
/// Thread: one; whoever closes a group or the engine waits in [Environment#await], which has to
/// drive the loops meanwhile.
public final class SteppedEngine {
    private final Engine engine;

    /// Opens an engine whose loops nobody drives yet.
    ///
    /// @param options bounds and deadlines
    /// @param environment the world around it
    public SteppedEngine(Options options, Environment environment) {
        engine = new Engine(options, environment);
    }

    /// The engine as applications see it.
    ///
    /// @return the engine
    public Ampe ampe() {
        return engine;
    }

    /// The engine's memory, to be counted.
    ///
    /// @return all of it
    public EngineMemory memory() {
        return engine.memory();
    }

    /// How many channel numbers are in use.
    ///
    /// @return a count
    public int channelsInUse() {
        return engine.channels().inUse();
    }

    /// How many loops there are to drive.
    ///
    /// @return a count
    public int loops() {
        return engine.loops().size();
    }

    /// Does what a loop has to do; if there is nothing, lets its net wait. What is thrown then ends
    /// the engine, as it does in a loop's own thread: its loops are to be abandoned.
    ///
    /// @param loop 0 to [#loops()] - 1
    /// @param maxWaitNanos how long to wait at most; zero or less does not wait
    /// @return how many tasks, events and commands there were; 0 while a receiver drives the loop
    /// @throws IOException if waiting itself failed
    public int step(int loop, long maxWaitNanos) throws IOException {
        Reactor reactor = engine.loops().get(loop);
        if (!reactor.lead()) {
            return 0;
        }
        try {
            try {
                return reactor.step(maxWaitNanos);
            } finally {
                reactor.leave(false);
            }
        } catch (IOException | RuntimeException | Error bug) {
            engine.fail(bug);
            throw bug;
        }
    }

    /// Whether somebody has asked a loop for something: it must not go on sleeping then.
    ///
    /// @param loop 0 to [#loops()] - 1
    /// @return true until the loop's next turn
    public boolean hasWork(int loop) {
        return engine.loops().get(loop).hasWork();
    }

    /// Whether a loop has nothing more to do, for ever.
    ///
    /// @param loop 0 to [#loops()] - 1
    /// @return true once the engine is closed
    public boolean isStopped(int loop) {
        return engine.loops().get(loop).isStopped();
    }

    /// Ends a loop that is stopped: what the loop's own thread does last.
    ///
    /// @param loop 0 to [#loops()] - 1
    /// @return false if something is left: to be called again
    public boolean abandon(int loop) {
        boolean done = engine.end(engine.loops().get(loop));
        if (done) {
            engine.logFailure();
        }
        return done;
    }
}
