package tofu.bench.duel;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslProvider;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import tofu.bench.duel.NettyLoopHandler.Answer;

/// Netty with the application on the event loop.
record NettyLoop(NettyTransport transport, SslProvider provider) implements Contestant {
    @Override
    public void serve(Task task, Meter meter, Consumer<String> listening)
            throws SSLException, InterruptedException {
        Talk talk = new MeteredTalk(task, meter);
        Answer answer = task.isOneWay() ? Answer.NONE : Answer.ECHO;
        try (Netty netty = new Netty(transport, provider, task)) {
            netty.listen(() -> new NettyLoopHandler(answer, talk), listening);
            Thread.currentThread().join();
        }
    }

    @Override
    public void drive(Task task, Meter meter, String place)
            throws SSLException, InterruptedException {
        MeteredTalk talk = new MeteredTalk(task, meter);
        try (Netty netty = new Netty(transport, provider, task)) {
            if (task.isOneWay()) {
                NettyFlood flood = new NettyFlood(talk);
                List<Channel> channels = netty.connect(place, () -> flood);
                channels.getFirst().eventLoop().execute(() -> flood.start(channels));
            } else {
                List<Channel> channels =
                        netty.connect(place, () -> new NettyLoopHandler(Answer.NEXT, talk));
                channels.getFirst().eventLoop().execute(() -> begin(channels, talk, task));
            }
            Thread.currentThread().join();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a void promise: a failure closes the channel
    private static void begin(List<Channel> channels, MeteredTalk talk, Task task) {
        for (int i = 0; i < task.mode().window(); i++) {
            for (int lane = 0; lane < channels.size(); lane++) {
                Channel channel = channels.get(lane);
                channel.write(Netty.frame(channel, talk.first(lane)), channel.voidPromise());
            }
        }
        channels.forEach(Channel::flush);
    }
}
