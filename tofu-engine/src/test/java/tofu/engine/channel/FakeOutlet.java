package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tofu.api.Status;
import tofu.pool.FrameRange;
import tofu.pool.LogChunk;
import tofu.pool.Mail;
import tofu.pool.Slot;
import tofu.pool.SlotSource;

/// The application's side of a channel: keeps what is delivered until the test takes it, and checks
/// that nothing comes after the last notice.
///
/// Threads: [#schedule()] and [#post()] any, the rest the test's.
final class FakeOutlet implements Outlet {
    private final Backlog backlog = new Backlog();

    /// What the application gets: a message that came, or came back, or a notice.
    private record Item(String text, @Nullable Slot slot, Runnable onTaken) {
        @Override
        public String toString() {
            return slot == null ? text : Frame.of(slot).toString();
        }
    }

    private final Deque<Item> inbox = new ArrayDeque<>();
    private final AtomicInteger scheduled = new AtomicInteger();
    private final AtomicInteger many = new AtomicInteger();
    private boolean ended;
    private volatile @Nullable Error failure;

    /// Messages that a peer sent, and answers of a listener, in the order of delivery; what came
    /// back from the engine is not there.
    final List<Frame> fromPeer = new ArrayList<>();

    /// Messages that came back.
    final List<Frame> cameBack = new ArrayList<>();

    @Override
    public void deliver(Mail mail) {
        switch (mail) {
            case Slot slot -> keep(slot, Slot.Owner.QUEUE);
            case FrameRange range ->
                    Memory.cut(range).forEach(slot -> keep(slot, Slot.Owner.LEASE));
        }
    }

    private void keep(Slot slot, Slot.Owner owner) {
        Memory.checkHandedOver(slot, owner);
        Frame frame = Frame.of(slot);
        assertThat(ended).as("delivered behind the last notice: " + frame).isFalse();
        ((frame.proto() & Frame.ORIGIN) == 0 ? fromPeer : cameBack).add(frame);
        inbox.add(
                new Item(
                        "",
                        slot,
                        () -> {
                            slot.tellSource();
                            slot.release(slot.owner());
                        }));
    }

    /// How often the queue was said to be full, and to be full no more.
    int full;

    int fullNoMore;

    @Override
    public Span queueFull() {
        full++;
        return () -> fullNoMore++;
    }

    @Override
    public Backlog backlog() {
        return backlog;
    }

    @Override
    public void arrive(LogChunk chunk, SlotSource onTaken) {
        assertThat(ended).as("came behind the last notice").isFalse();
        Arrived arrived = new Arrived(chunk, onTaken);
        for (byte[] bytes : arrived.frames()) {
            Frame frame = Frame.decode(bytes).getFirst();
            fromPeer.add(frame);
            inbox.add(
                    new Item(
                            frame.toString(),
                            null,
                            () -> assertThat(arrived.take()).as("as it came").isEqualTo(bytes)));
        }
    }

    @Override
    public void signal(Status status, long id, SlotSource onTaken) {
        assertThat(ended).as("told behind the last notice: " + status).isFalse();
        ended = status == Status.CHANNEL_CLOSED;
        inbox.add(new Item("notice " + status + " " + id, null, () -> onTaken.taken(16)));
    }

    /// Lets the loop be told no more.
    ///
    /// @param error why, `null` if it can be told again
    void fail(@Nullable Error error) {
        failure = error;
    }

    /// What telling the loop takes.
    volatile Runnable onSchedule = () -> {};

    @Override
    public void schedule() {
        onSchedule.run();
        Error error = failure;
        if (error != null) {
            throw error;
        }
        scheduled.incrementAndGet();
    }

    @Override
    public void post() {
        schedule();
    }

    @Override
    public void postMany() {
        schedule();
        scheduled.decrementAndGet();
        many.incrementAndGet();
    }

    /// How often many messages had gathered since the last time.
    int many() {
        return many.getAndSet(0);
    }

    /// How often the loop was asked to call since the last time.
    int scheduled() {
        return scheduled.getAndSet(0);
    }

    boolean hasEnded() {
        return ended;
    }

    int waiting() {
        return inbox.size();
    }

    /// What waits, without taking it.
    List<String> view() {
        return inbox.stream().map(Item::toString).toList();
    }

    /// Takes the next message or notice, as an application does.
    ///
    /// @return its description, `null` if there is none
    @Nullable String take() {
        Item item = inbox.poll();
        if (item == null) {
            return null;
        }
        String description = item.toString();
        item.onTaken().run();
        return description;
    }

    /// Takes all.
    ///
    /// @return their descriptions
    List<String> takeAll() {
        List<String> taken = new ArrayList<>();
        for (String item = take(); item != null; item = take()) {
            taken.add(item);
        }
        return taken;
    }
}
