package tofu.bench.duel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.SpscUnboundedArrayQueue;

/// Frames on their way from the event loop to the application's thread.
///
/// Threads: the event loop puts, the application takes.
final class NettyMailbox {
    private static final int CHUNK = 4_096;
    private static final int PAUSE_AT = 8_192;
    private static final int RESUME_AT = 2_048;
    private static final int LOOK_EVERY = 512;
    private static final long PAUSE_AT_BYTES = 1 << 20;
    private static final long RESUME_AT_BYTES = PAUSE_AT_BYTES / 2;

    private final SpscUnboundedArrayQueue<ByteBuf> frames = new SpscUnboundedArrayQueue<>(CHUNK);
    private final ParkingSpot application = new ParkingSpot();
    private volatile boolean paused;
    private int taken;

    /// Bytes of all frames so far; the event loop's.
    private long putBytes;

    /// As many as that when reading was paused; written before [#paused].
    private long pausedAtBytes;

    /// Bytes of all frames that were taken; written by the application's thread.
    private final AtomicLong takenBytes = new AtomicLong();

    /// Adds a frame; [#complete] follows soon. Event loop.
    void put(ByteBuf frame) {
        putBytes += frame.readableBytes();
        frames.offer(frame);
    }

    /// All frames of one read are in. Event loop.
    void complete(Channel channel) {
        boolean many = frames.size() > PAUSE_AT;
        if (!paused && (many || putBytes - takenBytes.get() > PAUSE_AT_BYTES)) {
            pausedAtBytes = putBytes;
            channel.config().setAutoRead(false);
            paused = true; // only now, so that whoever sees it resumes after the pause
        }
        application.wake();
    }

    /// Waits for a frame, which is the caller's. Application's thread.
    ByteBuf take(Channel channel) throws InterruptedException {
        while (true) {
            ByteBuf frame = frames.poll();
            taken++;
            if (paused && (frame == null || taken % LOOK_EVERY == 0 || isLong(frame))) {
                resumeIfFew(channel);
            }
            if (frame != null) {
                takenBytes.lazySet(takenBytes.getPlain() + frame.readableBytes());
                return frame;
            }
            application.await(() -> paused || !frames.isEmpty());
        }
    }

    private static boolean isLong(ByteBuf frame) {
        return frame.readableBytes() > RESUME_AT_BYTES / LOOK_EVERY;
    }

    private void resumeIfFew(Channel channel) {
        // What came after the pause began is little, and counted as taken.
        if (frames.size() < RESUME_AT && pausedAtBytes - takenBytes.get() < RESUME_AT_BYTES) {
            channel.config().setAutoRead(true);
            paused = false; // only now, so that the next pause comes after this
        }
    }
}
