package tofu.bench.duel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.MpscArrayQueue;
import org.jctools.queues.SpscArrayQueue;

/// A channel's frames on their way from the application's threads to the event loop: one task of
/// the loop writes all there are and flushes once, instead of a task and a flush for each.
///
/// Bounded in frames and in bytes, so that long frames are still in the caches when they are
/// written; many channels share these bounds, down to a part that is worth a write.
///
/// Threads: the application puts, by as many threads as the mode has senders; the event loop
/// drains.
final class NettyWriteQueue {
    private static final int CAPACITY = 4_096;
    private static final int LEAST_CAPACITY = 256;
    private static final int CAPACITY_BYTES = Netty.HIGH_WATER_MARK;
    private static final int LEAST_CAPACITY_BYTES = 64 * 1_024;

    private final Channel channel;
    private final boolean hasOneSender;
    private final int capacityBytes;
    private final MessagePassingQueue<ByteBuf> frames;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ParkingSpot application = new ParkingSpot();
    private final Runnable drainTask = this::drainScheduled;

    /// Bytes of all frames so far.
    private final AtomicLong putBytes = new AtomicLong();

    /// Bytes of all frames that were drained; written by the event loop.
    private final AtomicLong drainedBytes = new AtomicLong();

    NettyWriteQueue(Task task, Channel channel) {
        this.channel = channel;
        hasOneSender = task.mode().senders() == 1;
        int capacity = Math.max(LEAST_CAPACITY, CAPACITY / task.channels());
        frames = hasOneSender ? new SpscArrayQueue<>(capacity) : new MpscArrayQueue<>(capacity);
        capacityBytes = Math.max(LEAST_CAPACITY_BYTES, CAPACITY_BYTES / task.channels());
    }

    /// Adds a new frame, and waits for room before if it must. Application's threads.
    ///
    /// @return false if there was no room in a moment
    boolean put(byte[] payload) throws InterruptedException {
        ByteBuf frame = Netty.frame(channel, payload);
        boolean put = put(frame);
        if (!put) {
            frame.release();
        }
        return put;
    }

    /// Adds a new frame, however long that takes. Application's threads.
    void putWhenRoom(byte[] payload) throws InterruptedException {
        putWhenRoom(Netty.frame(channel, payload));
    }

    /// Adds a frame, however long that takes, and gives it away. Application's threads.
    void putWhenRoom(ByteBuf frame) throws InterruptedException {
        boolean put = put(frame);
        while (!put) {
            put = put(frame);
        }
    }

    private boolean put(ByteBuf frame) throws InterruptedException {
        int length = frame.readableBytes(); // it may be gone once it is in the queue
        while (pendingBytes() >= capacityBytes || !frames.offer(frame)) {
            if (!application.await(this::isHalfEmpty)) {
                return false;
            }
        }
        if (hasOneSender) {
            putBytes.lazySet(putBytes.getPlain() + length);
        } else {
            putBytes.addAndGet(length);
        }
        if (scheduled.compareAndSet(false, true)) {
            channel.eventLoop().execute(drainTask);
        }
        return true;
    }

    /// Closes the channel. Application's thread.
    void close() throws InterruptedException {
        channel.close().sync();
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

    private long pendingBytes() {
        return putBytes.get() - drainedBytes.get();
    }

    private boolean isHalfEmpty() {
        return frames.size() <= frames.capacity() / 2
                && (frames.isEmpty() || pendingBytes() <= capacityBytes / 2);
    }

    private void drainScheduled() {
        scheduled.set(false); // volatile: frames put before the next task are seen below
        drain();
    }
}
