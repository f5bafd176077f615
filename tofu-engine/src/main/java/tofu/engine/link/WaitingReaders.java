package tofu.engine.link;

import java.util.ArrayDeque;
import java.util.Deque;
import tofu.engine.channel.ReadMemory;
import tofu.engine.loop.Reactor;

/// The connections of a loop that have something to read, and no memory for it: the first one goes
/// on first, as soon as some comes back. What they would read waits in the kernel, so nothing is
/// lost, and their peers are held back.
///
/// Thread: the loop.
final class WaitingReaders {
    /// A connection that waits.
    interface Reader {
        /// Whether a frame has begun: then there may be memory for its rest when there is no other.
        boolean hasBegunFrame();

        /// Reads, or begins to wait again.
        void readOn(long nowNanos);
    }

    private final ReadMemory memory;
    private final Deque<Reader> waiting = new ArrayDeque<>();

    /// When memory was looked for last.
    private long triedNanos;

    WaitingReaders(ReadMemory memory) {
        this.memory = memory;
    }

    /// A connection has found no memory, so the loop will be told when there is some.
    void add(Reader reader) {
        waiting.add(reader);
    }

    /// A connection need not read any more.
    void remove(Reader reader) {
        waiting.remove(reader);
    }

    /// Lets those read who wait, each once, as long as there is memory. The others keep their
    /// order.
    void retry(long nowNanos) {
        triedNanos = nowNanos;
        boolean ready = !waiting.isEmpty() && memory.isReady();
        if (!ready && !memory.hasReserve()) {
            return;
        }
        for (int count = waiting.size(); count > 0 && !waiting.isEmpty(); count--) {
            Reader next = waiting.removeFirst();
            if (ready || (memory.hasReserve() && next.hasBegunFrame())) {
                next.readOn(nowNanos);
                // Not for each that waits: to find that there is none takes long.
                ready = !waiting.isEmpty() && memory.isReady();
            } else {
                waiting.add(next);
            }
        }
    }

    /// Tries again after a while, though no memory came back: it may have been the system that had
    /// none, and it tells nobody when there is some.
    ///
    /// @return true if it was tried, and somebody waits still
    boolean retryIfDue(long nowNanos) {
        if (waiting.isEmpty() || nowNanos - triedNanos < Reactor.LOOK_NANOS) {
            return false;
        }
        retry(nowNanos);
        return !waiting.isEmpty();
    }
}
