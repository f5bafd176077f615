package tofu.engine.net;

import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// An acceptor whose streams speak TLS. Nothing of that happens before a loop has registered them.
///
/// Thread: the loop that it is registered with.
/// Owns: the acceptor below.
final class TlsAcceptor implements NetAcceptor {
    private final NetAcceptor below;

    TlsAcceptor(NetAcceptor below) {
        this.below = below;
    }

    @Override
    public @Nullable NetStream accept() throws IOException {
        NetStream accepted = below.accept();
        return accepted == null ? null : TlsStream.accepted(accepted);
    }

    @Override
    public void interest(boolean accepting) {
        below.interest(accepting);
    }

    @Override
    public SocketAddress localAddress() {
        return below.localAddress();
    }

    @Override
    public void close() {
        below.close();
    }
}
