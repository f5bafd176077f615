package tofu.cli.wire;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// One connection through the proxy: two sockets, and a [Pump] for each direction.
///
/// Owns: both sockets, which are closed when both directions have ended.
/// Threads: four virtual ones, two of each pump.
final class Wire {
    private final int number;
    private final List<Fault> faults;
    private final Log log;
    private final RawSocket client;
    private final RawSocket server;
    private final long startNanos = System.nanoTime();
    private final CountDownLatch written = new CountDownLatch(Side.values().length);

    /// Once it is broken, what else goes wrong is only because of that. Guarded by this.
    private boolean broken;

    Wire(int number, List<Fault> faults, Log log, RawSocket client, RawSocket server) {
        this.number = number;
        this.faults = faults;
        this.log = log;
        this.client = client;
        this.server = server;
    }

    /// Passes on what comes, to the end of both directions.
    void run() throws InterruptedException {
        log.opened(this);
        for (Pump pump :
                List.of(
                        new Pump(this, Side.CLIENT, client, server),
                        new Pump(this, Side.SERVER, server, client))) {
            Thread.startVirtualThread(pump::read);
            Thread.startVirtualThread(pump::write);
        }
        for (Fault fault : faults) {
            if (fault.isTimedCut()) {
                Thread.startVirtualThread(() -> cutAt(fault.fromNanos()));
            }
        }
        written.await();
        close();
    }

    /// Both directions have ended. What the sockets have still to send is sent, unless the
    /// connection is broken.
    private synchronized void close() {
        if (broken) {
            breakOff();
        } else {
            each(RawSocket::close);
        }
    }

    private void cutAt(long nanos) {
        try {
            boolean over = written.await(nanos - nanos(), TimeUnit.NANOSECONDS);
            if (!over) {
                cut();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private synchronized void cut() {
        if (!broken) {
            log.cut(this);
            breakOff();
        }
    }

    int number() {
        return number;
    }

    Log log() {
        return log;
    }

    /// Nanoseconds since the connection was made.
    long nanos() {
        return System.nanoTime() - startNanos;
    }

    Fault.Verdict judge(Side sender, long frames, int op) {
        return Fault.judge(faults, sender, frames, op, nanos());
    }

    /// A direction has ended by itself, or because the other one broke.
    synchronized void ended(Side sender, End end, Frame rest, long frames, long bytes) {
        if (!broken) {
            log.ended(this, sender, end, rest, frames, bytes);
            broken = end != End.FIN;
        }
    }

    /// What one side has sent cannot be passed on: the other side is gone.
    synchronized void undelivered(Side sender) {
        if (!broken) {
            log.undelivered(this, sender);
        }
        breakOff();
    }

    /// Breaks both sides.
    synchronized void breakOff() {
        broken = true;
        each(RawSocket::reset);
    }

    private interface Closing {
        void of(RawSocket socket) throws IOException;
    }

    private void each(Closing closing) {
        for (RawSocket socket : List.of(client, server)) {
            try {
                closing.of(socket);
            } catch (IOException e) {
                log.trouble(number, "cannot close: " + e.getMessage());
            }
        }
    }

    void written() {
        written.countDown();
    }
}
