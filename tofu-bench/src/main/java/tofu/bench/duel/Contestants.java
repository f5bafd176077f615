package tofu.bench.duel;

/// The systems that run on Java, by name.
final class Contestants {
    private Contestants() {}

    static Contestant of(String name) {
        return switch (name) {
            case "netty-nio-loop" -> new NettyLoop(NettyTransport.NIO);
            case "netty-epoll-loop" -> new NettyLoop(NettyTransport.EPOLL);
            case "aeron" -> new Aeron();
            default -> new Threaded(ends(name));
        };
    }

    /// Those whose application has threads of its own.
    static Ends ends(String name) {
        return switch (name) {
            case "tofu" -> new TofuEnds(TofuOptions.ofProperty());
            case "selector" -> new SelectorEnds();
            case "netty-nio-app" -> new NettyEnds(NettyTransport.NIO);
            case "netty-epoll-app" -> new NettyEnds(NettyTransport.EPOLL);
            case "jeromq" -> new JeroMqEnds();
            default -> throw new IllegalArgumentException("no system " + name);
        };
    }
}
