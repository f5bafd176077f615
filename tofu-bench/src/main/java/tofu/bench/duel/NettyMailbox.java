package tofu.bench.duel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jctools.queues.SpscUnboundedArrayQueue;

/// Frames on their way from the event loop to the application's thread.
///
/// Threads: the event loop puts, the application takes.
final class NettyMailbox {
    private static final int CHUNK = 4_096;
    private static final int PAUSE_AT = 8_192;
    private static final int RESUME_AT = 2_048;
    private static final int LOOK_EVERY = 512;

    private final SpscUnboundedArrayQueue<ByteBuf> frames = new SpscUnboundedArrayQueue<>(CHUNK);
    private final ParkingSpot application = new ParkingSpot();
    private volatile boolean paused;
    private int taken;

    /// Adds a frame; [#complete] follows soon. Event loop.
    void put(ByteBuf frame) {
        frames.offer(frame);
    }

    /// All frames of one read are in. Event loop.
    void complete(Channel channel) {
        if (!paused && frames.size() > PAUSE_AT) {
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
            if (paused && (frame == null || taken % LOOK_EVERY == 0)) {
                resumeIfFew(channel);
            }
            if (frame != null) {
                return frame;
            }
            application.await(() -> paused || !frames.isEmpty());
        }
    }

    private void resumeIfFew(Channel channel) {
        if (frames.size() < RESUME_AT) {
            channel.config().setAutoRead(true);
            paused = false; // only now, so that the next pause comes after this
        }
    }
}
