package tofu.bench.duel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jctools.queues.SpscArrayQueue;

/// Frames on their way from the application's thread to the event loop: one task of the loop
/// writes all there are and flushes once, instead of a task and a flush for each.
///
/// Threads: the application puts, the event loop drains.
final class NettyWriteQueue {
    private static final int CAPACITY = 4_096;

    private final Channel channel;
    private final SpscArrayQueue<ByteBuf> frames = new SpscArrayQueue<>(CAPACITY);
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ParkingSpot application = new ParkingSpot();
    private final Runnable drainTask = this::drainScheduled;

    NettyWriteQueue(Channel channel) {
        this.channel = channel;
    }

    /// Adds a frame, and waits for room before if it must. Application's thread.
    void put(ByteBuf frame) throws InterruptedException {
        if (!frames.offer(frame)) {
            application.await(() -> frames.size() <= CAPACITY / 2);
            frames.offer(frame);
        }
        if (scheduled.compareAndSet(false, true)) {
            channel.eventLoop().execute(drainTask);
        }
    }

    /// Writes what the channel takes. Event loop.
    @SuppressWarnings("FutureReturnValueIgnored") // a void promise: a failure closes the channel
    void drain() {
        boolean any = false;
        while (channel.isWritable()) {
            ByteBuf frame = frames.poll();
            if (frame == null) {
                break;
            }
            channel.write(frame, channel.voidPromise());
            any = true;
        }
        if (any) {
            channel.flush();
            application.wake();
        }
    }

    private void drainScheduled() {
        scheduled.set(false); // volatile: frames put before the next task are seen below
        drain();
    }
}
