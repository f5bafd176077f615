package tofu.bench.duel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.SpscArrayQueue;

/// Frames on their way from the application's thread to the event loop: one task of the loop
/// writes all there are and flushes once, instead of a task and a flush for each.
///
/// Bounded in frames and in bytes, so that long frames are still in the caches when they are
/// written.
///
/// Threads: the application puts, the event loop drains.
final class NettyWriteQueue {
    private static final int CAPACITY = 4_096;
    private static final int CAPACITY_BYTES = Netty.HIGH_WATER_MARK;

    private final Channel channel;
    private final SpscArrayQueue<ByteBuf> frames = new SpscArrayQueue<>(CAPACITY);
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ParkingSpot application = new ParkingSpot();
    private final Runnable drainTask = this::drainScheduled;

    /// Bytes of all frames so far; the application's.
    private long putBytes;

    /// Bytes of all frames that were drained; written by the event loop.
    private final AtomicLong drainedBytes = new AtomicLong();

    NettyWriteQueue(Channel channel) {
        this.channel = channel;
    }

    /// Adds a frame, and waits for room before if it must. Application's thread.
    void put(ByteBuf frame) throws InterruptedException {
        boolean full = putBytes - drainedBytes.get() >= CAPACITY_BYTES;
        putBytes += frame.readableBytes();
        if (full || !frames.offer(frame)) {
            application.await(this::isHalfEmpty);
            frames.offer(frame);
        }
        if (scheduled.compareAndSet(false, true)) {
            channel.eventLoop().execute(drainTask);
        }
    }

    /// Writes what the channel takes. Event loop.
    @SuppressWarnings("FutureReturnValueIgnored") // a void promise: a failure closes the channel
    void drain() {
        long bytes = 0;
        while (channel.isWritable()) {
            ByteBuf frame = frames.poll();
            if (frame == null) {
                break;
            }
            bytes += frame.readableBytes();
            channel.write(frame, channel.voidPromise());
        }
        if (bytes > 0) {
            drainedBytes.lazySet(drainedBytes.getPlain() + bytes);
            channel.flush();
            application.wake();
        }
    }

    /// The frame that waits to be put counts as put.
    private boolean isHalfEmpty() {
        return frames.size() <= CAPACITY / 2
                && (frames.isEmpty() || putBytes - drainedBytes.get() <= CAPACITY_BYTES / 2);
    }

    private void drainScheduled() {
        scheduled.set(false); // volatile: frames put before the next task are seen below
        drain();
    }
}
