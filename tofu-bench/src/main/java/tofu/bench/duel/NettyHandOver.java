package tofu.bench.duel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Hands frames from the event loop to the application's thread and back.
///
/// The application is woken once per read, not once per frame. While it is far behind, reading
/// pauses.
final class NettyHandOver extends ChannelInboundHandlerAdapter {
    private final NettyApplication application;
    private final NettyMailbox mailbox = new NettyMailbox();
    private @Nullable Channel channel;
    private @Nullable NettyWriteQueue writes;

    NettyHandOver(NettyApplication application) {
        this.application = application;
    }

    /// The connection; from any thread once it stands.
    Channel channel() {
        return Objects.requireNonNull(channel);
    }

    /// Sends a frame, and gives it away; waits while too many are under way. Application's thread.
    void send(ByteBuf frame) throws InterruptedException {
        Objects.requireNonNull(writes).put(frame);
    }

    /// Waits for the next frame, which is the caller's. Application's thread.
    ByteBuf receive() throws InterruptedException {
        return mailbox.take(channel());
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        channel = context.channel();
        writes = new NettyWriteQueue(context.channel());
        application.connected(this);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        Objects.requireNonNull(writes).drain();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        mailbox.put((ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        mailbox.complete(context.channel());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Side.fail(cause);
    }
}
