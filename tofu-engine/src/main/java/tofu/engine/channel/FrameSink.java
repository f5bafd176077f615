package tofu.engine.channel;

import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.LogChunk;

/// Takes what a [FrameReader] finds. The callee may not call the reader.
interface FrameSink {
    /// Decides on a frame by its header, before any memory is spent on it; once for each frame.
    ///
    /// @return [Status#SUCCESS] to go on
    Status onHeader(long first, long second);

    /// A frame that is not regular has come whole; [#onFrames] will bring it.
    ///
    /// @param opCode its op code
    /// @param id its id
    void onWhole(OpCode opCode, long id);

    /// Takes whole frames.
    ///
    /// @param chunk has them, and nothing else; the sink's from now on
    /// @param frames how many they are
    void onFrames(LogChunk chunk, int frames);
}
