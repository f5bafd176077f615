package tofu.bench.duel;

/// The systems that run on Java, by name.
final class Contestants {
    private Contestants() {}

    static Contestant of(String name) {
        return switch (name) {
            case "tofu" -> new Tofu(TofuOptions.ofProperty());
            case "selector" -> new BareSelector();
            case "netty-nio-loop" -> new Netty(NettyTransport.NIO, false);
            case "netty-nio-app" -> new Netty(NettyTransport.NIO, true);
            case "netty-epoll-loop" -> new Netty(NettyTransport.EPOLL, false);
            case "netty-epoll-app" -> new Netty(NettyTransport.EPOLL, true);
            case "jeromq" -> new JeroMq();
            case "aeron" -> new Aeron();
            default -> throw new IllegalArgumentException("no system " + name);
        };
    }
}
