package tofu.bench.duel;

import java.util.function.Consumer;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/// JeroMQ: ZeroMQ in Java, with one I/O thread on each side.
///
/// The kinds of sockets are those that its guide names for the task, and its own measurements use:
/// PUSH to PULL one way, PAIR for two peers that talk, DEALER to ROUTER for more. The high-water
/// marks bound what is under way, as everywhere; JeroMQ always sets TCP_NODELAY.
///
/// Now and then the side that connects does not read the other's greeting, although it is there;
/// both wait until the handshake's time is up, by default 30 s, and connect again
/// ([zeromq/jeromq#1022](https://github.com/zeromq/jeromq/pull/1022)). So that time is short
/// here, but not for idle connections, which are many: a second would be too short for all of
/// them, and those that are late would connect again and again.
final class JeroMqEnds implements Ends {
    private static final int HIGH_WATER_MARK = 4_096;
    private static final int HANDSHAKE_MILLIS = 1_000;
    private static final int IDLE_HANDSHAKE_MILLIS = 30_000;
    private static final int BACKLOG = 8_192;
    private static final int CONNECTIONS_AT_ONCE = 50;
    private static final int PAUSE_NANOS = 20_000_000;
    private static final int LEAST_MAX_SOCKETS = 1_024;

    @Override
    public End listen(Task task, Consumer<String> listening) {
        ZContext context = context(1);
        SocketType type =
                task.isOneWay()
                        ? SocketType.PULL
                        : task.channels() == 1 ? SocketType.PAIR : SocketType.ROUTER;
        ZMQ.Socket socket = socket(context, type);
        socket.setBacklog(BACKLOG);
        if (task.idle() > 0) {
            socket.setHandshakeIvl(IDLE_HANDSHAKE_MILLIS);
        }
        listening.accept("tcp://127.0.0.1:" + socket.bindToRandomPort("tcp://127.0.0.1"));
        return new JeroMqEnd(context, socket);
    }

    /// One way there is a socket for each channel, so that the application chooses. Otherwise one
    /// socket has all the connections, and takes them in turn.
    @Override
    public End connect(Task task, String place) throws InterruptedException {
        ZContext context = context(task.channels() + 1);
        SocketType together = task.channels() == 1 ? SocketType.PAIR : SocketType.DEALER;
        ZMQ.Socket[] sockets = new ZMQ.Socket[task.isOneWay() ? task.channels() : 1];
        for (int i = 0; i < sockets.length; i++) {
            sockets[i] = socket(context, task.isOneWay() ? SocketType.PUSH : together);
        }
        for (int i = 0; i < task.channels(); i++) {
            connect(sockets[i % sockets.length], place, i);
        }
        if (task.idle() > 0) {
            ZMQ.Socket idle = socket(context, SocketType.PUSH);
            idle.setHandshakeIvl(IDLE_HANDSHAKE_MILLIS);
            for (int i = 0; i < task.idle(); i++) {
                connect(idle, place, i);
            }
        }
        return new JeroMqEnd(context, sockets);
    }

    @Override
    public boolean areShared() {
        return false;
    }

    private static void connect(ZMQ.Socket socket, String place, int before)
            throws InterruptedException {
        if (before % CONNECTIONS_AT_ONCE == CONNECTIONS_AT_ONCE - 1) {
            Pause.of(PAUSE_NANOS);
        }
        if (!socket.connect(place)) {
            throw new IllegalStateException("cannot connect: " + socket.errno());
        }
    }

    private static ZContext context(int sockets) {
        ZContext context = new ZContext();
        context.getContext().setMaxSockets(Math.max(LEAST_MAX_SOCKETS, sockets));
        context.setLinger(0);
        return context;
    }

    private static ZMQ.Socket socket(ZContext context, SocketType type) {
        ZMQ.Socket socket = context.createSocket(type);
        socket.setSndHWM(HIGH_WATER_MARK);
        socket.setRcvHWM(HIGH_WATER_MARK);
        socket.setHandshakeIvl(HANDSHAKE_MILLIS);
        socket.setSendTimeOut(End.MOMENT_MILLIS);
        socket.setReceiveTimeOut(End.MOMENT_MILLIS);
        return socket;
    }
}
