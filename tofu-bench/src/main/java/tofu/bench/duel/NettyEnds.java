package tofu.bench.duel;

import io.netty.channel.Channel;
import java.util.List;
import java.util.function.Consumer;

/// Netty with an application that has threads of its own.
record NettyEnds(NettyTransport transport) implements Ends {
    @Override
    public End listen(Task task, Consumer<String> listening) throws InterruptedException {
        Netty netty = new Netty(transport, task);
        NettyMailbox mailbox = new NettyMailbox();
        netty.listen(() -> new NettyHandOver(task, mailbox), listening);
        return new NettyEnd(netty, mailbox, List.of());
    }

    @Override
    public End connect(Task task, String place) throws InterruptedException {
        Netty netty = new Netty(transport, task);
        NettyMailbox mailbox = new NettyMailbox();
        List<Channel> channels = netty.connect(place, () -> new NettyHandOver(task, mailbox));
        return new NettyEnd(netty, mailbox, channels.stream().map(NettyHandOver::writes).toList());
    }
}
