package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.fixtures.TestAddresses;

/// A dispatcher whose turns and whose time are the test's, and a group on the far side that knows
/// nothing of the kit, connected by real sockets.
///
/// Somewhat long, as all tests of the kit speak by it.
///
/// Threads: the test's.
final class Rig implements AutoCloseable {
    final Ampe ampe;
    final Dispatcher dispatcher;
    final ChannelGroup far;

    /// What handlers threw.
    final List<Throwable> failures = new ArrayList<>();

    /// What handlers have noted, and the test.
    final List<String> events = new ArrayList<>();

    private final AtomicLong nowNanos = new AtomicLong(-5); // any number will do
    private final Patience patience;
    private final Address.Client farAddress;

    /// What came to the far side, and was not asked for yet.
    private final Queue<Message> arrived = new ArrayDeque<>();

    /// The far side's number of each near channel.
    private final Map<Integer, Integer> farNumbers = new HashMap<>();

    Rig() throws InterruptedException {
        this(new Patience());
    }

    Rig(Options options) throws InterruptedException {
        this(options, new Patience(), UnaryOperator.identity());
    }

    /// @param seen the engine as the dispatcher sees it
    Rig(UnaryOperator<Ampe> seen) throws InterruptedException {
        this(Options.defaults(), new Patience(), seen);
    }

    /// @param seen the engine as the dispatcher sees it
    Rig(Options options, UnaryOperator<Ampe> seen) throws InterruptedException {
        this(options, new Patience(), seen);
    }

    /// Makes one of many rigs of a property.
    Rig(Patience patience) throws InterruptedException {
        this(Options.defaults(), patience, UnaryOperator.identity());
    }

    private Rig(Options options, Patience patience, UnaryOperator<Ampe> seen)
            throws InterruptedException {
        this.patience = patience;
        ampe = Ampe.open(options);
        dispatcher = new Dispatcher(seen.apply(ampe), nowNanos::get);
        dispatcher.onFailure((failure, channel) -> failures.add(failure));
        far = ampe.create();
        try (Message welcome = message()) {
            far.enqueueToPeer(welcome.listenOn(fresh()));
        }
        try (Message welcome = farNext()) {
            farAddress = Address.connectTo(Address.parse(welcome).toString());
        }
    }

    static Address.Server fresh() {
        return new Address.UdsServer(TestAddresses.temporaryUdsPath());
    }

    Address.Client farAddress() {
        return farAddress;
    }

    Message message() {
        Message message = ampe.get();
        assertThat(message).isNotNull();
        return message;
    }

    // ---- the near side

    /// Lets time pass, and does what is due.
    void advance(Duration duration) throws InterruptedException {
        nowNanos.addAndGet(duration.toNanos());
        dispatcher.turn(0);
    }

    /// Takes turns until a condition holds.
    void until(String what, BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            dispatcher.turn(Duration.ofMillis(1).toNanos());
            patience.check(start, what);
        }
    }

    /// Starts a server that listens on an address of its own.
    ///
    /// @param peers gets those who come
    /// @param sessions makes their sessions
    Server serve(List<Peer> peers, Function<Peer, Session> sessions) {
        return Server.builder(dispatcher)
                .listenOn(fresh())
                .sessions(
                        (peer, hello) -> {
                            peers.add(peer);
                            return sessions.apply(peer);
                        })
                .start();
    }

    /// Waits until a server listens, and tells where.
    Address.Client address(Server server) throws InterruptedException {
        until("listening", () -> server.listening().isDone());
        return server.listening().join().getFirst();
    }

    /// Drains a server with a peer that does not leave, and is cut off after a second.
    ///
    /// @return how many were cut off
    int drainBeside(int farChannel, Server server) throws InterruptedException {
        CompletableFuture<Integer> drained = server.drain(Duration.ofSeconds(1));
        farNext(OpCode.BYE_REQUEST, farChannel).close();
        advance(Duration.ofSeconds(1));
        until("drained", drained::isDone);
        return drained.join();
    }

    /// Notes each message by its body.
    Handler note(String name) {
        return message -> events.add(name + " " + message.body().text());
    }

    /// Turns the loop until there are so many events.
    void untilEvents(int count) throws InterruptedException {
        until("events", () -> events.size() >= count);
    }

    /// Sends until the send queue is full and stays so, as the far side reads no more. Room is told
    /// only when half is free: so there is none once nothing finds any after some calm.
    ///
    /// @return how many
    int fill(int channel) throws InterruptedException {
        return fill(channel, 0);
    }

    /// The same once more, when the far side has taken all that was sent.
    int refill(int channel) throws InterruptedException {
        return fill(channel, closedWindows());
    }

    private long closedWindows() {
        return ampe.statistics().stalls().receiveWindowClosed().count();
    }

    private int fill(int channel, long closedBefore) throws InterruptedException {
        int sent = 0;
        long start = System.nanoTime();
        boolean full = false;
        while (!full) {
            patience.check(start, "full");
            int before = sent;
            while (sendBig(channel)) {
                sent++;
            }
            boolean calm = !dispatcher.turn(Duration.ofMillis(200).toNanos());
            boolean unread = closedWindows() > closedBefore;
            full = calm && unread && sent == before;
        }
        return sent;
    }

    private boolean sendBig(int channel) {
        try (Message signal = message()) {
            signal.opCode(OpCode.SIGNAL).channel(channel).body().append(new byte[60_000]);
            return dispatcher.send(signal) == Dispatcher.Sent.YES;
        }
    }

    /// Makes as many timers as there is room for.
    List<Timer> fillTimers() {
        List<Timer> timers = new ArrayList<>();
        assertThatThrownBy(
                        () -> {
                            while (true) {
                                timers.add(dispatcher.after(Duration.ofDays(1), () -> {}));
                            }
                        })
                .isInstanceOf(RejectedExecutionException.class);
        return timers;
    }

    /// Adds as many tasks as there may be, to a dispatcher that has none.
    void fillTasks() {
        for (int i = 0; i < Tasks.MAX_TASKS; i++) {
            dispatcher.execute(() -> {});
        }
    }

    /// Opens a listener on the near side that nobody handles, in place of connections that are
    /// older than the end of a server.
    ///
    /// @return where to connect to
    Address.Client nearListen() throws InterruptedException {
        Address.Server where = fresh();
        int channel;
        try (Message welcome = message()) {
            channel = dispatcher.group().enqueueToPeer(welcome.listenOn(where)).channel();
        }
        boolean[] open = new boolean[1];
        dispatcher.on(channel, message -> open[0] = true);
        until("listening", () -> open[0]);
        dispatcher.off(channel);
        return where.toClient();
    }

    /// Connects the near side to the far side.
    ///
    /// @return the near side's number
    int connect() throws InterruptedException {
        int channel;
        try (Message hello = message()) {
            channel = dispatcher.group().enqueueToPeer(hello.connectTo(farAddress)).channel();
        }
        boolean[] greeted = new boolean[1];
        Filter filter =
                message -> {
                    greeted[0] |= message.opCode() == OpCode.HELLO_RESPONSE;
                    return false;
                };
        dispatcher.filter(filter);
        try (Message hello = farNext(OpCode.HELLO_REQUEST)) {
            farNumbers.put(channel, hello.channel());
            far.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
        }
        until("hello", () -> greeted[0]);
        dispatcher.unfilter(filter);
        return channel;
    }

    int farNumber(int nearChannel) {
        return Objects.requireNonNull(farNumbers.get(nearChannel));
    }

    // ---- the far side

    /// Waits for the next message of the far side; the near side takes its turns meanwhile.
    Message farNext() throws InterruptedException {
        Message waiting = arrived.poll();
        return waiting != null ? waiting : farReceive();
    }

    private Message farReceive() throws InterruptedException {
        long start = System.nanoTime();
        while (true) {
            Message message = far.waitReceive(Duration.ofMillis(1));
            if (message != null) {
                return message;
            }
            dispatcher.turn(0);
            patience.check(start, "a message to the far side");
        }
    }

    /// The far side takes what comes, one message after the other, until the near side has noticed.
    void farTakesUntil(String what, BooleanSupplier noticed) throws InterruptedException {
        long start = System.nanoTime();
        while (!noticed.getAsBoolean()) {
            Message message = far.waitReceive(Duration.ofMillis(1));
            if (message != null) {
                message.close();
            }
            dispatcher.turn(1);
            patience.check(start, what);
        }
    }

    /// Waits for a message with an op code; others stay for later.
    Message farNext(OpCode opCode) throws InterruptedException {
        return farNext(opCode, 0);
    }

    /// Waits for a message with an op code, on a channel; others stay for later.
    ///
    /// @param channel 0: any
    Message farNext(OpCode opCode, int channel) throws InterruptedException {
        for (Iterator<Message> it = arrived.iterator(); it.hasNext(); ) {
            Message message = it.next();
            if (fits(message, opCode, channel)) {
                it.remove();
                return message;
            }
        }
        while (true) {
            Message message = farReceive();
            if (fits(message, opCode, channel)) {
                return message;
            }
            arrived.add(message);
        }
    }

    /// Puts messages back: they are the next that come.
    void farBack(List<Message> messages) {
        List<Message> behind = List.copyOf(arrived);
        arrived.clear();
        arrived.addAll(messages);
        arrived.addAll(behind);
    }

    private static boolean fits(Message message, OpCode opCode, int channel) {
        return message.opCode() == opCode
                && message.origin() == Origin.APPLICATION
                && (channel == 0 || message.channel() == channel);
    }

    /// Waits for the end of a far channel; others stay for later.
    void farEnd(int farChannel) throws InterruptedException {
        for (Message message : arrived) {
            if (isEnd(message, farChannel)) {
                arrived.remove(message);
                message.close();
                return;
            }
        }
        while (true) {
            Message message = farReceive();
            if (isEnd(message, farChannel)) {
                message.close();
                return;
            }
            arrived.add(message);
        }
    }

    private static boolean isEnd(Message message, int channel) {
        return message.endsChannel() && message.channel() == channel;
    }

    /// Opens another listener on the far side.
    ///
    /// @return its channel
    int farListen(Address.Server address) throws InterruptedException {
        int channel;
        try (Message welcome = message()) {
            channel = far.enqueueToPeer(welcome.listenOn(address)).channel();
        }
        farNext(OpCode.WELCOME_RESPONSE, channel).close();
        return channel;
    }

    /// Sends something from the far side.
    void farSend(OpCode opCode, int farChannel, long id, String body) {
        farSend(opCode, farChannel, id, body, false);
    }

    void farSend(OpCode opCode, int farChannel, long id, String body, boolean more) {
        try (Message message = message()) {
            message.opCode(opCode).channel(farChannel).id(id).more(more).body().append(body);
            far.enqueueToPeer(message);
        }
    }

    /// Sends a request with a text header from the far side.
    ///
    /// @return its id
    long farAsk(int farChannel, String header, String value, String body) {
        try (Message message = message()) {
            message.opCode(OpCode.REQUEST).channel(farChannel).headers().append(header, value);
            message.body().append(body);
            return far.enqueueToPeer(message).id();
        }
    }

    /// Connects the far side to a server on the near side.
    ///
    /// @return the far side's number, or 0 if it was refused
    int farConnect(Address.Client address, String... headers) throws InterruptedException {
        int channel;
        try (Message hello = message()) {
            hello.connectTo(address);
            for (int i = 0; i < headers.length; i += 2) {
                hello.headers().append(headers[i], headers[i + 1]);
            }
            channel = far.enqueueToPeer(hello).channel();
        }
        while (true) {
            Message message = farReceive();
            boolean mine = message.channel() == channel;
            if (mine && fits(message, OpCode.HELLO_RESPONSE, channel)) {
                message.close();
                return channel;
            }
            arrived.add(message);
            if (mine && message.endsChannel()) {
                return 0;
            }
        }
    }

    /// Whether anything is left that the far side was not asked for.
    List<String> farRest() throws InterruptedException {
        List<String> rest = new ArrayList<>();
        for (Message message : arrived) {
            rest.add(message.opCode() + " " + message.status() + " " + message.body().text());
            message.close();
        }
        arrived.clear();
        return rest;
    }

    /// Closes all, and sees whether a message was forgotten.
    @Override
    public void close() {
        arrived.forEach(Message::close);
        dispatcher.close();
        far.close();
        LeakLog.begin();
        LeakLog.take();
        ampe.close();
        assertThat(LeakLog.take()).isEmpty();
    }
}
