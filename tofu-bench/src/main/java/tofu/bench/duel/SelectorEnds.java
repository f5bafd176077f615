package tofu.bench.duel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/// Java's own selector and nothing else: what Java can do at best; no hand-off, no API.
final class SelectorEnds implements Ends {
    private static final int BACKLOG = 8_192;

    @Override
    public End listen(Task task, Consumer<String> listening) throws IOException {
        ServerSocketChannel listener =
                task.isTcp()
                        ? ServerSocketChannel.open()
                                .bind(
                                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                        BACKLOG)
                        : ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                                .bind(UnixDomainSocketAddress.of(task.socketFile()), BACKLOG);
        SelectorEnd end = new SelectorEnd(task);
        end.accept(listener);
        listening.accept(place(listener.getLocalAddress()));
        return end;
    }

    @Override
    public End connect(Task task, String place) throws IOException {
        SocketAddress address =
                task.isTcp()
                        ? new InetSocketAddress(
                                InetAddress.getLoopbackAddress(), Integer.parseInt(place))
                        : UnixDomainSocketAddress.of(place);
        SelectorEnd end = new SelectorEnd(task);
        for (int i = 0; i < task.channels() + task.idle(); i++) {
            end.add(SocketChannel.open(address));
        }
        return end;
    }

    private static String place(SocketAddress address) {
        return address instanceof InetSocketAddress tcp
                ? Integer.toString(tcp.getPort())
                : address.toString();
    }
}
