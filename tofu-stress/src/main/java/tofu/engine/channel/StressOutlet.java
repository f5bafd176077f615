package tofu.engine.channel;

import java.util.concurrent.atomic.AtomicInteger;
import tofu.api.Status;
import tofu.pool.LogChunk;
import tofu.pool.Mail;
import tofu.pool.SlotSource;

/// Counts how often the loop was asked for.
///
/// Threads: any.
final class StressOutlet implements Outlet {
    private final Backlog backlog = new Backlog();

    private final AtomicInteger scheduled = new AtomicInteger();

    @Override
    public void deliver(Mail mail) {
        throw new IllegalStateException("nothing delivers here");
    }

    @Override
    public Backlog backlog() {
        return backlog;
    }

    @Override
    public void arrive(LogChunk chunk, SlotSource onTaken) {
        throw new IllegalStateException("nothing arrives here");
    }

    @Override
    public void signal(Status status, long id, SlotSource onTaken) {
        throw new IllegalStateException("nothing signals here");
    }

    @Override
    public void schedule() {
        scheduled.incrementAndGet();
    }

    @Override
    public void post() {
        schedule();
    }

    int scheduled() {
        return scheduled.get();
    }
}
