package tofu.engine.channel;

import tofu.pool.SlotPool;

/// The memory of an engine.
///
/// @param messages slots of messages that an application has, and of notices
/// @param outgoing chunks of what is to be sent
/// @param incoming chunks of what came and was not taken
public record EngineMemory(SlotPool messages, SlotPool outgoing, SlotPool incoming)
        implements AutoCloseable {
    /// Closes all of it, that of messages last: what it reports is foreign code's to hear.
    @Override
    public void close() {
        outgoing.close();
        incoming.close();
        messages.close();
    }
}
