package tofu.engine.link;

import tofu.api.Status;
import tofu.engine.loop.DeadlineQueue;
import tofu.engine.loop.ReadyQueue;
import tofu.pool.Slot;
import tofu.pool.SlotSource;

/// An endpoint's place on its loop: how it is scheduled, when it is due, and where its output goes.
///
/// Threads: the loop, except [#schedule()], [#post()] and [#tellAgain()].
final class Seat {
    final Workbench bench;
    final Outbox outbox;

    /// The channel's number.
    final int number;

    private final Endpoint endpoint;
    private final ReadyQueue.Entry ready;
    private final DeadlineQueue.Timer timer;
    private boolean begun;
    private boolean left;

    Seat(Workbench bench, Outbox outbox, int number, Endpoint endpoint) {
        this.bench = bench;
        this.outbox = outbox;
        this.number = number;
        this.endpoint = endpoint;
        this.ready = new ReadyQueue.Entry(endpoint, outbox.mailbox().leader());
        this.timer = new DeadlineQueue.Timer(endpoint);
    }

    // ---- any thread

    void schedule() {
        bench.loop.schedule(ready);
    }

    void post() {
        bench.loop.post(ready);
    }

    void tellAgain() {
        schedule();
        bench.loop.wake();
    }

    // ---- the loop

    /// Takes the seat.
    ///
    /// @return false if it was taken before
    boolean begin() {
        if (begun) {
            return false;
        }
        begun = true;
        bench.residents.add(endpoint);
        return true;
    }

    /// Whether the endpoint has ended, and is not to be called any more.
    boolean isLeft() {
        return left;
    }

    /// The endpoint ends: it is called no more.
    void close() {
        left = true;
        bench.loop.deadlines().cancel(timer);
    }

    /// The endpoint has ended, and closed its socket.
    void leave() {
        bench.residents.remove(endpoint);
    }

    /// The endpoint ends without any ado, as the loop does.
    void abandon() {
        left = true;
    }

    /// The endpoint's deadline may have changed.
    void updateDeadline() {
        bench.loop.deadlines().update(timer);
    }

    void deliver(Slot slot) {
        outbox.add(slot);
    }

    void tell(Status status, long id, SlotSource onTaken) {
        bench.notices.tell(outbox, number, status, id, onTaken);
    }

    /// Ends the use of the channel's number.
    SlotSource numberRelease() {
        return frameLength -> bench.shared.registry().release(number);
    }
}
