package tofu.bench.duel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.SpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;

/// Frames of all channels on their way from the event loop to the application's thread. Before
/// frames of another channel than the last one stands where answers to them go.
///
/// Threads: the event loop puts, the application takes.
final class NettyMailbox {
    private static final int CHUNK = 4_096;
    private static final int PAUSE_AT = 8_192;
    private static final int RESUME_AT = 2_048;
    private static final int LOOK_EVERY = 512;
    private static final long PAUSE_AT_BYTES = 1 << 20;
    private static final long RESUME_AT_BYTES = PAUSE_AT_BYTES / 2;

    private final SpscUnboundedArrayQueue<Object> frames = new SpscUnboundedArrayQueue<>(CHUNK);
    private final ParkingSpot application = new ParkingSpot();

    /// Who is to resume the channels that are paused; the event loop writes it, or `null`.
    private volatile @Nullable Executor paused;

    /// The event loop's.
    private final List<Channel> pausedChannels = new ArrayList<>();

    private @Nullable NettyWriteQueue putFrom;
    private final AtomicLong putBytes = new AtomicLong();

    /// The application's.
    private @Nullable NettyWriteQueue takenFrom;

    private final AtomicLong takenBytes = new AtomicLong();
    private int taken;

    /// Adds a frame; [#complete] follows soon. Event loop.
    void put(ByteBuf frame, NettyWriteQueue source) {
        if (source != putFrom) {
            putFrom = source;
            frames.offer(source);
        }
        putBytes.lazySet(putBytes.getPlain() + frame.readableBytes());
        frames.offer(frame);
    }

    /// All frames of one read are in. Event loop.
    void complete(Channel channel) {
        if (frames.size() > PAUSE_AT || pendingBytes() > PAUSE_AT_BYTES) {
            channel.config().setAutoRead(false);
            pausedChannels.add(channel);
            paused = channel.eventLoop();
        }
        application.wake();
    }

    /// Waits for a frame, which is the caller's; `null` if none comes in a moment. Application's
    /// thread.
    @Nullable ByteBuf take() throws InterruptedException {
        while (true) {
            Object next = frames.poll();
            taken++;
            if (paused != null && (next == null || taken % LOOK_EVERY == 0 || isLong(next))) {
                resumeIfFew();
            }
            if (next instanceof ByteBuf frame) {
                takenBytes.lazySet(takenBytes.getPlain() + frame.readableBytes());
                return frame;
            }
            if (next instanceof NettyWriteQueue source) {
                takenFrom = source;
            } else if (!application.await(() -> paused != null || !frames.isEmpty())) {
                return null;
            }
        }
    }

    /// Where answers to the last frame go. Application's thread.
    NettyWriteQueue source() {
        return Objects.requireNonNull(takenFrom);
    }

    private static boolean isLong(Object next) {
        return next instanceof ByteBuf frame
                && frame.readableBytes() > RESUME_AT_BYTES / LOOK_EVERY;
    }

    private long pendingBytes() {
        return putBytes.get() - takenBytes.get();
    }

    private void resumeIfFew() {
        Executor loop = paused;
        if (loop != null && frames.size() < RESUME_AT && pendingBytes() < RESUME_AT_BYTES) {
            paused = null; // first, so that a pause after this is seen
            loop.execute(this::resume);
        }
    }

    private void resume() {
        pausedChannels.forEach(channel -> channel.config().setAutoRead(true));
        pausedChannels.clear();
    }
}
