package tofu.tests.rigs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;

/// A group with its engine: says and expects, with a deadline, and tells what came instead.
///
/// Thread: one at a time.
public final class Peer {
    /// How long anything may take that is expected to happen.
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Ampe ampe;
    private final ChannelGroup group;

    /// All that came, for the story of a failure.
    private final List<Received> story = new ArrayList<>();

    private boolean restIgnored;

    /// Creates a group on an engine, which closes it.
    public Peer(Ampe ampe) {
        this.ampe = ampe;
        this.group = ampe.create();
    }

    /// The engine.
    public Ampe ampe() {
        return ampe;
    }

    /// The group.
    public ChannelGroup group() {
        return group;
    }

    // ---- saying

    /// An empty message.
    public Message message() {
        return ampe.get();
    }

    /// Enqueues a message that has nothing else.
    public BinaryHeader say(OpCode opCode, int channel) {
        return say(opCode, channel, message -> {});
    }

    /// Enqueues a message with an id.
    public BinaryHeader say(OpCode opCode, int channel, long id) {
        return say(opCode, channel, message -> message.id(id));
    }

    /// Enqueues a message with a body.
    public BinaryHeader say(OpCode opCode, int channel, String body) {
        return say(opCode, channel, message -> message.body().append(body));
    }

    /// Enqueues a message, which must be accepted.
    ///
    /// @param filling adds what the message shall have
    /// @return its header, as it was enqueued
    public BinaryHeader say(OpCode opCode, int channel, Consumer<Message> filling) {
        try (Message message = message().opCode(opCode).channel(channel)) {
            filling.accept(message);
            BinaryHeader header = group.enqueueToPeer(message);
            assertThat(message.isEmptied()).as("moved").isTrue();
            return header;
        }
    }

    /// Enqueues what must be refused, and checks that it stays the caller's.
    ///
    /// @return why it was refused
    public Status refusal(OpCode opCode, int channel, Consumer<Message> filling) {
        try (Message message = message().opCode(opCode).channel(channel)) {
            filling.accept(message);
            return refusal(message);
        }
    }

    /// Enqueues what must be refused, and checks that it stays the caller's as it was, but for an
    /// id that it may have got.
    public Status refusal(Message message) {
        BinaryHeader before = message.header();
        String body = message.body().text();
        Status reason;
        try {
            BinaryHeader moved = group.enqueueToPeer(message);
            return fail("was not refused: " + before + ", enqueued as " + moved);
        } catch (AmpeException e) {
            reason = e.status();
        }
        assertThat(message.isEmptied()).as("moved").isFalse();
        assertThat(message.body().text()).isEqualTo(body);
        if (before.id() == 0) {
            message.id(0);
        }
        assertThat(message.header()).isEqualTo(before);
        return reason;
    }

    /// The same of a message that has nothing else.
    public Status refusal(OpCode opCode, int channel) {
        return refusal(opCode, channel, message -> {});
    }

    /// Starts listening.
    public BinaryHeader sayWelcome(String address) {
        return say(OpCode.WELCOME_REQUEST, 0, m -> m.headers().append(Address.LISTEN_ON, address));
    }

    /// Starts connecting.
    public BinaryHeader sayHello(String address) {
        return say(OpCode.HELLO_REQUEST, 0, m -> m.headers().append(Address.CONNECT_TO, address));
    }

    /// Listens on an address of its own.
    public Door listen(Transport transport) {
        return listen(transport.listenAddress());
    }

    /// Listens on an address.
    public Door listen(String address) {
        BinaryHeader welcome = sayWelcome(address);
        Received answer = expect(OpCode.WELCOME_RESPONSE, welcome.id());
        return new Door(answer.required(Address.LISTEN_ON), welcome.channel(), welcome.id());
    }

    // ---- expecting

    /// Waits for the next message, whatever it is.
    public Received next() {
        return next("a message");
    }

    /// Takes a message that is there, or comes very soon.
    public @Nullable Received poll(Duration timeout) {
        try {
            Message message = group.waitReceive(timeout);
            if (message == null) {
                return null;
            }
            Received received = Received.of(message);
            story.add(received);
            return received;
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted" + story(), e);
        }
    }

    private Received next(String expected) {
        Received received = poll(PATIENCE);
        return received != null ? received : fail("no " + expected + " came" + story());
    }

    /// Expects a message of the peer's application, or the engine's good news.
    public Received expect(OpCode opCode) {
        Received received = next(opCode.toString());
        boolean matches =
                received.opCode() == opCode
                        && received.status() == Status.SUCCESS
                        && !received.isFromEngine();
        return matches ? received : fail("expected " + opCode + story());
    }

    /// The same, with this id.
    public Received expect(OpCode opCode, long id) {
        Received received = expect(opCode);
        return received.id() == id ? received : fail("expected id " + id + story());
    }

    /// Expects one of our messages back, with the reason.
    public Received expectReturned(OpCode opCode, long id, Status reason) {
        String expected = opCode + " returned with id " + id + " and " + reason;
        Received received = next(expected);
        boolean matches =
                received.opCode() == opCode
                        && received.id() == id
                        && received.status() == reason
                        && received.isFromEngine();
        return matches ? received : fail("expected " + expected + story());
    }

    /// Expects a signal of the engine.
    public Received expectNotice(Status status, int channel) {
        String expected = "notice of " + status + " on channel " + channel;
        Received received = next(expected);
        boolean matches =
                received.opCode() == OpCode.SIGNAL
                        && received.status() == status
                        && received.channel() == channel
                        && received.isFromEngine();
        return matches ? received : fail("expected " + expected + story());
    }

    /// Expects a channel's last message.
    ///
    /// @param id that of its Hello or Welcome
    public void expectClosed(int channel, long id) {
        Received received = expectNotice(Status.CHANNEL_CLOSED, channel);
        if (received.id() != id) {
            fail("expected the end of channel " + channel + " to have the id " + id + story());
        }
    }

    /// Collects what comes before the last message of a channel.
    public List<Received> untilClosed(int channel) {
        List<Received> before = new ArrayList<>();
        while (true) {
            Received received = next("end of channel " + channel);
            if (received.status() == Status.CHANNEL_CLOSED
                    && received.opCode() == OpCode.SIGNAL
                    && received.channel() == channel) {
                return before;
            }
            before.add(received);
        }
    }

    /// Expects that the engine had nothing more to say until now.
    ///
    /// A WelcomeRequest with a bad address goes through the loop and comes back, behind everything
    /// that the loop had to say before.
    public void expectNothing() {
        BinaryHeader barrier = sayWelcome("nonsense");
        expectReturned(OpCode.WELCOME_RESPONSE, barrier.id(), Status.INVALID_ADDRESS);
        expectClosed(barrier.channel(), barrier.id());
    }

    /// Expects that nothing comes for a while.
    public void expectSilence(Duration duration) {
        Received received = poll(duration);
        if (received != null) {
            fail("expected silence" + story());
        }
    }

    // ---- the end

    /// Leaves unread what this peer still gets: its test is about something else.
    public void ignoreRest() {
        restIgnored = true;
    }

    /// What came and was not expected.
    List<Received> unread() {
        List<Received> unread = new ArrayList<>();
        try {
            for (Received r = poll(Duration.ZERO); r != null; r = poll(Duration.ZERO)) {
                unread.add(r);
            }
        } catch (AmpeException closed) {
            return List.of();
        }
        return restIgnored ? List.of() : unread;
    }

    /// Forgets what came until now: a long test's story would fill the memory.
    public void forget() {
        story.clear();
    }

    /// All that came, as the end of a failure's text.
    public String story() {
        return story.stream()
                .map(Received::toString)
                .collect(Collectors.joining("\n  ", "; what came until now:\n  ", ""));
    }
}
