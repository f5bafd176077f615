package tofu.engine.link;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.TlsSettings;
import tofu.engine.channel.Limits;
import tofu.engine.channel.LoopMemory;
import tofu.engine.channel.ReadMemory;
import tofu.engine.loop.Command;
import tofu.engine.loop.Reactor;
import tofu.engine.loop.Turn;
import tofu.engine.net.KeepAlive;
import tofu.engine.net.Net;
import tofu.engine.net.TlsNet;

/// What all that live on one loop work with, and their part in its turns.
///
/// Thread: the loop; any for [#loop()], [#newOutbox(Mailbox)] and [#end(Mailbox, CountDownLatch)].
public final class Workbench implements Turn {
    /// What the connections that are ready may read in one turn, shared among them: more would no
    /// longer be in the processor's cache when their messages are taken (decision 18).
    private static final int READ_BYTES = 256 << 10;

    /// The least share, worth a system call of its own.
    private static final int LEAST_READ_BYTES = 16 << 10;

    /// How many chunks of a log are written by one system call: with more the system takes only a
    /// part of them.
    private static final int MOST_SOURCES = 4;

    final Shared shared;

    /// What the loop waits with, and what is accepted is registered with.
    final Net net;

    /// What plain streams come from.
    private final Net plain;

    /// What streams that speak TLS come from, over plain ones; `null` if there are none.
    private final @Nullable Net secure;

    final Limits limits;
    final KeepAlive keepAlive;
    final Deliveries deliveries = new Deliveries();
    final Notices notices;
    final Strangers strangers;
    final LoopMemory memory;
    final WaitingReaders waitingReaders;
    final Residents residents;

    /// What is read into while only the end is awaited: nobody looks at it.
    final ByteBuffer scratch;

    /// What is written by one system call; filled anew for each.
    final ByteBuffer[] sources = new ByteBuffer[MOST_SOURCES];

    final Reactor loop;

    private final Recorder.Busy busy;

    /// A bench with a loop that nobody drives yet.
    ///
    /// @param shared what all loops of the engine have
    /// @param number of the loop, from 0
    /// @param net what the loop waits with, its own from now on
    /// @param readBytes how much is read at once
    /// @param scratch direct
    public Workbench(Shared shared, int number, Net net, int readBytes, ByteBuffer scratch) {
        this.shared = shared;
        this.busy = shared.recorder().loop(number);
        this.plain = net;
        this.secure = secure(shared, net);
        this.net = secure == null ? net : secure;
        this.scratch = scratch;
        this.limits = Limits.of(shared.options());
        this.keepAlive = KeepAlive.of(shared.options());
        this.notices = new Notices(shared.memory().messages());
        this.strangers = new Strangers(notices);
        ReadMemory incoming = new ReadMemory(shared.memory().incoming(), readBytes);
        this.memory = new LoopMemory(shared.memory().outgoing(), incoming);
        this.waitingReaders = new WaitingReaders(incoming);
        this.loop =
                new Reactor(
                        this,
                        this.net,
                        shared.clock(),
                        shared.failure(),
                        shared.options().directFlush(),
                        shared.options().spin().toNanos());
        this.residents = new Residents(loop, deliveries);
    }

    /// The loop.
    ///
    /// @return the same one each time
    public Reactor loop() {
        return loop;
    }

    /// Makes a place where this loop collects what it has for a group.
    ///
    /// @param mailbox the group
    /// @return an empty one
    public Outbox newOutbox(Mailbox mailbox) {
        return new Outbox(mailbox, deliveries);
    }

    /// Ends all channels of a group on this loop.
    ///
    /// @param group the group
    /// @param done counted down when there is none left; more than once if the loop fails meanwhile
    public void end(Mailbox group, CountDownLatch done) {
        residents.end(group, done);
    }

    private @Nullable Net secure(Shared shared, Net below) {
        TlsSettings settings = shared.options().tls();
        Workers workers = shared.workers();
        if (settings == null || workers == null) {
            return null;
        }
        return new TlsNet(
                below,
                settings,
                (work, then) -> workers.run(new Work(this, work, then)),
                shared.clock()::nanoTime,
                shared.options().closeTimeout().toNanos());
    }

    /// What is done beside the loop, and what on it afterwards.
    private record Work(Workbench bench, Runnable work, Runnable then)
            implements Runnable, Command {
        @Override
        public void run() {
            try {
                work.run();
            } finally {
                bench.loop.execute(this);
            }
        }

        @Override
        public void run(long nowNanos) {
            then.run();
        }

        @Override
        public void drop() {
            // nobody waits for it but the loop
        }
    }

    /// Where streams come from to such an address, or listeners on it.
    ///
    /// @return `null` if it needs TLS, and the options have none
    @Nullable Net netFor(Address address) {
        return switch (address) {
            case Address.TlsClient _, Address.TlsServer _ -> secure;
            case Address.TcpClient _,
                    Address.TcpServer _,
                    Address.UdsClient _,
                    Address.UdsServer _ ->
                    plain;
        };
    }

    /// How much a connection may read now, in bytes.
    int readShare() {
        return Math.max(READ_BYTES / Math.max(loop.events(), 1), LEAST_READ_BYTES);
    }

    @Override
    public void onRefill(long nowNanos) {
        notices.tellWaiting();
        waitingReaders.retry(nowNanos);
    }

    @Override
    public void publish() {
        deliveries.publish();
    }

    @Override
    public void endOfTurn(long nowNanos) {
        if (waitingReaders.retryIfDue(nowNanos) && memory.incoming().isCrowded()) {
            residents.endLateFrames(limits.frameNanos(), nowNanos);
        }
    }

    @Override
    public void onBusy() {
        busy.begin();
    }

    @Override
    public void onIdle() {
        busy.end();
    }

    @Override
    public boolean abandon() {
        boolean done = residents.abandon();
        if (done) {
            deliveries.publish(); // to inboxes, which are emptied when their groups end
            memory.incoming().close();
        }
        return done;
    }

    @Override
    public void fail(Throwable bug) {
        shared.registry().fail(bug);
    }
}
