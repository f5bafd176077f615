package tofu.bench.duel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/// The application on the event loop, where it takes frames: writes as it reads, if it is to, and
/// flushes once for all that was read.
///
/// Thread: the event loop.
final class NettyLoopHandler extends ChannelInboundHandlerAdapter {
    private final Answer answer;
    private final Talk talk;

    /// What follows upon a frame.
    enum Answer {
        /// Nothing.
        NONE,
        /// The frame itself.
        ECHO,
        /// The next frame of the same channel.
        NEXT
    }

    NettyLoopHandler(Answer answer, Talk talk) {
        this.answer = answer;
        this.talk = talk;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // a void promise: a failure closes the channel
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf frame = (ByteBuf) message;
        long sequence = frame.getLong(Netty.PREFIX);
        talk.received(sequence, frame.readableBytes() - Netty.PREFIX);
        switch (answer) {
            case NONE -> frame.release();
            case ECHO -> context.write(frame, context.voidPromise());
            case NEXT -> {
                frame.release();
                ByteBuf next = Netty.frame(context.channel(), talk.next(sequence));
                context.write(next, context.voidPromise());
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Side.fail(cause);
    }
}
