package tofu.bench.duel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// What the application does with frames, the same on the event loop and in a thread of its own.
///
/// Thread: the one that the application lives in, [#connected] aside.
final class NettyApplication {
    private final Task task;
    private final Meter meter;
    private final boolean drives;
    private final Payload payload;
    private final CompletableFuture<NettyHandOver> connection = new CompletableFuture<>();

    NettyApplication(Task task, Meter meter, boolean drives) {
        this.task = task;
        this.meter = meter;
        this.drives = drives;
        this.payload = new Payload(task.size());
    }

    boolean floods() {
        return drives && task.isOneWay();
    }

    /// How many frames a driver starts with.
    int window() {
        return drives ? task.mode().window() : 0;
    }

    /// A new frame, owned by the caller.
    ByteBuf frame(Channel channel) {
        byte[] bytes = payload.with(meter.next());
        return channel.alloc()
                .directBuffer(Netty.PREFIX + bytes.length)
                .writeInt(bytes.length)
                .writeBytes(bytes);
    }

    /// Takes a frame.
    ///
    /// @return the frame to send in answer, owned by the caller, or `null`
    @Nullable ByteBuf take(ByteBuf frame, Channel channel) {
        meter.received(frame.getLong(Netty.PREFIX), frame.readableBytes() - Netty.PREFIX);
        if (!drives && !task.isOneWay()) {
            return frame;
        }
        frame.release();
        return drives ? frame(channel) : null;
    }

    /// The connection stands, and has a hand-over for this application's thread.
    void connected(NettyHandOver handOver) {
        connection.complete(handOver);
    }

    /// The application's own thread.
    void run() throws InterruptedException {
        NettyHandOver frames = await();
        Channel channel = frames.channel();
        while (floods()) {
            frames.send(frame(channel));
        }
        for (int i = 0; i < window(); i++) {
            frames.send(frame(channel));
        }
        while (true) {
            ByteBuf answer = take(frames.receive(), channel);
            if (answer != null) {
                frames.send(answer);
            }
        }
    }

    private NettyHandOver await() throws InterruptedException {
        try {
            return connection.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
