package tofu.bench.duel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/// The application on the event loop: writes as it reads, and flushes once for all that was read.
///
/// Thread: the event loop.
final class NettyLoopHandler extends ChannelInboundHandlerAdapter {
    private final NettyApplication application;

    NettyLoopHandler(NettyApplication application) {
        this.application = application;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        flood(context);
        for (int i = 0; i < application.window(); i++) {
            write(context, application.frame(context.channel()));
        }
        context.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        flood(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf answer = application.take((ByteBuf) message, context.channel());
        if (answer != null) {
            write(context, answer);
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

    private void flood(ChannelHandlerContext context) {
        if (application.floods() && context.channel().isWritable()) {
            while (context.channel().isWritable()) {
                write(context, application.frame(context.channel()));
            }
            context.flush();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a void promise: a failure closes the channel
    private static void write(ChannelHandlerContext context, ByteBuf frame) {
        context.write(frame, context.voidPromise());
    }
}
