package tofu.bench.duel;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Netty 4.2 with one event loop on each side, in two ways: the application lives on the event loop
/// ([NettyLoopHandler]), or in a thread of its own that frames are handed to and from
/// ([NettyMailbox], [NettyWriteQueue]).
///
/// A frame is its payload's length (four bytes) and the payload, cut out by Netty's own decoder. It
/// keeps its prefix, so that an echo goes back as it came, without a copy. Netty's default
/// allocator; water marks are larger than the default, and receive buffers start at the default's
/// maximum, for throughput.
///
/// The decoder joins what was read by composition. Its default, to copy into one buffer, needs a
/// new large buffer for each read while another thread still holds frames of the last one. The
/// allocator does not pool so large ones: most of the time went into page faults.
final class Netty implements Contestant {
    static final int PREFIX = 4;
    static final int HIGH_WATER_MARK = 1_024 * 1_024;

    private static final int MAX_FRAME = 1 << 20;
    private static final int LOW_WATER_MARK = 256 * 1_024;
    private static final int RECEIVE_BUFFER = 64 * 1_024;

    private final NettyTransport transport;
    private final boolean handsOver;

    /// Chooses a variant.
    ///
    /// @param handsOver whether the application has a thread of its own
    Netty(NettyTransport transport, boolean handsOver) {
        this.transport = transport;
        this.handsOver = handsOver;
    }

    @Override
    public void serve(Task task, Meter meter, Consumer<String> listening)
            throws InterruptedException {
        NettyApplication application = new NettyApplication(task, meter, false);
        SocketAddress address =
                task.isTcp()
                        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
                        : transport.unixAddress(task.socketFile().toString());
        Channel listener =
                new ServerBootstrap()
                        .group(eventLoop())
                        .channel(transport.listener(task.isTcp()))
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark())
                        .childOption(ChannelOption.RECVBUF_ALLOCATOR, receiveBuffers())
                        .childHandler(pipeline(task, () -> handler(application)))
                        .bind(address)
                        .sync()
                        .channel();
        listening.accept(
                listener.localAddress() instanceof InetSocketAddress tcp
                        ? Integer.toString(tcp.getPort())
                        : task.socketFile().toString());
        run(application);
    }

    @Override
    public void drive(Task task, Meter meter, String place) throws InterruptedException {
        NettyApplication application = new NettyApplication(task, meter, true);
        SocketAddress address =
                task.isTcp()
                        ? new InetSocketAddress(
                                InetAddress.getLoopbackAddress(), Integer.parseInt(place))
                        : transport.unixAddress(place);
        new Bootstrap()
                .group(eventLoop())
                .channel(transport.stream(task.isTcp()))
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark())
                .option(ChannelOption.RECVBUF_ALLOCATOR, receiveBuffers())
                .handler(pipeline(task, () -> handler(application)))
                .connect(address)
                .sync();
        run(application);
    }

    private ChannelHandler handler(NettyApplication application) {
        return handsOver ? new NettyHandOver(application) : new NettyLoopHandler(application);
    }

    /// Runs the application here if it has a thread of its own.
    private void run(NettyApplication application) throws InterruptedException {
        if (handsOver) {
            application.run();
        } else {
            Thread.currentThread().join();
        }
    }

    private EventLoopGroup eventLoop() {
        return new MultiThreadIoEventLoopGroup(1, transport.ioHandler());
    }

    private static WriteBufferWaterMark waterMark() {
        return new WriteBufferWaterMark(LOW_WATER_MARK, HIGH_WATER_MARK);
    }

    private static AdaptiveRecvByteBufAllocator receiveBuffers() {
        return new AdaptiveRecvByteBufAllocator(2_048, RECEIVE_BUFFER, RECEIVE_BUFFER);
    }

    private static ChannelInitializer<Channel> pipeline(
            Task task, Supplier<ChannelHandler> handler) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (task.isTcp()) {
                    channel.config().setOption(ChannelOption.TCP_NODELAY, true);
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
}
