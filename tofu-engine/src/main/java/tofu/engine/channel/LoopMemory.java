package tofu.engine.channel;

import tofu.pool.SlotPool;

/// What the channels of a loop keep their bytes in.
///
/// @param outgoing chunks of what is to be sent
/// @param incoming what the loop reads into
public record LoopMemory(SlotPool outgoing, ReadMemory incoming) {}
