package tofu.bench.duel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Hands a channel's frames from the event loop to the application's thread and back.
///
/// The application is woken once per read, not once per frame. While it is far behind, reading
/// pauses.
final class NettyHandOver extends ChannelInboundHandlerAdapter {
    private static final AttributeKey<NettyWriteQueue> WRITES = AttributeKey.valueOf("writes");

    private final Task task;
    private final NettyMailbox mailbox;
    private @Nullable NettyWriteQueue writes;

    NettyHandOver(Task task, NettyMailbox mailbox) {
        this.task = task;
        this.mailbox = mailbox;
    }

    /// Where frames for a channel go that is connected. Any thread.
    static NettyWriteQueue writes(Channel channel) {
        return channel.attr(WRITES).get();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        writes = new NettyWriteQueue(task, context.channel());
        context.channel().attr(WRITES).set(writes);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        Objects.requireNonNull(writes).drain();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        mailbox.put((ByteBuf) message, Objects.requireNonNull(writes));
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
