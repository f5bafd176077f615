package tofu.bench.duel;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/// Netty's two ways to reach sockets: Java's selector, and its own native use of epoll.
enum NettyTransport {
    NIO {
        @Override
        IoHandlerFactory ioHandler() {
            return NioIoHandler.newFactory();
        }

        @Override
        Class<? extends ServerChannel> listener(boolean tcp) {
            return tcp ? NioServerSocketChannel.class : NioServerDomainSocketChannel.class;
        }

        @Override
        Class<? extends Channel> stream(boolean tcp) {
            return tcp ? NioSocketChannel.class : NioDomainSocketChannel.class;
        }

        @Override
        SocketAddress unixAddress(String path) {
            return UnixDomainSocketAddress.of(path);
        }
    },

    EPOLL {
        @Override
        IoHandlerFactory ioHandler() {
            return EpollIoHandler.newFactory();
        }

        @Override
        Class<? extends ServerChannel> listener(boolean tcp) {
            return tcp ? EpollServerSocketChannel.class : EpollServerDomainSocketChannel.class;
        }

        @Override
        Class<? extends Channel> stream(boolean tcp) {
            return tcp ? EpollSocketChannel.class : EpollDomainSocketChannel.class;
        }

        @Override
        SocketAddress unixAddress(String path) {
            return new DomainSocketAddress(path);
        }
    };

    abstract IoHandlerFactory ioHandler();

    abstract Class<? extends ServerChannel> listener(boolean tcp);

    abstract Class<? extends Channel> stream(boolean tcp);

    abstract SocketAddress unixAddress(String path);
}
