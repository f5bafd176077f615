package tofu.bench.echo;

import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/// An echo server and its client with JeroMQ, the ZeroMQ of Java.
public final class JeroMqEcho {
    private JeroMqEcho() {}

    // @start region="server"
    static void serveOne(ZMQ.Socket socket) { // a REP socket, bound
        socket.send(socket.recv());
    }

    // @end

    // @start region="client"
    static @Nullable String echo(ZContext context, String address, String text) {
        try (ZMQ.Socket socket = context.createSocket(SocketType.REQ)) {
            socket.setReceiveTimeOut(10_000);
            socket.connect(address);
            socket.send(text);
            return socket.recvStr(); // null after the timeout
        }
    }
    // @end
}
