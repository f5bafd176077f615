package tofu.bench.duel;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Netty 4.2 with one event loop on each side, which is used in two ways: the application lives on
/// the event loop ([NettyLoop]), or in threads of its own that frames are handed to and from
/// ([NettyEnds]).
///
/// A frame is its payload's length (four bytes) and the payload, cut out by Netty's own decoder. It
/// keeps its prefix, so that an echo goes back as it came, without a copy. Netty's default
/// allocator; water marks are larger than the default, and receive buffers start at the default's
/// maximum, for throughput. Many channels share these marks, down to the default.
///
/// The decoder joins what was read by composition. Its default, to copy into one buffer, needs a
/// new large buffer for each read while another thread still holds frames of the last one. The
/// allocator does not pool so large ones: most of the time went into page faults.
///
/// Over TLS, Netty's `SslHandler` stands before all that.
final class Netty implements AutoCloseable {
    static final int PREFIX = 4;
    static final int HIGH_WATER_MARK = 1_024 * 1_024;

    private static final int LOW_WATER_MARK = 256 * 1_024;
    private static final int MAX_FRAME = 1 << 20;
    private static final int RECEIVE_BUFFER = 64 * 1_024;
    private static final int BACKLOG = 8_192;

    private final NettyTransport transport;
    private final SslProvider provider;
    private final Task task;
    private final EventLoopGroup loop;

    /// Starts an event loop.
    ///
    /// @param provider who encrypts, if the task is about TLS
    Netty(NettyTransport transport, SslProvider provider, Task task) {
        this.transport = transport;
        this.provider = provider;
        this.task = task;
        this.loop = new MultiThreadIoEventLoopGroup(1, transport.ioHandler());
    }

    /// Accepts connections.
    ///
    /// @param handler makes the last handler of each
    void listen(Supplier<ChannelHandler> handler, Consumer<String> listening)
            throws SSLException, InterruptedException {
        NettyTls tls = task.isSecure() ? NettyTls.server(provider) : null;
        SocketAddress address =
                task.isTcp()
                        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
                        : transport.unixAddress(task.socketFile().toString());
        Channel listener =
                new ServerBootstrap()
                        .group(loop)
                        .channel(transport.listener(task.isTcp()))
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark())
                        .childOption(ChannelOption.RECVBUF_ALLOCATOR, receiveBuffers())
                        .childHandler(pipeline(tls, handler))
                        .bind(address)
                        .sync()
                        .channel();
        listening.accept(
                listener.localAddress() instanceof InetSocketAddress tcp
                        ? Integer.toString(tcp.getPort())
                        : task.socketFile().toString());
    }

    /// Connects all channels of the task, and its idle ones after them, which are not returned.
    List<Channel> connect(String place, Supplier<ChannelHandler> handler)
            throws SSLException, InterruptedException {
        NettyTls tls = task.isSecure() ? NettyTls.client(provider) : null;
        SocketAddress address =
                task.isTcp()
                        ? new InetSocketAddress(
                                InetAddress.getLoopbackAddress(), Integer.parseInt(place))
                        : transport.unixAddress(place);
        Bootstrap bootstrap =
                new Bootstrap()
                        .group(loop)
                        .channel(transport.stream(task.isTcp()))
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark())
                        .option(ChannelOption.RECVBUF_ALLOCATOR, receiveBuffers())
                        .handler(pipeline(tls, handler));
        List<Channel> channels = new ArrayList<>();
        for (int i = 0; i < task.channels() + task.idle(); i++) {
            Channel channel = bootstrap.connect(address).sync().channel();
            if (tls != null) {
                NettyTls.awaitHandshake(channel);
            }
            channels.add(channel);
        }
        return channels.subList(0, task.channels());
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private WriteBufferWaterMark waterMark() {
        WriteBufferWaterMark least = WriteBufferWaterMark.DEFAULT;
        return new WriteBufferWaterMark(
                Math.max(least.low(), LOW_WATER_MARK / task.channels()),
                Math.max(least.high(), HIGH_WATER_MARK / task.channels()));
    }

    private static AdaptiveRecvByteBufAllocator receiveBuffers() {
        return new AdaptiveRecvByteBufAllocator(2_048, RECEIVE_BUFFER, RECEIVE_BUFFER);
    }

    private ChannelInitializer<Channel> pipeline(
            @Nullable NettyTls tls, Supplier<ChannelHandler> handler) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (task.isTcp()) {
                    channel.config().setOption(ChannelOption.TCP_NODELAY, true);
                }
                if (tls != null) {
                    channel.pipeline().addLast(tls.handler(channel));
                }
                channel.pipeline().addLast(decoder()).addLast(handler.get());
            }
        };
    }

    private static ChannelHandler decoder() {
        LengthFieldBasedFrameDecoder decoder =
                new LengthFieldBasedFrameDecoder(MAX_FRAME, 0, PREFIX, 0, 0);
        decoder.setCumulator(ByteToMessageDecoder.COMPOSITE_CUMULATOR);
        return decoder;
    }

    /// A new frame, owned by the caller.
    static ByteBuf frame(Channel channel, byte[] payload) {
        return channel.alloc()
                .directBuffer(PREFIX + payload.length)
                .writeInt(payload.length)
                .writeBytes(payload);
    }
}
