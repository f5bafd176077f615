package tofu.engine.loop;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tofu.engine.FakeNet;

/// A loop by itself, on a net in memory and with virtual time. What it calls upwards is written
/// down, and its only receiver does as the test says.
///
/// Thread: the test's, but where a test says otherwise.
final class LoopRig implements Turn, Waiter, Clock {
    static final long MINUTE = 60_000_000_000L;

    static final long START = Long.MAX_VALUE - 1_500;

    /// How long the moment between two looks for events is.
    static final long LOOK_NANOS = 10;

    private static final int MOST_CALLS = 10_000;

    final FakeNet net;
    final FirstFailure failure = new FirstFailure();
    /// The first calls upwards, up to a bound.
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    final Reactor loop;
    final Leader leader;

    /// The time; it wraps around.
    volatile long nowNanos = START;

    /// Whether the receiver has a message to take.
    volatile boolean mail;

    volatile boolean refusing;

    /// What asking for mail throws, once.
    private @Nullable Error mailFailure;

    boolean uniprocessor;

    /// What happens between two looks for events.
    Runnable onSpin = () -> {};

    /// How often [#abandon()] leaves something.
    int left;

    LoopRig() {
        this(new FakeNet(false), true);
    }

    LoopRig(FakeNet net, boolean directFlush) {
        this(net, directFlush, 0);
    }

    private LoopRig(FakeNet net, boolean directFlush, long spinNanos) {
        this.net = net;
        loop = new Reactor(this, net, this, failure, directFlush, spinNanos);
        loop.soleWaiter(this);
        leader = new Leader(this, this, loop);
    }

    /// A rig whose loop has the test's thread for its keeper.
    static LoopRig kept() {
        return kept(true);
    }

    static LoopRig kept(boolean directFlush) {
        LoopRig rig = new LoopRig(new FakeNet(false), directFlush);
        rig.loop.keep(Thread.currentThread());
        return rig;
    }

    /// A rig whose leader looks for events for so long before it sleeps; a look takes
    /// [#LOOK_NANOS].
    static LoopRig spinning(long spinNanos) {
        return new LoopRig(new FakeNet(false), true, spinNanos);
    }

    /// A rig whose leader, the test's thread, has got a message, so that nobody drives the loop.
    static LoopRig adrift() {
        LoopRig rig = new LoopRig();
        rig.mail = true;
        rig.leader.drive(rig.nowNanos, MINUTE);
        return rig;
    }

    /// A task that the receiver's thread schedules or posts.
    ReadyQueue.Entry ofLeader(Task task) {
        return new ReadyQueue.Entry(task, leader);
    }

    /// Whether somebody would have to be woken: only then a sender does the loop's work.
    boolean isQuiet() {
        Task task = new Task();
        loop.post(task.entry);
        return task.calls.get() > 0;
    }

    void note(String call) {
        if (calls.size() < MOST_CALLS) {
            calls.add(call);
        }
    }

    void failOnMail(Error planted) {
        mailFailure = planted;
    }

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public boolean isUniprocessor() {
        return uniprocessor;
    }

    @Override
    public void spin() {
        nowNanos += LOOK_NANOS;
        onSpin.run();
    }

    @Override
    public boolean hasMail() {
        Error planted = mailFailure;
        if (planted != null) {
            mailFailure = null;
            throw planted;
        }
        return mail;
    }

    @Override
    public boolean isRefusing() {
        return refusing;
    }

    @Override
    public void onRefill(long nanos) {
        note("refill");
    }

    @Override
    public void publish() {
        note("publish");
    }

    @Override
    public void endOfTurn(long nanos) {
        note("end of turn");
    }

    @Override
    public boolean abandon() {
        note("abandon");
        return left-- <= 0;
    }

    @Override
    public void fail(Throwable bug) {
        note("fail " + bug.getMessage());
    }
}
