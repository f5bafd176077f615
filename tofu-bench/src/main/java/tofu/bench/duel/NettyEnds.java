package tofu.bench.duel;

import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/// Netty with an application that has threads of its own.
record NettyEnds(NettyTransport transport, SslProvider provider) implements Ends {
    @Override
    public End listen(Task task, Consumer<String> listening)
            throws IOException, InterruptedException {
        Netty netty = new Netty(transport, provider, task);
        NettyMailbox mailbox = new NettyMailbox();
        netty.listen(() -> new NettyHandOver(task, mailbox), listening);
        return new NettyEnd(netty, mailbox, List::of);
    }

    @Override
    public End connect(Task task, String place) throws IOException, InterruptedException {
        Netty netty = new Netty(transport, provider, task);
        NettyMailbox mailbox = new NettyMailbox();
        return new NettyEnd(
                netty,
                mailbox,
                () ->
                        netty.connect(place, () -> new NettyHandOver(task, mailbox)).stream()
                                .map(NettyHandOver::writes)
                                .toList());
    }
}
