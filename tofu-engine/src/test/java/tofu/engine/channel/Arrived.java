package tofu.engine.channel;

import static tofu.engine.fuzz.FuzzCheck.check;

import java.util.ArrayList;
import java.util.List;
import tofu.pool.LogChunk;
import tofu.pool.SlotSource;

/// What came together, and is taken frame by frame, without a pool for the messages.
///
/// Thread: one at a time. Owns the chunk until the last frame is taken.
final class Arrived {
    private final LogChunk chunk;
    private final SlotSource source;
    private final int filled;
    private int position;

    Arrived(LogChunk chunk, SlotSource source) {
        this.chunk = chunk;
        this.source = source;
        this.filled = chunk.filled();
        check(filled > 0, "nothing came");
    }

    /// Copies of all frames that are left.
    List<byte[]> frames() {
        List<byte[]> frames = new ArrayList<>();
        if (position == filled) {
            return frames; // the chunk may be another's by now
        }
        int at = position;
        while (at < filled) {
            byte[] frame = frame(at);
            frames.add(frame);
            at += frame.length;
        }
        check(at == filled, "a frame that is not whole");
        return frames;
    }

    private byte[] frame(int at) {
        byte[] frame = new byte[chunk.frameLength(at)];
        chunk.bytes(at, at + frame.length).get(frame);
        return frame;
    }

    /// Takes the next frame, and tells its source.
    byte[] take() {
        byte[] frame = frame(position);
        position += frame.length;
        if (position == filled) {
            source.taken(frame.length);
            chunk.release();
        } else {
            source.takenOfMany(frame.length);
        }
        return frame;
    }
}
