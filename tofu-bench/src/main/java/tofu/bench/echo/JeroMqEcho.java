package tofu.bench.echo;

import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/// An echo server and its client with JeroMQ, the ZeroMQ of Java.
public final class JeroMqEcho {
    private JeroMqEcho() {}

    // @start region="server"
    /// Serves until its thread is interrupted, or its context is closed.
    static void serve(ZMQ.Socket socket) { // a REP socket, bound
        while (!Thread.currentThread().isInterrupted()) {
            byte[] request = socket.recv();
            if (request != null) {
                socket.send(request);
            }
        }
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
