package tofu.engine.link;

import org.jspecify.annotations.Nullable;
import tofu.api.Options;
import tofu.engine.channel.EngineMemory;
import tofu.engine.loop.Clock;
import tofu.engine.loop.FirstFailure;

/// What all loops of an engine have together.
///
/// Threads: any.
///
/// @param options bounds and deadlines
/// @param clock the time
/// @param memory of messages and of logs, for all loops
/// @param entrance who may come in
/// @param handshakes connections that have not said hello
/// @param resolver looks up names
/// @param workers beside the loops; `null` if there is nothing for them
/// @param registry channel numbers
/// @param failure why no loop goes on
/// @param recorder what befalls the engine
public record Shared(
        Options options,
        Clock clock,
        EngineMemory memory,
        Entrance entrance,
        Handshakes handshakes,
        Resolver resolver,
        @Nullable Workers workers,
        Registry registry,
        FirstFailure failure,
        Recorder recorder) {}
