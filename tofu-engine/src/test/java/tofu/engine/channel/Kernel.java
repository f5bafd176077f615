package tofu.engine.channel;

import static tofu.engine.fuzz.FuzzCheck.check;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/// A socket that takes as many bytes as the test says, of several buffers at once.
///
/// Thread: the test's.
final class Kernel {
    private Kernel() {}

    /// Takes bytes.
    ///
    /// @param sources buffers with bytes
    /// @param count how many of them
    /// @param most how many bytes at most
    /// @return what was taken
    static byte[] take(ByteBuffer[] sources, int count, int most) {
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            check(sources[i].hasRemaining(), "a buffer without bytes");
            byte[] bytes = new byte[Math.min(most - taken.size(), sources[i].remaining())];
            sources[i].get(bytes);
            taken.writeBytes(bytes);
        }
        return taken.toByteArray();
    }
}
