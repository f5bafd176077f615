package tofu.engine.link;

import org.jspecify.annotations.Nullable;
import tofu.api.Status;
import tofu.engine.channel.Backlog;
import tofu.engine.channel.Deadline;
import tofu.engine.channel.Outlet;
import tofu.engine.channel.Span;
import tofu.engine.loop.DeadlineQueue;
import tofu.engine.loop.ReadyQueue;
import tofu.pool.LogChunk;
import tofu.pool.Mail;
import tofu.pool.SlotSource;

/// An endpoint's place on its loop: how it is scheduled, when it is due, and where its output goes.
///
/// Threads: as in [Outlet]; all else the loop.
final class Seat implements Outlet {
    final Workbench bench;
    final Outbox outbox;

    /// The channel's number.
    private final int number;

    private final Endpoint endpoint;
    private final ReadyQueue.Entry ready;
    private final DeadlineQueue.Timer timer;
    private boolean begun;
    private boolean left;

    /// When the channel ended; [Deadline#NONE] before that.
    private volatile long endedNanos = Deadline.NONE;

    Seat(Workbench bench, Outbox outbox, int number, Endpoint endpoint) {
        this.bench = bench;
        this.outbox = outbox;
        this.number = number;
        this.endpoint = endpoint;
        this.ready = new ReadyQueue.Entry(endpoint, outbox.mailbox().leader());
        this.timer = new DeadlineQueue.Timer(endpoint);
    }

    // ---- the channel's output

    @Override
    public void deliver(Mail mail) {
        outbox.add(mail);
    }

    @Override
    public void arrive(LogChunk chunk, SlotSource onTaken) {
        outbox.add(chunk.arrived(onTaken));
    }

    @Override
    public Backlog backlog() {
        return outbox.backlog();
    }

    @Override
    public void signal(Status status, long id, SlotSource onTaken) {
        explain(status, null, id, onTaken);
    }

    @Override
    public void explain(Status status, @Nullable String cause, long id, SlotSource onTaken) {
        if (endpoint.isStranger()) {
            bench.strangers.tell(outbox, number, status, cause, id, onTaken);
        } else {
            bench.notices.tell(outbox, number, status, cause, id, onTaken);
        }
    }

    @Override
    public void schedule() {
        bench.loop.schedule(ready);
    }

    @Override
    public void post() {
        bench.loop.post(ready);
    }

    @Override
    public void postMany() {
        bench.loop.postMany();
    }

    @Override
    public void tellAgain() {
        schedule();
        bench.loop.wake();
    }

    @Override
    public @Nullable Span queueFull() {
        return endpoint.account().queueFull();
    }

    // ---- the endpoint's life

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

    /// When the endpoint ended, [Deadline#NONE] if it has not; any thread.
    long endedNanos() {
        return endedNanos;
    }

    /// The endpoint ends: it is called no more.
    void close() {
        left = true;
        endedNanos = Deadline.after(bench.loop.now(), 0);
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

    /// Ends the use of the channel's number.
    SlotSource numberRelease() {
        return frameLength -> bench.shared.registry().release(number);
    }
}
