package tofu.tests.sim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.api.Statistics;
import tofu.api.Status;
import tofu.api.TlsSettings;
import tofu.engine.Environment;
import tofu.engine.SteppedEngine;
import tofu.engine.link.Resolver;
import tofu.engine.link.Workers;
import tofu.engine.net.Net;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

/// One engine of a world: as if it were a process of its own. Somewhat long: what may happen to an
/// engine that fails, and what must hold all the same.
///
/// Thread: one.
final class Host {
    /// Of a slot for the longest frame, and for what comes back when there is no memory for it.
    private static final int SPARE_BYTES = 131_136;

    private static final int RESERVE = 64;

    /// What each loop has to read into.
    private static final int READ_CHUNKS = 3;
    private static final int MOST_TRIES = 16;

    /// The least that [Options] allows.
    private static final long LEAST_POOL_BYTES = 1 << 20;

    final World world;
    final SteppedEngine engine;
    final List<SimNet> nets = new ArrayList<>();
    private final int index;
    private final Options options;
    private final Jvm jvm;
    private final SimNames names;
    private final SimWorkers workers;
    private final Surroundings surroundings;

    /// When each number was given back that is not in use.
    private final Map<Integer, Long> freed = new HashMap<>();

    private final Map<Integer, Boolean> inUse = new HashMap<>();

    /// Loops that are in the middle of a turn.
    private final boolean[] stepping;

    /// Loops that have ended.
    private final boolean[] ended;

    /// Messages that applications hold.
    int held;

    /// Messages that applications have enqueued.
    int enqueued;

    /// Somebody is in a call that waits for the loops.
    boolean closing;

    boolean closed;

    /// Somebody closes the engine.
    private boolean ending;

    /// The engine has failed.
    private boolean failed;

    Host(World world, Choices choices, int index, Jvm jvm) {
        this.world = world;
        this.index = index;
        this.options = options(choices, world.newTls());
        this.names = new SimNames(choices);
        this.workers = new SimWorkers(choices);
        this.jvm = jvm;
        this.surroundings = new Surroundings(choices, index);
        this.engine = open();
        this.stepping = new boolean[engine.loops()];
        this.ended = new boolean[engine.loops()];
    }

    /// Opens the engine; where that fails, nothing may be left of it.
    private SteppedEngine open() {
        while (true) {
            try {
                return new SteppedEngine(options, surroundings);
            } catch (RuntimeException | Error e) {
                survive(e);
                if (!nets.stream().allMatch(SimNet::isClosed)) {
                    throw new Violation("a net of an engine that could not be opened is open", e);
                }
                nets.clear();
            }
        }
    }

    private static Options options(Choices choices, @Nullable TlsSettings tls) {
        // A pool that is nearly always at a bound grows, looks everywhere and trims all the time.
        boolean tight = choices.oneIn(4);
        int messages = tight ? 1 + choices.below(8) : 8 << choices.below(6);
        long bytes = tight || choices.oneIn(4) ? LEAST_POOL_BYTES : (1 + choices.below(4)) << 20;
        Options.Builder builder =
                Options.builder()
                        .initialPoolMessages(tight ? choices.below(messages + 1) : 0)
                        .maxPoolMessages(messages)
                        .maxPoolBytes(bytes)
                        .maxLogBytes((long) choices.below(4) * choices.below(1 << 18))
                        .sendQueueMessages(1 + choices.below(24))
                        .sendQueueBytes(Options.MAX_MESSAGE_BYTES << choices.below(3))
                        .receiveWindowMessages(1 + choices.below(24))
                        .receiveWindowBytes(Options.MAX_MESSAGE_BYTES << choices.below(3));
        if (tls != null) {
            builder.tls(tls);
        }
        int channels = 3 + choices.below(12);
        return builder.maxChannels(channels)
                .maxPendingHandshakes(Math.min(1 + choices.below(6), channels))
                .connectTimeout(Duration.ofMillis(1 + choices.below(5_000)))
                .handshakeTimeout(
                        Duration.ofMillis(1 + choices.below(tls == null ? 5_000 : 60_000)))
                .frameTimeout(Duration.ofMillis(1 + choices.below(5_000)))
                .byeTimeout(Duration.ofMillis(1 + choices.below(5_000)))
                .closeTimeout(Duration.ofMillis(1 + choices.below(5_000)))
                .channelQuarantine(Duration.ofMillis(choices.below(2_000)))
                .acceptBacklog(1 + choices.below(8))
                .leakDetection(LeakDetection.OFF)
                .loops(1 + choices.below(2))
                .spin(Duration.ofNanos(choices.below(3) * 25_000L))
                .build();
    }

    Ampe ampe() {
        return engine.ampe();
    }

    SimNames names() {
        return names;
    }

    /// Answers a question for a name.
    ///
    /// @return false if nobody has asked
    boolean answerName() {
        try {
            return names.answer();
        } catch (RuntimeException | Error e) {
            survive(e);
            return true;
        }
    }

    /// Does what was to be computed beside the loops, a piece of it.
    ///
    /// @return false if there was nothing
    boolean compute() {
        try {
            return workers.work();
        } catch (RuntimeException | Error e) {
            survive(e);
            return true;
        }
    }

    // ---- driving it

    /// Lets a loop do what it has to do; where it would sleep, others act.
    ///
    /// @return whether it did anything
    boolean step(int loop) {
        if (stepping[loop] || ended[loop]) {
            return false;
        }
        stepping[loop] = true;
        try {
            return !engine.isStopped(loop) && engine.step(loop, Long.MAX_VALUE) > 0;
        } catch (IOException | RuntimeException | Error e) {
            onLoopFailed(e);
            return true;
        } finally {
            stepping[loop] = false;
            nets.get(loop).endTurn();
            if (engine.isStopped(loop)) {
                endLoop(loop);
            }
        }
    }

    private void onLoopFailed(Throwable cause) {
        if (!jvm.threw(cause)) {
            throw cause instanceof Violation v ? v : new Violation("a loop failed", cause);
        }
        world.note(() -> this + " fails: " + cause);
        onFailed(cause);
    }

    /// What the loop's own thread does last.
    private void endLoop(int loop) {
        ended[loop] = true;
        if (!ending) {
            onFailed(null);
        }
        insist(() -> engine.abandon(loop));
    }

    /// Whether a loop is in the middle of a turn that no receiver drives.
    boolean isStepping(SimNet net) {
        return stepping[nets.indexOf(net)];
    }

    // ---- failures

    /// The engine says that it has failed: not without a reason.
    void onFailed(@Nullable Throwable cause) {
        if (!jvm.isBroken()) {
            throw new Violation("the engine has failed for no reason", cause);
        }
        failed = true;
    }

    boolean isFailed() {
        return failed;
    }

    Jvm jvm() {
        return jvm;
    }

    /// A call has failed as no call should: only what is below the engine may be the cause.
    void survive(Throwable failure) {
        if (!jvm.threw(failure)) {
            switch (failure) {
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new Violation("thrown by a call", failure);
            }
        }
        world.note(() -> "host " + index + " survives " + failure);
    }

    /// Calls something that has to be done until it is.
    void insistOn(Runnable call) {
        insist(
                () -> {
                    call.run();
                    return true;
                });
    }

    private void insist(BooleanSupplier call) {
        for (int i = 0; i < MOST_TRIES; i++) {
            try {
                if (call.getAsBoolean()) {
                    return;
                }
            } catch (RuntimeException | Error e) {
                survive(e);
            }
        }
        throw new Violation("fails again and again");
    }

    /// A failed engine tells everybody who asks.
    void checkTold(Callable<?> call) {
        try {
            call.call();
        } catch (AmpeException e) {
            if (e.status() == Status.PROCESSING_FAILED) {
                return;
            }
            throw new Violation("a failed engine says something else", e);
        } catch (Exception e) {
            throw new Violation("a failed engine does not say so", e);
        }
        throw new Violation("a failed engine is silent");
    }

    /// Lets all loops do what they have to do.
    boolean stepAll() {
        boolean busy = false;
        for (int i = 0; i < engine.loops(); i++) {
            busy |= step(i);
        }
        return busy;
    }

    /// A loop sleeps: it must not have anything to do that it was not woken for; unless whoever was
    /// to wake it could not, and then it looks by itself before long.
    void checkSleep(SimNet net) {
        int loop = nets.indexOf(net);
        if (!jvm.isBroken() && !net.isWoken() && engine.hasWork(loop)) {
            Violation lost = new Violation("lost wake-up: loop " + loop + " sleeps, with work");
            world.onViolation(lost);
            throw lost;
        }
    }

    // ---- channel numbers

    /// A number has turned up that was not in use.
    void use(int number) {
        if (inUse.put(number, true) != null) {
            throw new Violation("channel number " + number + " is given out twice");
        }
        Long since = freed.remove(number);
        if (since != null && world.now() - since < options.channelQuarantine().toNanos()) {
            throw new Violation("channel number " + number + " is reused in its quarantine");
        }
    }

    void free(int number) {
        inUse.remove(number);
        freed.put(number, world.now());
    }

    /// A number whose end nobody will be told.
    void forget(int number) {
        inUse.remove(number);
    }

    /// The end of a connection that its application never heard of.
    void freeStranger(int number) {
        use(number);
        free(number);
    }

    // ---- memory

    /// Checks that every slot that is not free is accounted for.
    void checkBooks() {
        if (closed || failed) {
            return;
        }
        Map<Slot.Owner, Integer> census = engine.memory().messages().census();
        int leases = census.getOrDefault(Slot.Owner.LEASE, 0);
        int queued = census.getOrDefault(Slot.Owner.QUEUE, 0);
        int out = engine.memory().messages().messagesOut();
        int all = leases + queued + census.getOrDefault(Slot.Owner.CHANNEL, 0);
        int borrowed = leasesOf(engine.memory().outgoing()) + leasesOf(engine.memory().incoming());
        if (leases + borrowed != held) {
            throw new Violation(held + " messages are held, the pool says " + census);
        }
        if (out > all || all > out + RESERVE) {
            throw new Violation(out + " messages are out, the pool says " + census);
        }
        if (engine.memory().messages().bytesAllocated() > options.maxPoolBytes()) {
            throw new Violation(
                    engine.memory().messages().bytesAllocated() + " bytes are too many");
        }
        checkPool();
        long half =
                Math.max(
                        options.maxLogBytes() / 2,
                        (long) surroundings.leastLogBytes() * engine.loops());
        checkBytes("outgoing", engine.memory().outgoing(), half);
        checkBytes("incoming", engine.memory().incoming(), half);
    }

    /// The pool's states, as applications see them, sum to what there is.
    private void checkPool() {
        Statistics.Pool pool = ampe().statistics().pool();
        long bytes = 0;
        for (Statistics.PerSize size : pool.sizes()) {
            bytes += size.bytes();
            long all = size.free() + size.inMagazines() + size.leased() + size.queued();
            if (all != size.slots() || size.slots() * size.slotBytes() != size.bytes()) {
                throw new Violation("the states of " + size + " do not sum");
            }
        }
        if (bytes != pool.bytes() || bytes > pool.maxBytes()) {
            throw new Violation(bytes + " bytes in sizes, in all " + pool);
        }
    }

    /// All channels have ended: what was enqueued was sent, or came back, and all was counted.
    ///
    /// @param sound whether applications know what they have enqueued: no call has failed
    Statistics.Traffic checkTraffic(boolean sound) {
        Statistics all = ampe().statistics();
        Statistics.Traffic traffic = all.traffic();
        long expected = sound ? enqueued : traffic.enqueuedMessages();
        long messages = traffic.sentMessages() + traffic.returnedMessages();
        long bytes = traffic.sentBytes() + traffic.returnedBytes();
        long lasting = traffic.queuedMessages() + traffic.untakenMessages();
        if (traffic.enqueuedMessages() != expected
                || messages != expected
                || bytes != traffic.enqueuedBytes()
                || lasting != 0
                || !all.channels().isEmpty()) {
            throw new Violation(enqueued + " were enqueued; counted: " + all);
        }
        return traffic;
    }

    /// Messages in memory of logs, as the pool had none.
    private static int leasesOf(SlotPool chunks) {
        return chunks.census().getOrDefault(Slot.Owner.LEASE, 0);
    }

    private static void checkBytes(String what, SlotPool chunks, long most) {
        if (chunks.bytesAllocated() > most + SPARE_BYTES) {
            throw new Violation(chunks.bytesAllocated() + " bytes of " + what + " are too many");
        }
    }

    boolean isPoolEmpty() {
        return !closed
                && !failed
                && engine.memory().messages().messagesOut() >= options.maxPoolMessages();
    }

    /// Closes what is left, and checks that nothing is left behind.
    void end() {
        if (!closed) {
            Map<Slot.Owner, Integer> census = engine.memory().messages().census();
            census.remove(Slot.Owner.FREE);
            if (!census.isEmpty() && !failed) {
                throw new Violation("not given back when all groups are closed: " + census);
            }
            checkChunksHome(READ_CHUNKS * engine.loops());
            close();
            checkChunksHome(0);
        }
    }

    private void checkChunksHome(int incoming) {
        int sent = engine.memory().outgoing().census().getOrDefault(Slot.Owner.LOG, 0);
        int read = engine.memory().incoming().census().getOrDefault(Slot.Owner.LOG, 0);
        if ((sent > 0 || read > incoming) && !failed) {
            throw new Violation(sent + " and " + read + " chunks of logs are not home");
        }
    }

    /// Closes the engine, and what the loops' threads do last.
    void close() {
        closing = true;
        ending = true;
        insistOn(engine.ampe()::close);
        closed = true;
        stepAll();
        for (int i = 0; i < engine.loops(); i++) {
            if (!ended[i]) {
                throw new Violation("loop " + i + " goes on after close");
            }
        }
        if (engine.channelsInUse() != 0 && !failed) {
            throw new Violation(engine.channelsInUse() + " channel numbers are left in use");
        }
        if (!names.closed) {
            throw new Violation("the resolver was not closed");
        }
        if (options.tls() != null && !workers.isClosed()) {
            throw new Violation("the workers were not closed");
        }
        if (!names.asked().isEmpty() && !failed) {
            throw new Violation("names that nobody waits for any more: " + names.asked());
        }
    }

    @Override
    public String toString() {
        return "host %d with %s out of the pool, %d out, %d bytes, %s"
                .formatted(
                        index,
                        engine.memory().messages().census(),
                        engine.memory().messages().messagesOut(),
                        engine.memory().messages().bytesAllocated(),
                        options);
    }

    /// The world around the engine.
    private final class Surroundings implements Environment {
        private final int readBytes;
        private final int leastLogBytes;
        private final long seed;

        Surroundings(Choices choices, int index) {
            readBytes = 64 << choices.below(11);
            leastLogBytes = leastLogBytes(choices);
            seed = choices.below(1 << 16) + index;
        }

        /// In some worlds what a loop must have, and hardly more.
        private int leastLogBytes(Choices choices) {
            boolean tight = choices.oneIn(3);
            int chunks = SPARE_BYTES + 2 * 4 * Math.max(readBytes, 2048); // sizes are far apart
            return tight ? chunks + choices.below(1 << 15) : LEAST_LOG_BYTES;
        }

        @Override
        public Net openNet() throws IOException {
            jvm.mayFailToWait();
            SimNet net = world.network().openNet(jvm);
            nets.add(net);
            return net;
        }

        @Override
        public long nanoTime() {
            return world.now();
        }

        @Override
        public Resolver resolver() {
            return names;
        }

        @Override
        public Workers newWorkers() {
            jvm.mayFail();
            return workers;
        }

        @Override
        public long seed() {
            return seed;
        }

        @Override
        public int readBytes() {
            return readBytes;
        }

        @Override
        public int leastLogBytes() {
            return leastLogBytes;
        }

        @Override
        public ByteBuffer newScratch() {
            jvm.mayFail();
            return ByteBuffer.allocateDirect(8 << 10);
        }

        @Override
        public void park(Object blocker, long nanos) {
            jvm.mayFail();
            world.park(nanos);
        }

        @Override
        public void spin() {
            world.spin();
        }

        @Override
        public void await(CountDownLatch latch) {
            world.await(latch);
        }
    }
}
