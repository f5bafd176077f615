package tofu.engine.loop;

import java.net.SocketAddress;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NetHandler;
import tofu.engine.net.NetStream;

/// A net without sockets. Its poll sleeps as a real one does: until it is woken. It also ends when
/// nobody is left who could wake it, and remembers that.
///
/// Threads: the loop, except [#wakeup()] and [#nobodyIsLeft()].
public final class StressNet implements Net {
    private volatile boolean woken;
    private volatile boolean nobodyIsLeft;
    private boolean sleptInVain;

    @Override
    public int poll(long maxWaitNanos, Runnable awake) {
        while (maxWaitNanos > 0 && !woken && !sleptInVain) {
            // In this order: whoever woke the loop has done so before he left.
            sleptInVain = nobodyIsLeft && !woken;
            Thread.onSpinWait();
        }
        woken = false;
        return 0;
    }

    @Override
    public boolean hasMore() {
        return false;
    }

    @Override
    public void wakeup() {
        woken = true;
    }

    @Override
    public long changes() {
        return 0;
    }

    /// All who may wake the loop have done so.
    void nobodyIsLeft() {
        nobodyIsLeft = true;
    }

    /// Whether the loop would sleep for ever.
    boolean sleptInVain() {
        return sleptInVain;
    }

    @Override
    public NetStream connect(SocketAddress address, NetHandler handler) {
        throw new IllegalStateException("nobody connects here");
    }

    @Override
    public NetAcceptor listen(
            SocketAddress address,
            int backlog,
            Set<PosixFilePermission> permissions,
            NetHandler handler) {
        throw new IllegalStateException("nobody listens here");
    }

    @Override
    public void register(NetStream stream, NetHandler handler) {
        throw new IllegalStateException("nothing is registered here");
    }

    @Override
    public void close() {}
}
