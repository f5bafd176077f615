package tofu.kit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// Listens, says hello to those who may come in, and has a [Session] with each of them.
///
/// A bye is answered, a hello that is refused gets a ByeResponse with the reason. One server for
/// each dispatcher at a time, with as many listeners as one likes; when it has [left][#drain],
/// another one may come.
///
/// Somewhat long: who comes, who is there and who leaves are one state of the loop.
///
/// Threads: any; the sessions run on the dispatcher's thread.
public final class Server {
    /// How many peers there may be at a time, unless said otherwise.
    public static final int DEFAULT_MAX_PEERS = 10_000;

    /// How many messages may wait for room in a peer's send queue, unless said otherwise.
    public static final int DEFAULT_MAX_BACKLOG = 256;

    /// How many bytes may wait for room in a peer's send queue, unless said otherwise: 4 MiB.
    public static final long DEFAULT_MAX_BACKLOG_BYTES = 4 << 20;

    /// The text header of a refusal.
    public static final String REASON = "reason";

    private static final class Guest {
        private final Peer peer;
        private final Session session;

        Guest(Peer peer, Session session) {
            this.peer = peer;
            this.session = session;
        }
    }

    private final Dispatcher dispatcher;
    private final List<Address.Server> wanted;
    private final Doorman doorman;
    private final Sessions sessions;
    private final int maxPeers;
    private final int maxBacklog;
    private final long maxBacklogBytes;
    private final CompletableFuture<List<Address.Client>> listening = new CompletableFuture<>();
    private final CompletableFuture<Integer> drained = new CompletableFuture<>();

    // Loop only, but for the count.
    private final Map<Integer, Address.@Nullable Client> listeners = new LinkedHashMap<>();
    private final Map<Integer, Guest> guests = new LinkedHashMap<>();
    private volatile int peerCount;
    private boolean began;
    private boolean draining;
    private int cutOff;

    private final Handler greeter = this::greet;

    /// Ends a drain; rests until then.
    private final Timer deadline;

    private final Filter notices =
            new Filter() {
                @Override
                public boolean take(Message message) throws Exception {
                    if (message.origin() == Origin.ENGINE
                            && message.status() == Status.SEND_QUEUE_READY) {
                        hear(message);
                    }
                    return message.isEmptied(); // a session may move what it is given
                }

                @Override
                public void end() {
                    Server.this.end();
                }
            };

    private Server(Builder builder) {
        this.dispatcher = builder.dispatcher;
        this.wanted = List.copyOf(builder.wanted);
        this.doorman = builder.doorman;
        this.sessions = Objects.requireNonNull(builder.sessions);
        this.maxPeers = builder.maxPeers;
        this.maxBacklog = builder.maxBacklog;
        this.maxBacklogBytes = builder.maxBacklogBytes;
        this.deadline = dispatcher.resting(this::cutRest);
    }

    /// Begins to describe a server.
    ///
    /// @param dispatcher receives for it
    /// @return a builder
    public static Builder builder(Dispatcher dispatcher) {
        return new Builder(dispatcher);
    }

    /// Describes a server. Threads: one.
    public static final class Builder {
        private final Dispatcher dispatcher;
        private final List<Address.Server> wanted = new ArrayList<>();
        private Doorman doorman = hello -> null;
        private @Nullable Sessions sessions;
        private int maxPeers = DEFAULT_MAX_PEERS;
        private int maxBacklog = DEFAULT_MAX_BACKLOG;
        private long maxBacklogBytes = DEFAULT_MAX_BACKLOG_BYTES;

        private Builder(Dispatcher dispatcher) {
            this.dispatcher = dispatcher;
        }

        /// Adds an address to listen on.
        ///
        /// @param address where to listen
        /// @return this
        public Builder listenOn(Address.Server address) {
            wanted.add(address);
            return this;
        }

        /// Says who is refused; nobody, unless said otherwise.
        ///
        /// @param rule looks at each hello
        /// @return this
        public Builder refuse(Doorman rule) {
            doorman = rule;
            return this;
        }

        /// Says what is done with the messages of a peer.
        ///
        /// @param each begins a session with each peer that is accepted
        /// @return this
        public Builder sessions(Sessions each) {
            sessions = each;
            return this;
        }

        /// Says how many peers there may be at a time; others are refused, with `full`.
        ///
        /// @param count at least 1
        /// @return this
        /// @throws IllegalArgumentException if it is less
        public Builder maxPeers(int count) {
            maxPeers = Bounds.atLeast(1, "maxPeers", count);
            return this;
        }

        /// Says how many messages may wait for room in a peer's send queue; then it is cut off.
        ///
        /// @param messages 0 or more, for each peer; 256 unless said otherwise
        /// @return this
        /// @throws IllegalArgumentException if it is less
        public Builder maxBacklog(int messages) {
            maxBacklog = Bounds.atLeast(0, "maxBacklog", messages);
            return this;
        }

        /// Says how many bytes may wait for room in a peer's send queue, if there are no more
        /// messages than [may be][#maxBacklog(int)]; then it is cut off.
        ///
        /// A message counts as on the wire: text headers, body and 16 bytes. That of all peers
        /// together is bounded by [tofu.api.Options#maxPoolBytes()] only.
        ///
        /// @param bytes at least 131,086 (the longest message), for each peer; 4 MiB unless said
        ///     otherwise
        /// @return this
        /// @throws IllegalArgumentException if it is less
        public Builder maxBacklogBytes(long bytes) {
            maxBacklogBytes = Bounds.roomForOne("maxBacklogBytes", bytes);
            return this;
        }

        /// Begins to listen, as soon as the dispatcher runs.
        ///
        /// @return a server
        /// @throws IllegalStateException without an address or sessions, or if the dispatcher has a
        ///     server already that has not left, or another handler of hellos
        /// @throws java.util.concurrent.RejectedExecutionException if the dispatcher has ended, or
        ///     65,536 tasks or 1,048,576 timers wait
        public Server start() {
            if (wanted.isEmpty() || sessions == null) {
                throw new IllegalStateException("a server needs an address and sessions");
            }
            return new Server(this).begin();
        }
    }

    private Server begin() {
        Handler before = null;
        boolean begun = false;
        try {
            before = dispatcher.take(OpCode.HELLO_REQUEST, greeter);
            dispatcher.filterFirst(notices);
            dispatcher.execute(this::listen);
            begun = true;
            return this;
        } finally {
            if (!begun) { // it may be tried again
                dispatcher.giveBack(OpCode.HELLO_REQUEST, greeter, before);
                deadline.cancel();
                dispatcher.unfilter(notices);
            }
        }
    }

    /// Where to connect to, once all listeners are open: in the order in which they were asked for.
    ///
    /// @return the addresses, with real ports; or the first failure: an [AmpeException], such as
    ///     with [Status#ADDRESS_IN_USE], or an [OutOfMemoryError]; the listeners that are open then
    ///     stay so
    public CompletableFuture<List<Address.Client>> listening() {
        return listening.copy();
    }

    /// How many peers there are.
    ///
    /// @return 0 to the bound
    public int peers() {
        return peerCount;
    }

    /// Leaves in good order: closes the listeners, refuses who is just coming, lets requests that
    /// are under way be answered (by [Peer#answer] or [Peer#send]), and says bye to each peer after
    /// its last answer. Whoever is still there after a while is cut off.
    ///
    /// Then another server may begin with the same dispatcher. Who had connected before, and says
    /// hello only now, is refused until it does, and is the other server's from then on.
    ///
    /// @param atMost how long all of that may take
    /// @return how many had to be cut off, when the last one is gone
    /// @throws java.util.concurrent.RejectedExecutionException if the dispatcher has ended, or
    ///     65,536 tasks wait
    public CompletableFuture<Integer> drain(Duration atMost) {
        dispatcher.execute(
                () -> {
                    draining = true;
                    dispatcher.hasten(deadline, atMost);
                    cutListeners();
                    for (Guest guest : guests.values()) {
                        dispatcher.attempt(guest.peer::drain); // none costs another one its bye
                    }
                    completeIfDrained();
                });
        return drained.copy();
    }

    /// Where to connect to, once that is known; until then where it is to listen.
    @Override
    public String toString() {
        boolean known = listening.isDone() && !listening.isCompletedExceptionally();
        List<? extends Address> addresses = known ? listening.join() : wanted;
        return "Server[addresses=" + addresses + ", peers=" + peerCount + "]";
    }

    // ---- the loop

    private void listen() {
        began = true;
        for (Address.Server address : wanted) {
            try (Message welcome = dispatcher.message()) {
                welcome.listenOn(address);
                int channel = dispatcher.group().enqueueToPeer(welcome).channel();
                dispatcher.own(channel, this::hearListener);
                listeners.put(channel, null);
            } catch (AmpeException | OutOfMemoryError e) {
                listening.completeExceptionally(e);
            }
        }
    }

    private void hearListener(Message message) {
        int channel = message.channel();
        if (message.endsChannel()) {
            listeners.remove(channel);
            try {
                fail(message.status(), "a listener has ended");
            } finally {
                completeIfDrained();
            }
        } else if (message.opCode() == OpCode.WELCOME_RESPONSE
                && message.status() == Status.SUCCESS) {
            // An address for all interfaces becomes that of this machine.
            listeners.put(channel, Address.parse(message).toClient());
            boolean all = listeners.values().stream().allMatch(Objects::nonNull);
            if (all && listeners.size() == wanted.size()) {
                listening.complete(
                        listeners.values().stream().map(Objects::requireNonNull).toList());
            }
        } else if (message.opCode() == OpCode.WELCOME_RESPONSE) {
            fail(message.status(), "cannot listen");
        } // else it is about one who has come, and the listener goes on
    }

    private void fail(Status status, String detail) {
        listening.completeExceptionally(new AmpeException(status, detail + ", of " + wanted));
    }

    private void greet(Message hello) throws Exception {
        String refusal = refusal(hello);
        int channel = hello.channel();
        long id = hello.id();
        if (refusal != null) {
            hello.clear().opCode(OpCode.BYE_RESPONSE).channel(channel).id(id);
            hello.headers().append(REASON, refusal);
            dispatcher.send(hello);
            dispatcher.own(channel, message -> {}); // what it has sent behind its hello is nothing
            return;
        }
        Peer peer = new Peer(dispatcher, channel, maxBacklog, maxBacklogBytes);
        Session session = open(peer, hello);
        Guest guest = new Guest(peer, session);
        dispatcher.own(channel, message -> handle(guest, message));
        guests.put(channel, guest);
        peerCount = guests.size();
        hello.clear().opCode(OpCode.HELLO_RESPONSE).channel(channel).id(id);
        dispatcher.send(hello);
    }

    private Session open(Peer peer, Message hello) throws Exception {
        boolean opened = false;
        try {
            Session session = sessions.open(peer, hello);
            opened = true;
            return session;
        } finally {
            if (!opened) {
                peer.end(); // whoever has kept it will not be told of the end
            }
        }
    }

    private @Nullable String refusal(Message hello) throws Exception {
        if (!began || draining) { // who never begins greets nobody
            return "closing";
        }
        return guests.size() >= maxPeers ? "full" : doorman.refusal(hello);
    }

    /// Hears that there is room again, before anybody may take the notice: that concerns what waits
    /// in the peer and in the session, whoever has the messages of the channel.
    private void hear(Message notice) throws Exception {
        Guest guest = guests.get(notice.channel());
        if (guest == null) {
            return;
        }
        guest.peer.flush();
        guest.session.onNotice(notice);
    }

    private void handle(Guest guest, Message message) throws Exception {
        Peer peer = guest.peer;
        Session session = guest.session;
        if (message.endsChannel()) {
            peer.end();
            guests.remove(peer.channel());
            peerCount = guests.size();
            try {
                session.onEnd(dispatcher.reason(message));
            } finally {
                completeIfDrained(); // last, for who then takes away what the session needs
            }
        } else if (message.origin() == Origin.ENGINE) {
            if (message.status() != Status.SEND_QUEUE_READY) { // which it was told already
                session.onNotice(message);
            }
        } else if (message.opCode() == OpCode.BYE_REQUEST) {
            peer.send(message.opCode(OpCode.BYE_RESPONSE));
        } else if (message.opCode().type() == OpCode.Type.REGULAR) {
            if (message.opCode() == OpCode.REQUEST && !message.more()) {
                peer.asked();
            }
            session.onMessage(message);
        }
    }

    private void cutListeners() {
        for (int listener : listeners.keySet()) {
            dispatcher.attempt(() -> dispatcher.cut(listener));
        }
    }

    /// Nobody comes any more, so the first time is for all of them; again and again, until they are
    /// gone, as there may be no memory for it.
    private void cutRest() {
        dispatcher.hasten(deadline, Dispatcher.CUT_AGAIN);
        cutOff = Math.max(cutOff, guests.size());
        cutListeners();
        for (Guest guest : guests.values()) {
            dispatcher.attempt(guest.peer::cut);
        }
    }

    private void completeIfDrained() {
        if (draining && listeners.isEmpty() && guests.isEmpty()) {
            try {
                // Not off: who is accepted already, and says hello later, is not let in unseen.
                dispatcher.leave(OpCode.HELLO_REQUEST, greeter);
                dispatcher.unfilter(notices);
            } finally {
                deadline.cancel();
                drained.complete(cutOff); // last, for who then begins another server
            }
        }
    }

    /// The dispatcher has ended, and all channels with it.
    private void end() {
        for (Guest guest : List.copyOf(guests.values())) {
            guest.peer.end();
            dispatcher.attempt(() -> guest.session.onEnd(Status.SHUTDOWN_STARTED));
        }
        guests.clear();
        peerCount = 0;
        AmpeException ended =
                new AmpeException(Status.SHUTDOWN_STARTED, "the dispatcher has ended");
        listening.completeExceptionally(ended);
        drained.completeExceptionally(ended);
    }
}
