package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.tests.rigs.Door;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Transport;

/// An application that answers every hello, request and bye, whoever asks, and keeps count of
/// channels: each that greeted must end once.
///
/// A request whose body is [#FLOOD] is answered until the send queue is full.
///
/// Threads: one of its own receives; the others may ask and connect. Owns the group.
final class Responder implements AutoCloseable {
    static final String FLOOD = "flood";

    private static final byte[] MUCH = new byte[65_535];
    private static final List<Status> ENDED =
            List.of(Status.CHANNEL_CLOSED, Status.INVALID_CHANNEL_NUMBER);

    private final Ampe ampe;
    private final ChannelGroup group;
    private final Door door;
    private final Running<Boolean> running;

    /// Hellos that came or went out, by id.
    private final Set<Long> greeted = ConcurrentHashMap.newKeySet();

    /// Last notices of channels that had a hello, by its id.
    private final Set<Long> ended = ConcurrentHashMap.newKeySet();

    /// Last notices of connections that never said hello.
    private final AtomicInteger strangers = new AtomicInteger();

    /// Other notices of the engine, by status.
    private final Map<Status, AtomicInteger> notices = new ConcurrentHashMap<>();

    Responder(Ampe ampe, Transport transport) throws InterruptedException {
        this(ampe, transport.listenAddress());
    }

    Responder(Ampe ampe, String address) throws InterruptedException {
        this.ampe = ampe;
        this.group = ampe.create();
        BinaryHeader welcome = group.enqueueToPeer(message().listenOn(Address.listenOn(address)));
        try (Message answer = group.waitReceive()) {
            assertThat(answer.status()).isEqualTo(Status.SUCCESS);
            String bound = Address.parse(answer).toString();
            this.door = new Door(bound, welcome.channel(), welcome.id());
        }
        this.running = Running.run(this::respond);
    }

    String address() {
        return door.address();
    }

    private Message message() {
        return ampe.get();
    }

    /// Connects to somebody.
    ///
    /// @param id the id of the hello
    void connect(String address, long id) {
        greeted.add(id);
        group.enqueueToPeer(message().connectTo(Address.connectTo(address)).id(id));
    }

    /// How many channels had a hello and have not ended yet.
    int open() {
        return greeted.size() - ended.size();
    }

    Set<Long> greeted() {
        return greeted;
    }

    Set<Long> ended() {
        return ended;
    }

    int strangers() {
        return strangers.get();
    }

    /// How many notices with a status there were, but last ones.
    int notices(Status status) {
        AtomicInteger count = notices.get(status);
        return count == null ? 0 : count.get();
    }

    private void respond() throws InterruptedException {
        try {
            while (true) {
                try (Message message = group.waitReceive()) {
                    on(message);
                }
            }
        } catch (AmpeException e) {
            if (e.status() != Status.SHUTDOWN_STARTED) {
                throw e;
            }
        }
    }

    private void on(Message message) {
        if (message.endsChannel()) {
            onEnd(message);
        } else if (message.origin() == Origin.ENGINE) {
            if (message.opCode() == OpCode.SIGNAL) {
                notices.computeIfAbsent(message.status(), s -> new AtomicInteger())
                        .getAndIncrement();
            }
        } else if (message.opCode().role() == OpCode.Role.REQUEST) {
            if (message.opCode() == OpCode.HELLO_REQUEST) {
                assertThat(greeted.add(message.id())).as("a new hello").isTrue();
            }
            answer(message);
        }
    }

    private void onEnd(Message message) {
        if (message.id() == 0) {
            strangers.getAndIncrement();
        } else if (message.id() != door.id()) {
            assertThat(greeted).as("an end of what began").contains(message.id());
            assertThat(ended.add(message.id())).as("ended once").isTrue();
        }
    }

    private void answer(Message message) {
        try {
            boolean flood = message.body().text().equals(FLOOD);
            int channel = message.channel();
            group.enqueueToPeer(message.opCode(message.opCode().echo()));
            while (flood) {
                try (Message more = message().opCode(OpCode.SIGNAL).channel(channel)) {
                    more.body().append(MUCH);
                    group.enqueueToPeer(more);
                }
            }
        } catch (AmpeException e) {
            if (e.status() != Status.SEND_QUEUE_FULL && !ENDED.contains(e.status())) {
                throw e;
            }
        }
    }

    /// Ends the group; fails if the application did.
    @Override
    public void close() {
        group.close();
        running.result();
    }
}
