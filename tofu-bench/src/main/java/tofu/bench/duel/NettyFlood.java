package tofu.bench.duel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;

/// The application on the event loop, where it floods: a frame to each channel in turn that is
/// writable, until none is; then one flush for each, and on when some are writable again.
///
/// Thread: the event loop.
@Sharable
final class NettyFlood extends ChannelInboundHandlerAdapter {
    private final MeteredTalk talk;
    private List<Channel> channels = List.of();
    private boolean scheduled;

    NettyFlood(MeteredTalk talk) {
        this.talk = talk;
    }

    /// Begins, once all channels stand.
    void start(List<Channel> channels) {
        this.channels = channels;
        flood();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            schedule(context.channel());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Side.fail(cause);
    }

    /// Not at once: others may become writable in the same turn of the loop.
    private void schedule(Channel channel) {
        if (!scheduled) {
            scheduled = true;
            channel.eventLoop().execute(this::flood);
        }
    }

    private void flood() {
        scheduled = false;
        while (writeRound()) {
            // on to the next one
        }
        channels.forEach(Channel::flush);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a void promise: a failure closes the channel
    private boolean writeRound() {
        boolean any = false;
        for (int lane = 0; lane < channels.size(); lane++) {
            Channel channel = channels.get(lane);
            if (channel.isWritable()) {
                channel.write(Netty.frame(channel, talk.first(lane)), channel.voidPromise());
                any = true;
            }
        }
        return any;
    }
}
