package tofu.engine.net;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A channel that accepts nobody, and throws what a test says instead.
final class BrokenServer extends ServerSocketChannel {
    /// Throws something.
    @FunctionalInterface
    interface Failure {
        void fail() throws IOException;
    }

    private final Failure failure;

    BrokenServer(Failure failure) {
        super(SelectorProvider.provider());
        this.failure = failure;
    }

    @Override
    public @Nullable SocketChannel accept() throws IOException {
        failure.fail();
        return null;
    }

    @Override
    public ServerSocketChannel bind(@Nullable SocketAddress local, int backlog) {
        return this;
    }

    @Override
    public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) {
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException(name.name());
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public ServerSocket socket() {
        throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable SocketAddress getLocalAddress() {
        return null;
    }

    @Override
    protected void implCloseSelectableChannel() {}

    @Override
    protected void implConfigureBlocking(boolean block) {}
}
