package tofu.cli.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The frames that come on a connection, one after the other.
///
/// Threads: a virtual one reads, another one takes.
final class Arrivals {
    /// How many frames are read ahead.
    private static final int MAX_AHEAD = 64;

    private static final int READ_BYTES = 64 * 1024;

    /// A frame; or the end, with the beginning of a frame that there may be.
    static final class Arrival {
        private final byte[] bytes;
        private final @Nullable End end;

        private Arrival(byte[] bytes, @Nullable End end) {
            this.bytes = bytes;
            this.end = end;
        }

        byte[] bytes() {
            return bytes.clone();
        }

        @Nullable End end() {
            return end;
        }
    }

    private final BlockingQueue<Arrival> queue = new ArrayBlockingQueue<>(MAX_AHEAD);

    /// Begins to read.
    Arrivals(RawSocket socket) {
        Thread.startVirtualThread(() -> read(socket));
    }

    private void read(RawSocket socket) {
        Frame frame = new Frame();
        ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
        End end;
        try {
            try {
                while (socket.read(buffer) >= 0) {
                    buffer.flip();
                    while (buffer.hasRemaining()) {
                        frame.fill(buffer);
                        if (frame.isWhole()) {
                            queue.put(new Arrival(frame.copy(0), null));
                            frame.clear();
                        }
                    }
                    buffer.clear();
                }
                end = End.FIN;
            } catch (IOException e) {
                end = End.RESET;
            }
            queue.put(new Arrival(frame.copy(0), end));
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    /// Waits for the next one.
    ///
    /// @return `null` if none has come in time
    @Nullable Arrival next(Duration timeout) throws InterruptedException {
        return queue.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }
}
