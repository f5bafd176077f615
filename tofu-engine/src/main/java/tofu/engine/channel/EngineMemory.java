package tofu.engine.channel;

import tofu.pool.SlotPool;

/// The memory of an engine.
///
/// @param messages slots of messages that an application has, or that wait for it
/// @param logs chunks of what is to be sent
public record EngineMemory(SlotPool messages, SlotPool logs) {}
