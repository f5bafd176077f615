package tofu.engine.channel;

import tofu.api.Status;
import tofu.pool.Slot;

/// Takes what a [FrameReader] finds. The callee may not keep the header words, nor call the reader.
interface FrameSink {
    /// Decides on a frame by its header, before any memory is spent on it.
    ///
    /// @return [Status#SUCCESS] to go on
    Status onHeader(long first, long second);

    /// Takes a whole frame.
    ///
    /// @param slot a slot of [Slot.Owner#CHANNEL], the sink's from now on
    /// @param opCode the number of its op code
    /// @param length length of the frame, in bytes
    void onFrame(Slot slot, int opCode, int length);
}
