package tofu.bench.duel;

import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/// One side of JeroMQ's connections. A socket belongs to one thread, so several threads that send
/// have an end each.
///
/// A sent array belongs to the library, so each message has its own.
///
/// Thread: one.
final class JeroMqEnd implements End {
    private final ZContext context;
    private final ZMQ.Socket[] sockets;
    private final boolean routes;

    JeroMqEnd(ZContext context, ZMQ.Socket... sockets) {
        this.context = context;
        this.sockets = sockets;
        this.routes = sockets[0].getSocketType() == SocketType.ROUTER;
    }

    @Override
    public boolean send(int channel, byte[] payload) {
        return sockets[channel % sockets.length].send(payload.clone());
    }

    @Override
    public boolean take(Talk talk) {
        return received(sockets[0].recv(), talk) != null;
    }

    @Override
    public boolean answer(Talk talk) {
        byte[] peer = routes ? sockets[0].recv() : null;
        byte[] message = received(routes && peer == null ? null : sockets[0].recv(), talk);
        if (message == null) {
            return false;
        }
        if (peer != null) {
            sockets[0].sendMore(peer);
        }
        return sockets[0].send(message);
    }

    @Override
    public boolean converse(Talk talk) {
        byte[] message = received(sockets[0].recv(), talk);
        return message != null && sockets[0].send(talk.next(Payload.sequence(message)).clone());
    }

    @Override
    public void close() {
        context.close();
    }

    private static byte @Nullable [] received(byte @Nullable [] message, Talk talk) {
        if (message != null) {
            talk.received(Payload.sequence(message), message.length);
        }
        return message;
    }
}
