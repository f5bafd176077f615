package tofu.bench.duel;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.List;

/// One side of Netty's channels, for threads that are not its event loop.
final class NettyEnd implements End {
    private final Netty netty;
    private final NettyMailbox mailbox;
    private final Connector connector;
    private List<NettyWriteQueue> channels;

    /// Makes the connections.
    interface Connector {
        List<NettyWriteQueue> connect() throws IOException, InterruptedException;
    }

    NettyEnd(Netty netty, NettyMailbox mailbox, Connector connector)
            throws IOException, InterruptedException {
        this.netty = netty;
        this.mailbox = mailbox;
        this.connector = connector;
        this.channels = connector.connect();
    }

    @Override
    public boolean send(int channel, byte[] payload) throws InterruptedException {
        return channels.get(channel).put(payload);
    }

    @Override
    public boolean take(Talk talk) throws InterruptedException {
        ByteBuf frame = mailbox.take();
        if (frame == null) {
            return false;
        }
        received(frame, talk);
        frame.release();
        return true;
    }

    @Override
    public boolean answer(Talk talk) throws InterruptedException {
        ByteBuf frame = mailbox.take();
        if (frame == null) {
            return false;
        }
        received(frame, talk);
        mailbox.source().putWhenRoom(frame);
        return true;
    }

    @Override
    public boolean converse(Talk talk) throws InterruptedException {
        ByteBuf frame = mailbox.take();
        if (frame == null) {
            return false;
        }
        long sequence = received(frame, talk);
        frame.release();
        mailbox.source().putWhenRoom(talk.next(sequence));
        return true;
    }

    @Override
    public void reconnect() throws IOException, InterruptedException {
        for (NettyWriteQueue channel : channels) {
            channel.close();
        }
        channels = connector.connect();
    }

    @Override
    public void close() {
        netty.close();
    }

    private static long received(ByteBuf frame, Talk talk) {
        long sequence = frame.getLong(Netty.PREFIX);
        talk.received(sequence, frame.readableBytes() - Netty.PREFIX);
        return sequence;
    }
}
