package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.engine.channel.Crew;
import tofu.engine.loop.LoopThread;
import tofu.pool.Slot;

/// An engine on nets in memory with threads of its own, as in production.
///
/// Threads: any.
final class ThreadedRig implements AutoCloseable {
    static final long LONG = TimeUnit.MINUTES.toNanos(10);
    static final int PORT = 7099;

    final List<FakeNet> nets = new ArrayList<>();
    final Engine engine;

    ThreadedRig(Options options) {
        engine =
                Engine.start(
                        options,
                        new FakeEnvironment(
                                this::newNet,
                                System::nanoTime,
                                new EngineRig.Names(),
                                new EngineRig.Hands(),
                                Thread::onSpinWait,
                                LockSupport::parkNanos));
    }

    private FakeNet newNet() {
        FakeNet net = new FakeNet(true);
        nets.add(net);
        return net;
    }

    FakeNet net() {
        return nets.getFirst();
    }

    /// The first loop's thread.
    Thread loopThread() {
        String name = "tofu-" + engine.number() + "-loop-0";
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    Message message() {
        return engine.get();
    }

    /// Opens a channel to a peer that takes nothing.
    ///
    /// @return its number
    int dialSilent(ChannelGroup group) {
        for (FakeNet net : nets) {
            net.dialer = address -> new FakeStream(net).room(0);
        }
        try (Message hello = message()) {
            hello.connectTo(new Address.TcpClient("127.0.0.1", PORT));
            return group.enqueueToPeer(hello).channel();
        }
    }

    /// Enqueues until the queue is full.
    void fill(ChannelGroup group, int channel) {
        Status status = Status.SUCCESS;
        while (status == Status.SUCCESS) {
            try (Message message = message()) {
                group.enqueueToPeer(message.opCode(OpCode.SIGNAL).channel(channel));
            } catch (AmpeException full) {
                status = full.status();
            }
        }
        assertThat(status).isEqualTo(Status.SEND_QUEUE_FULL);
    }

    /// What a call that must fail says.
    static Status statusOf(Crew.Work call) throws Exception {
        try {
            call.run();
        } catch (AmpeException refusal) {
            return refusal.status();
        }
        return Status.SUCCESS;
    }

    /// Waits until a thread waits.
    static void awaitWaiting(Thread thread) {
        while (thread.getState() != Thread.State.TIMED_WAITING
                && thread.getState() != Thread.State.WAITING) {
            assertThat(thread.isAlive()).as("the thread that should wait").isTrue();
            Crew.pause();
        }
    }

    /// Waits for the ends of the loops' threads, after the engine was closed.
    void awaitEnd() {
        for (LoopThread thread : engine.threads()) {
            assertThat(thread.awaitEnd(LONG)).isTrue();
        }
        nets.forEach(FakeNet::check);
    }

    @Override
    public void close() {
        engine.close();
        awaitEnd();
        assertThat(engine.pool().census().keySet()).as("slots").isSubsetOf(Slot.Owner.FREE);
    }
}
