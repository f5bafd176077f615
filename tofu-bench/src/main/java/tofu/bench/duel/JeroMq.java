package tofu.bench.duel;

import java.util.function.Consumer;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/// JeroMQ: ZeroMQ in Java, a PAIR socket on each side, with its one I/O thread.
///
/// A sent array belongs to the library, so each message has its own. The high-water marks bound
/// what is under way, as everywhere; JeroMQ always sets TCP_NODELAY.
///
/// Now and then the side that connects does not read the other's greeting, although it is there;
/// both wait until the handshake's time is up, by default 30 s, and connect again
/// ([zeromq/jeromq#1022](https://github.com/zeromq/jeromq/pull/1022)). So that time is short here.
final class JeroMq implements Contestant {
    private static final int HIGH_WATER_MARK = 4_096;
    private static final int HANDSHAKE_MILLIS = 1_000;

    @Override
    public void serve(Task task, Meter meter, Consumer<String> listening) {
        try (ZContext context = new ZContext()) {
            ZMQ.Socket socket = socket(context);
            listening.accept("tcp://127.0.0.1:" + socket.bindToRandomPort("tcp://127.0.0.1"));
            while (true) {
                byte[] message = socket.recv();
                meter.received(Payload.sequence(message), message.length);
                if (!task.isOneWay()) {
                    socket.send(message);
                }
            }
        }
    }

    @Override
    public void drive(Task task, Meter meter, String place) {
        try (ZContext context = new ZContext()) {
            ZMQ.Socket socket = socket(context);
            socket.connect(place);
            Payload payload = new Payload(task.size());
            if (task.isOneWay()) {
                while (true) {
                    socket.send(payload.with(meter.next()).clone());
                }
            }
            for (int i = 0; i < task.mode().window(); i++) {
                socket.send(payload.with(meter.next()).clone());
            }
            while (true) {
                byte[] message = socket.recv();
                meter.received(Payload.sequence(message), message.length);
                socket.send(payload.with(meter.next()).clone());
            }
        }
    }

    private static ZMQ.Socket socket(ZContext context) {
        ZMQ.Socket socket = context.createSocket(SocketType.PAIR);
        socket.setSndHWM(HIGH_WATER_MARK);
        socket.setRcvHWM(HIGH_WATER_MARK);
        socket.setHandshakeIvl(HANDSHAKE_MILLIS);
        return socket;
    }
}
