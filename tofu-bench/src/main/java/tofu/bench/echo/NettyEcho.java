package tofu.bench.echo;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// An echo server and its client with Netty.
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the channel, and is told so
public final class NettyEcho {
    private NettyEcho() {}

    // @start region="server"
    /// Listens on a port that the system chooses.
    ///
    /// @return the listener; its event loops are the caller's to shut down
    static Channel serve(EventLoopGroup loops) throws InterruptedException {
        return new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(
                        new Frames() {
                            @Override
                            void received(ChannelHandlerContext context, String text) {
                                context.writeAndFlush(text);
                            }
                        })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
    }

    // @end

    // @start region="client"
    static String echo(EventLoopGroup loops, int port, String text)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Channel channel =
                new Bootstrap()
                        .group(loops)
                        .channel(NioSocketChannel.class)
                        .handler(
                                new Frames() {
                                    @Override
                                    void received(ChannelHandlerContext context, String text) {
                                        answer.complete(text);
                                    }
                                })
                        .connect("127.0.0.1", port)
                        .sync()
                        .channel();
        channel.closeFuture().addListener(end -> answer.cancel(false));
        channel.writeAndFlush(text);
        try {
            return answer.get(10, TimeUnit.SECONDS);
        } finally {
            channel.close();
        }
    }

    // @end

    // @start region="frames"
    /// Cuts the stream into messages: two bytes of length, then text.
    abstract static class Frames extends ChannelInitializer<Channel> {
        abstract void received(ChannelHandlerContext context, String text);

        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline()
                    .addLast(new LengthFieldBasedFrameDecoder(65_537, 0, 2, 0, 2))
                    .addLast(new LengthFieldPrepender(2))
                    .addLast(new StringDecoder(StandardCharsets.UTF_8))
                    .addLast(new StringEncoder(StandardCharsets.UTF_8))
                    .addLast(
                            new SimpleChannelInboundHandler<String>() {
                                @Override
                                protected void channelRead0(
                                        ChannelHandlerContext context, String text) {
                                    received(context, text);
                                }
                            });
        }
    }
    // @end
}
