package tofu.engine;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.nio.ByteBuffer;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Options;
import tofu.api.Statistics;
import tofu.api.Status;
import tofu.engine.channel.EngineMemory;
import tofu.engine.link.Arrivals;
import tofu.engine.link.Endpoint;
import tofu.engine.link.Entrance;
import tofu.engine.link.Handshakes;
import tofu.engine.link.Mailbox;
import tofu.engine.link.Outbox;
import tofu.engine.link.Recorder;
import tofu.engine.link.Refusals;
import tofu.engine.link.Registry;
import tofu.engine.link.Shared;
import tofu.engine.link.Totals;
import tofu.engine.link.Workbench;
import tofu.engine.link.Workers;
import tofu.engine.loop.EngineThread;
import tofu.engine.loop.FirstFailure;
import tofu.engine.loop.LoopThread;
import tofu.engine.loop.Reactor;
import tofu.engine.net.Net;
import tofu.pool.SlotPool;
import tofu.pool.StackRoom;

/// The engine: its pool, its groups, its loops, and what they share.
///
/// Somewhat long, as opening, closing and failing take all of these, in an order of their own.
///
/// Threads: those of [Ampe]; what loops call says so.
final class Engine implements Ampe, Registry, Arrivals.Loops, LoopThread.Owner {
    private static final Logger LOG = System.getLogger("tofu.engine");

    /// Engines of this process so far, for the names of their threads.
    private static final AtomicInteger ENGINES = new AtomicInteger();

    /// Less than any group's.
    private static final Long BEFORE_FIRST = -1L;

    private final int number = ENGINES.incrementAndGet();
    private final Options options;
    private final Environment environment;
    private final SlotPool pool;

    private final EngineMemory memory;

    private final Totals totals = Totals.ofEngine();

    private final Recorder recorder;

    private final long openedNanos;

    private final PacedReport stalls;

    /// Of connections that may not come in.
    private final PacedReport refused;

    private final Entrance entrance;

    /// Beside the loops; `null` if there is nothing for them.
    private final @Nullable Workers workers;

    private final FirstFailure failure = new FirstFailure();
    private final ChannelTable<Endpoint> channels;
    private final Arena arena = Arena.ofAuto();
    private final Openings openings;
    private final List<Workbench> benches = new ArrayList<>();
    private final List<Reactor> loops = new ArrayList<>();
    private final List<LoopThread> threads = new ArrayList<>();

    /// By serial number, so in the order of their creation: closing is repeatable.
    private final ConcurrentNavigableMap<Long, EngineGroup> groups = new ConcurrentSkipListMap<>();

    private final AtomicLong nextGroup = new AtomicLong();
    private final AtomicInteger nextLoop = new AtomicInteger();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicReference<@Nullable Status> refusal = new AtomicReference<>();

    private final AtomicBoolean failureLogged = new AtomicBoolean();

    /// Makes an engine whose loops nobody drives yet.
    Engine(Options options, Environment environment) {
        this.options = options;
        this.environment = environment;
        this.openedNanos = environment.nanoTime();
        this.recorder = environment.newRecorder(number);
        this.channels =
                new ChannelTable<>(
                        options.maxChannels(),
                        options.channelQuarantine().toNanos(),
                        environment.seed());
        boolean hasWork = options.tls() != null || Entrance.asksForUsers(options.admission());
        this.workers = hasWork ? environment.newWorkers() : null;
        this.openings = new Openings(this, this, options.maxChannels());
        this.pool = new SlotPool(options);
        long least = (long) environment.leastLogBytes() * options.loops();
        long half = Math.max(options.maxLogBytes() / 2, least);
        this.memory = new EngineMemory(pool, SlotPool.ofLogs(half), SlotPool.ofLogs(half));
        this.stalls = new PacedReport(pool::reportWhereAll, environment);
        Refusals refusals = new Refusals();
        this.refused = new PacedReport(refusals::report, environment);
        boolean done = false;
        try {
            pool.onLeak(recorder::leaked);
            pool.onRefill(this::onRefill);
            memory.outgoing().onRefill(this::onRefill);
            memory.incoming().onRefill(this::onRefill);
            entrance = new Entrance(options.admission(), refusals, refused::begin);
            Shared shared =
                    new Shared(
                            options,
                            environment,
                            memory,
                            entrance,
                            new Handshakes(options.maxPendingHandshakes()),
                            environment.resolver(),
                            workers,
                            this,
                            failure,
                            recorder);
            while (benches.size() < options.loops()) {
                Workbench bench = newBench(shared);
                benches.add(bench);
                loops.add(bench.loop());
            }
            for (Reactor loop : loops) {
                pool.onRefill(loop::onRefill);
                memory.incoming().onRefill(loop::onRefill);
            }
            done = true;
        } catch (IOException e) {
            throw cannotStart(e);
        } finally {
            if (!done) {
                giveUp();
            }
        }
    }

    /// Makes a loop that owns its net, or neither.
    private Workbench newBench(Shared shared) throws IOException {
        Net net = environment.openNet();
        boolean done = false;
        try {
            int readBytes = environment.readBytes();
            ByteBuffer scratch = environment.newScratch();
            Workbench bench = new Workbench(shared, benches.size(), net, readBytes, scratch);
            done = true;
            return bench;
        } finally {
            if (!done) {
                net.close();
            }
        }
    }

    /// Opens an engine with a thread for each loop.
    ///
    /// @throws AmpeException with [Status#COMMUNICATION_FAILED] if there is not enough of anything
    ///     that it needs; nothing is left of it then
    static Engine start(Options options, Environment environment) {
        try {
            prepare();
            LOG.log(Logger.Level.DEBUG, "opening an engine with {0}", options);
            Engine engine = new Engine(options, environment);
            engine.startThreads();
            return engine;
        } catch (AmpeException | LinkageError e) {
            throw e; // the latter concerns whoever put the modules together
        } catch (RuntimeException | Error e) { // no memory, no thread
            throw cannotStart(e);
        }
    }

    /// Makes the log read its files now, as later there may be no descriptor for them. And makes
    /// the JDK initialise what the first wait needs: a class whose initialisation fails, for want
    /// of stack or memory, is broken for as long as the process lives.
    private static void prepare() {
        if (LOG.isLoggable(Logger.Level.ERROR)) {
            Objects.requireNonNull(ZoneId.systemDefault().getRules());
        }
        for (String node : List.of("ExclusiveNode", "SharedNode", "ConditionNode")) {
            try {
                Class.forName(AbstractQueuedSynchronizer.class.getName() + "$" + node);
            } catch (ClassNotFoundException e) {
                // This JDK has another one then.
                LOG.log(Logger.Level.DEBUG, "no class to prepare", e);
            }
        }
    }

    private void startThreads() {
        boolean done = false;
        try {
            for (Reactor loop : loops) {
                String name = "tofu-" + number + "-loop-" + threads.size();
                threads.add(new LoopThread(name, loop, this));
            }
            threads.forEach(LoopThread::start);
            done = true;
        } finally {
            if (!done) {
                giveUp();
            }
        }
    }

    /// Frees all that a half-made engine has.
    ///
    /// A thread that could not be started is not waited for.
    private void giveUp() {
        try {
            endLoops();
            loops.forEach(Reactor::abandon);
        } finally {
            memory.close();
        }
    }

    private static AmpeException cannotStart(Throwable cause) {
        return new AmpeException(Status.COMMUNICATION_FAILED, "the engine cannot start", cause);
    }

    @Override
    public @Nullable Message get(AllocationStrategy strategy) {
        return pool.get(strategy);
    }

    @Override
    public Message get() {
        Message message = pool.get(AllocationStrategy.ALWAYS);
        if (message == null) {
            throw new IllegalStateException("the pool gave no message");
        }
        return message;
    }

    @Override
    public void put(@Nullable Message message) {
        if (message != null) {
            message.close();
        }
    }

    @Override
    public ChannelGroup create() {
        EngineGroup group = new EngineGroup(this, nextGroup.getAndIncrement());
        groups.put(group.serial(), group);
        Status reason = refusal.get();
        if (reason != null) {
            groups.remove(group.serial());
            throw new AmpeException(reason, "the engine is closed or has failed");
        }
        return group;
    }

    @Override
    public void destroy(ChannelGroup group) {
        if (!(group instanceof EngineGroup ours) || ours.engine() != this) {
            throw new AmpeException(Status.NOT_ALLOWED, "the group is another engine's");
        }
        if (groups.containsKey(ours.serial())) {
            if (isOnLoop()) {
                elsewhere(() -> destroy(ours));
                return;
            }
            endGroups(List.of(ours));
        }
    }

    /// Whether the calling thread acts as a loop, so that loops cannot be waited for: somebody
    /// closes what listens to the log, or resolves names, in a call of ours.
    private boolean isOnLoop() {
        for (Reactor loop : loops) {
            if (loop.isCurrent()) {
                return true;
            }
        }
        return false;
    }

    private void elsewhere(Runnable close) {
        EngineThread.unstarted("tofu-" + number + "-close", close).start();
    }

    @Override
    public Statistics statistics() {
        return Snapshot.take(this);
    }

    @Override
    public SegmentAllocator getAllocator() {
        return (byteSize, byteAlignment) -> arena.allocate(byteSize, byteAlignment);
    }

    @Override
    public void close() {
        refuse(Status.SHUTDOWN_STARTED);
        if (!isOnLoop()) {
            endAll();
        } else if (!closing.get()) {
            elsewhere(this::endAll);
        }
    }

    /// Ends everything, or waits for whoever does.
    private void endAll() {
        StackRoom.ask(); // or others might wait for what is never done
        if (!closing.compareAndSet(false, true)) {
            environment.await(ended);
            return;
        }
        try {
            refuseGroups(Status.SHUTDOWN_STARTED); // without memory: nobody may lead on, or wait
            endGroups(List.copyOf(groups.values()));
        } finally {
            try {
                endLoops();
            } finally {
                ended.countDown();
                stalls.close();
                refused.close();
                memory.close(); // last: what it reports may make somebody close the engine
            }
        }
    }

    private void endLoops() {
        try {
            loops.forEach(Reactor::stop);
            long start = environment.nanoTime();
            long patience = options.closeTimeout().toNanos();
            for (LoopThread thread : threads) {
                thread.awaitEnd(patience - (environment.nanoTime() - start));
            }
        } finally {
            environment.resolver().close();
            if (workers != null) {
                workers.close();
            }
        }
    }

    /// Ends groups together: refuses calls, closes channels, frees inboxes.
    private void endGroups(List<EngineGroup> ending) {
        StackRoom.ask(); // or others might wait for what is never done
        List<EngineGroup> mine = new ArrayList<>(ending.size());
        try {
            for (EngineGroup group : ending) {
                if (group.startEnding()) {
                    mine.add(group);
                }
            }
            // One for each loop, as a loop that fails may count twice.
            List<CountDownLatch> closed = new ArrayList<>();
            for (EngineGroup group : mine) {
                for (Workbench bench : benches) {
                    CountDownLatch done = new CountDownLatch(1);
                    closed.add(done);
                    bench.end(group, done);
                }
            }
            closed.forEach(environment::await);
        } finally {
            forget(mine, 0);
        }
        ending.forEach(group -> environment.await(group.ended()));
    }

    /// Whatever has been thrown, and is: others wait for the end of these groups, and nobody else
    /// brings it.
    private void forget(List<EngineGroup> mine, int first) {
        int next = first;
        try {
            while (next < mine.size()) {
                EngineGroup group = mine.get(next++);
                try {
                    group.end();
                } finally {
                    groups.remove(group.serial());
                }
            }
        } finally {
            if (next < mine.size()) {
                forget(mine, next);
            }
        }
    }

    private void refuse(Status reason) {
        refusal.compareAndSet(null, reason);
    }

    // ---- for groups and loops

    Options options() {
        return options;
    }

    /// Who has come in and who was refused, to be counted.
    Entrance entrance() {
        return entrance;
    }

    SlotPool pool() {
        return pool;
    }

    EngineMemory memory() {
        return memory;
    }

    /// A group's next message waits for memory.
    void onStarved(EngineGroup group) {
        totals.count(Totals.Event.POOL_EMPTY);
        recorder.poolEmpty(group.serial(), pool.bytesSeen(), options.maxPoolBytes());
        stalls.begin();
    }

    /// Messages are back: whoever waits for memory to receive them goes on.
    private void onRefill() {
        groups.values().forEach(EngineGroup::onRefill);
    }

    ChannelTable<Endpoint> channels() {
        return channels;
    }

    Environment environment() {
        return environment;
    }

    FirstFailure firstFailure() {
        return failure;
    }

    /// What was counted.
    Totals totals() {
        return totals;
    }

    long openedNanos() {
        return openedNanos;
    }

    /// Those that there are, in the order of their creation.
    List<EngineGroup> groups() {
        return List.copyOf(groups.values());
    }

    /// Opens channels for groups.
    Openings openings() {
        return openings;
    }

    @Override
    public int reserve() {
        return channels.reserve(environment.nanoTime());
    }

    @Override
    public void put(int number, Endpoint endpoint) {
        channels.put(number, endpoint);
    }

    @Override
    public void release(int number) {
        StackRoom.askForLittle(); // or a channel might be counted in part
        long nowNanos = environment.nanoTime();
        Endpoint ending = channels.find(number);
        if (ending != null) {
            ending.account().end(nowNanos);
        }
        channels.release(number, nowNanos);
    }

    @Override
    public Workbench choose() {
        return benches.size() == 1
                ? benches.getFirst()
                : benches.get(Math.floorMod(nextLoop.getAndIncrement(), benches.size()));
    }

    @Override
    public Outbox outbox(Mailbox group, Workbench bench) {
        return ((EngineGroup) group).outbox(bench);
    }

    /// Makes the places where each loop collects what it has for a group.
    Map<Workbench, Outbox> newOutboxes(EngineGroup group) {
        Map<Workbench, Outbox> outboxes = new HashMap<>();
        benches.forEach(bench -> outboxes.put(bench, bench.newOutbox(group)));
        return outboxes;
    }

    /// The loop that a receiver may drive while it waits, `null` if it may not.
    @Nullable Reactor leadableLoop() {
        return options.leader() && loops.size() == 1 ? loops.getFirst() : null;
    }

    @Override
    public void fail(Throwable bug) {
        failAll(bug);
    }

    /// A loop has a bug: every group is told, loudly, and nothing goes on.
    ///
    /// What is out of order may be out of order here, too: there may be no memory, or no stack. So
    /// the first step is a store, none of them allocates, and none is skipped because another one
    /// throws. What is left undone the loops' keepers find by the first step, and do.
    ///
    /// @return whether all has been done; twice does no harm
    private boolean failAll(Throwable cause) {
        failure.set(cause);
        boolean done = true;
        try {
            refuse(Status.PROCESSING_FAILED);
        } catch (RuntimeException | Error again) {
            done = false;
        }
        for (int i = 0; i < loops.size(); i++) {
            try {
                loops.get(i).stop();
            } catch (RuntimeException | Error again) {
                done = false;
            }
        }
        return refuseGroups(Status.PROCESSING_FAILED) && done;
    }

    /// Refuses the calls of all groups. Allocates nothing.
    ///
    /// @return false if that has failed
    private boolean refuseGroups(Status reason) {
        boolean done = true;
        try {
            Long serial = groups.higherKey(BEFORE_FIRST); // an iterator needs memory
            while (serial != null) {
                EngineGroup group = groups.get(serial);
                done &= group == null || group.tryRefuse(reason);
                serial = groups.higherKey(serial);
            }
        } catch (RuntimeException | Error again) {
            done = false;
        }
        return done;
    }

    /// Tells first whom [#fail(Throwable)] has not told.
    @Override
    public boolean end(Reactor loop) {
        Throwable bug = failure.cause();
        boolean told = bug == null || failAll(bug);
        boolean done = loop.abandon(); // first: it lets everybody go who waits
        return told && abandonUnseen(loop) && done;
    }

    /// Gives back the memory of channels that were opened, and that a loop had not come to before
    /// its end; that of others is back already. All groups refuse calls by now.
    ///
    /// @return false if something is left
    private boolean abandonUnseen(Reactor loop) {
        Long serial = groups.higherKey(BEFORE_FIRST);
        while (serial != null) {
            EngineGroup group = groups.get(serial);
            if (group != null) {
                group.awaitOpening();
            }
            serial = groups.higherKey(serial);
        }
        boolean done = true;
        for (int channel = 1; channel <= ChannelTable.MAX_NUMBER; channel++) {
            Endpoint endpoint = channels.find(channel);
            if (endpoint != null && endpoint.loop() == loop) {
                try {
                    endpoint.channel().abandon();
                } catch (RuntimeException | Error again) {
                    done = false;
                }
            }
        }
        return done;
    }

    /// Says in the log, once, that the engine has failed if it has. What listens to the log may do
    /// anything, and take as long: nobody may wait for the caller, and it may hold nothing.
    @Override
    public void logFailure() {
        Throwable cause = failure.cause();
        if (cause != null && failureLogged.compareAndSet(false, true)) {
            LOG.log(Logger.Level.ERROR, "the engine has failed", cause);
        }
    }

    /// Tells the engines of a process apart.
    int number() {
        return number;
    }

    List<Reactor> loops() {
        return loops;
    }

    List<LoopThread> threads() {
        return threads;
    }
}
