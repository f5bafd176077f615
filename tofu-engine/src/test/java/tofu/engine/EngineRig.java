package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.BinaryHeader;
import tofu.api.ChannelGroup;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.engine.channel.Crew;
import tofu.engine.channel.Frame;
import tofu.engine.link.Resolver;
import tofu.engine.link.Workers;
import tofu.engine.loop.Reactor;
import tofu.pool.SlabMessage;
import tofu.pool.Slot;

/// An engine on [FakeNet]s, with virtual time, whose loops the test drives by hand: one if the test
/// does not say how many.
///
/// Thread: the test's, but the engine's groups may be used from any.
final class EngineRig implements AutoCloseable {
    /// Looks up what the test says, when the test says so.
    static final class Names implements Resolver {
        private final Map<String, List<Consumer<List<InetAddress>>>> asked = new LinkedHashMap<>();

        /// No name can be asked for.
        boolean refusing;

        boolean closed;

        @Override
        public @Nullable Question ask(String host, Consumer<List<InetAddress>> found) {
            if (refusing) {
                return null;
            }
            asked.computeIfAbsent(host, name -> new ArrayList<>()).add(found);
            return () -> withdraw(host, found);
        }

        private void withdraw(String host, Consumer<List<InetAddress>> found) {
            asked.computeIfPresent(
                    host,
                    (name, waiting) -> {
                        waiting.remove(found);
                        return waiting.isEmpty() ? null : waiting;
                    });
        }

        /// The names that somebody waits for.
        Set<String> asked() {
            return asked.keySet();
        }

        /// Begins to answer: it is too late to withdraw.
        List<Consumer<List<InetAddress>>> take(String host) {
            List<Consumer<List<InetAddress>>> waiting = asked.remove(host);
            assertThat(waiting).as("asked for " + host).isNotNull();
            return waiting;
        }

        void answer(String host, InetAddress... addresses) {
            take(host).forEach(found -> found.accept(List.of(addresses)));
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /// Do what they have to do when the test says so.
    static final class Hands implements Workers {
        private final Deque<Runnable> work = new ArrayDeque<>();

        /// Nothing more is taken.
        boolean refusing;

        @Override
        public boolean run(Runnable task) {
            return !refusing && work.add(task);
        }

        /// Does all that there is.
        void work() {
            while (!work.isEmpty()) {
                work.remove().run();
            }
        }

        @Override
        public void close() {
            work.clear();
        }
    }

    /// A deadline may be thousands of turns away, and a pause is long where others are busy.
    private static final int TURNS_BETWEEN_PAUSES = 16;

    final List<FakeNet> nets = new ArrayList<>();

    /// The first loop's net.
    final FakeNet net;

    final Names names = new Names();
    final Hands hands = new Hands();
    final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1_000_000_000); // it wraps around

    /// How the engine looks at the clock.
    LongSupplier time = clock::get;

    /// Runs between two looks for events.
    Runnable whileSpinning = () -> clock.addAndGet(1_000);

    /// How a thread waits that is to be unparked; really, at first.
    volatile ObjLongConsumer<Object> parking = LockSupport::parkNanos;

    final Engine engine;

    /// The first loop.
    final Reactor loop;

    private final Deque<Message> held = new ArrayDeque<>();
    private final List<ChannelGroup> groups = new CopyOnWriteArrayList<>();
    private boolean loopEnded;

    EngineRig() {
        this(options().build());
    }

    EngineRig(Options options) {
        engine =
                new Engine(
                        options,
                        new FakeEnvironment(
                                this::newNet,
                                () -> time.getAsLong(),
                                names,
                                hands,
                                () -> whileSpinning.run(),
                                (blocker, nanos) -> parking.accept(blocker, nanos)));
        net = nets.getFirst();
        loop = engine.loops().getFirst();
        engine.loops().forEach(each -> each.keep(Thread.currentThread()));
    }

    private FakeNet newNet() {
        FakeNet fresh = new FakeNet(false);
        nets.add(fresh);
        return fresh;
    }

    static Options.Builder options() {
        // One loop, whatever the default: the test drives it by hand.
        return Options.builder().loops(1).leakDetection(LeakDetection.OFF).initialPoolMessages(0);
    }

    // ---- the loop

    /// Drives the loops until they have nothing to do.
    void run() throws IOException {
        for (int i = 0; i < 1_000; i++) {
            if (step() == 0) {
                return;
            }
        }
        throw new AssertionError("the loops do not come to rest");
    }

    private int step() throws IOException {
        int work = 0;
        for (Reactor each : engine.loops()) {
            work += each.step(0);
        }
        return work;
    }

    void pass(long millis) throws IOException {
        clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
        run();
    }

    // ---- the application

    /// Creates a group, which the rig destroys in the end.
    ChannelGroup create() {
        ChannelGroup group = engine.create();
        groups.add(group);
        return group;
    }

    /// Opens a listener.
    ///
    /// @return its channel number
    int listen(ChannelGroup group, int port) throws IOException, InterruptedException {
        int number;
        try (Message welcome = message()) {
            welcome.listenOn(new Address.TcpServer("127.0.0.1", port));
            number = group.enqueueToPeer(welcome).channel();
        }
        run();
        assertThat(receive(group)).hasSize(1).first().asString().startsWith("WELCOME_RESPONSE");
        return number;
    }

    /// Lets a peer connect and say hello, which the application takes.
    ///
    /// @return the peer
    FakeStream greet(ChannelGroup group, int port) throws IOException, InterruptedException {
        FakeStream peer = net.acceptor(port).arrive();
        peer.send(Frame.helloRequest(1));
        run();
        assertThat(receive(group)).containsExactly("HELLO_REQUEST 1");
        return peer;
    }

    /// Enqueues a HelloRequest.
    BinaryHeader dial(ChannelGroup group, Address.Client address) {
        try (Message hello = message()) {
            hello.connectTo(address).id(1);
            return group.enqueueToPeer(hello);
        }
    }

    /// Enqueues a message without anything.
    BinaryHeader post(ChannelGroup group, OpCode opCode, int channel, long id) {
        try (Message message = message()) {
            return group.enqueueToPeer(message.opCode(opCode).channel(channel).id(id));
        }
    }

    Message message() {
        return engine.get();
    }

    /// Takes messages until so many are out.
    void drain(int out) {
        while (engine.pool().messagesOut() < out) {
            held.add(message());
        }
    }

    /// Gives back some of what [#drain(int)] took.
    void release(int count) {
        for (int i = 0; i < count && !held.isEmpty(); i++) {
            held.remove().close();
        }
    }

    /// The next message of a group, owned by the caller.
    static @Nullable Message next(ChannelGroup group) throws InterruptedException {
        return group.waitReceiveNanos(0);
    }

    /// Takes all that is in a group's inbox: messages as [Frame] describes them, notices by their
    /// status and channel.
    static List<String> receive(ChannelGroup group) throws InterruptedException {
        List<String> taken = new ArrayList<>();
        for (Message message = next(group); message != null; message = next(group)) {
            taken.add(describe(message));
            message.close();
        }
        return taken;
    }

    static String describe(Message message) {
        boolean notice =
                message.opCode() == OpCode.SIGNAL
                        && message.origin() == tofu.api.Origin.ENGINE
                        && message.header().headersLength() == 0;
        assertThat(message.endsChannel())
                .isEqualTo(notice && message.status() == Status.CHANNEL_CLOSED);
        return notice
                ? "notice " + message.status() + " of " + message.channel()
                : Frame.of(((SlabMessage) message).slot()).toString();
    }

    // ---- the end

    /// Does on a thread of its own what waits for the loops, and drives them meanwhile; a
    /// millisecond passes with each turn.
    void driveWhile(Runnable waits) throws IOException {
        Thread thread = Thread.ofPlatform().daemon().start(waits);
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        for (int turn = 1; thread.isAlive(); turn++) {
            assertThat(System.nanoTime()).as("patience with " + thread).isLessThan(patience);
            step();
            clock.addAndGet(1_000_000);
            if (turn % TURNS_BETWEEN_PAUSES == 0) {
                Crew.pause();
            }
        }
    }

    /// What the loops' threads do at their end.
    void endLoop() {
        loopEnded = true;
        engine.loops().forEach(engine::end);
    }

    @Override
    public void close() throws IOException {
        release(held.size());
        if (loopEnded) {
            engine.close();
        } else {
            driveWhile(() -> groups.forEach(engine::destroy));
            run();
            assertThat(engine.pool().census()).as("slots").containsOnlyKeys(Slot.Owner.FREE);
            assertThat(names.asked()).as("names that nobody waits for any more").isEmpty();
            driveWhile(engine::close);
            step();
            assertThat(engine.loops()).allMatch(Reactor::isStopped);
            engine.loops().forEach(Reactor::abandon);
        }
        nets.forEach(FakeNet::check);
        assertThat(names.closed).isTrue();
        assertThat(loopEnded ? 0 : engine.channels().inUse()).as("channels in use").isZero();
    }
}
