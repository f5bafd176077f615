package tofu.bench.duel;

import io.netty.handler.ssl.SslProvider;

/// The systems that run on Java, by name.
final class Contestants {
    private Contestants() {}

    static Contestant of(String name) {
        return switch (name) {
            case "netty-nio-loop" -> new NettyLoop(NettyTransport.NIO, SslProvider.JDK);
            case "netty-epoll-loop" -> new NettyLoop(NettyTransport.EPOLL, SslProvider.JDK);
            case "netty-openssl-loop" -> new NettyLoop(NettyTransport.EPOLL, SslProvider.OPENSSL);
            case "aeron" -> new Aeron();
            default -> new Threaded(ends(name));
        };
    }

    /// Those whose application has threads of its own.
    static Ends ends(String name) {
        return switch (name) {
            case "tofu" -> new TofuEnds(TofuOptions.ofProperty());
            case "selector" -> new SelectorEnds();
            case "sslengine" -> new SslEngineEnds();
            case "netty-nio-app" -> new NettyEnds(NettyTransport.NIO, SslProvider.JDK);
            case "netty-epoll-app" -> new NettyEnds(NettyTransport.EPOLL, SslProvider.JDK);
            case "netty-openssl-app" -> new NettyEnds(NettyTransport.EPOLL, SslProvider.OPENSSL);
            case "jeromq" -> new JeroMqEnds();
            default -> throw new IllegalArgumentException("no system " + name);
        };
    }
}
