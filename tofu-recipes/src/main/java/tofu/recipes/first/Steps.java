package tofu.recipes.first;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.fixtures.TestAddresses;

/// The steps that nearly every recipe and program takes first and last, as calls: listen, connect,
/// receive, answer, say bye. [Connect] spells them out, message by message.
///
/// They are for a group that has nothing else to receive meanwhile: what arrives and was not
/// expected is a [Failure].
///
/// Threads: the one that receives from the group.
public final class Steps {
    /// How long a recipe waits for anything before it gives up.
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private Steps() {}

    /// Listens.
    ///
    /// @return where to connect to: with the real port, if the system was to choose one
    public static Address.Client listen(Ampe ampe, ChannelGroup group, Address.Server address)
            throws InterruptedException {
        try (Message welcome = ampe.get()) {
            group.enqueueToPeer(welcome.listenOn(address));
        }
        try (Message welcome = receive(group, OpCode.WELCOME_RESPONSE)) {
            return Address.parse(welcome).toClient();
        } catch (Failure e) {
            throw new Failure("cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    /// Says hello, and does not wait for the answer.
    ///
    /// @return the number of the new channel
    public static int hello(Ampe ampe, ChannelGroup group, Address.Client address) {
        try (Message hello = ampe.get()) {
            return group.enqueueToPeer(hello.connectTo(address)).channel();
        }
    }

    /// Connects, and waits until the peer says hello, too.
    ///
    /// @return the number of the new channel
    public static int connect(Ampe ampe, ChannelGroup group, Address.Client address)
            throws InterruptedException {
        hello(ampe, group, address);
        try (Message hello = receive(group, OpCode.HELLO_RESPONSE)) {
            return hello.channel();
        } catch (Failure e) {
            throw new Failure("cannot connect to " + address + ": " + e.getMessage(), e);
        }
    }

    /// Connects, if it can. A bye in place of the hello is how a server refuses.
    ///
    /// @return the number of the new channel, 0 if nobody said hello; that channel has ended then
    public static int tryConnect(Ampe ampe, ChannelGroup group, Address.Client address)
            throws InterruptedException {
        int channel = hello(ampe, group, address);
        while (true) {
            try (Message message = next(group)) {
                if (message.endsChannel()) {
                    return 0;
                }
                if (message.origin() == Origin.APPLICATION) {
                    if (message.opCode() == OpCode.HELLO_RESPONSE) {
                        return channel;
                    }
                    if (message.opCode() == OpCode.BYE_REQUEST) {
                        tryAnswer(group, message);
                    }
                }
                // Else it is a refusal, or the hello that comes back; the end follows.
            }
        }
    }

    /// An address that is known before anybody listens there: port 0 becomes a free one.
    public static Address.Server knownInAdvance(Address.Server address) {
        return switch (address) {
            case Address.TcpServer tcp when tcp.port() == 0 ->
                    new Address.TcpServer(tcp.host(), TestAddresses.freeTcpPort());
            case Address.TlsServer tls when tls.port() == 0 ->
                    new Address.TlsServer(tls.host(), TestAddresses.freeTcpPort());
            default -> address;
        };
    }

    /// Waits for the next message, which must be an application's, with this op code.
    ///
    /// @return a message, owned by the caller
    public static Message receive(ChannelGroup group, OpCode expected) throws InterruptedException {
        Message message = receive(group);
        if (message.opCode() == expected) {
            return message;
        }
        try (message) {
            throw new Failure("expected " + expected + ", but " + message.opCode() + " arrived");
        }
    }

    /// Waits for the next message, which must be an application's. What the engine only remarks,
    /// on a queue or the pool, is passed over.
    ///
    /// @return a message, owned by the caller
    public static Message receive(ChannelGroup group) throws InterruptedException {
        while (true) {
            Message message = next(group);
            if (message.origin() == Origin.APPLICATION) {
                return message;
            }
            try (message) {
                if (!isRemark(message)) {
                    throw new Failure(
                            message.origin()
                                    + " sent "
                                    + message.opCode()
                                    + " with "
                                    + message.status());
                }
            }
        }
    }

    /// Whether a notice only says how queue and pool are doing.
    private static boolean isRemark(Message notice) {
        return notice.status() == Status.SEND_QUEUE_READY || notice.status() == Status.POOL_EMPTY;
    }

    /// Waits for the next message, whatever it is.
    ///
    /// @return a message, owned by the caller
    public static Message next(ChannelGroup group) throws InterruptedException {
        Message message = group.waitReceive(PATIENCE);
        if (message == null) {
            throw new Failure("nothing arrived within " + PATIENCE.toSeconds() + " s");
        }
        return message;
    }

    /// Waits for the next message of a group that another thread may close.
    ///
    /// @return a message, owned by the caller; `null` once the group is closed
    public static @Nullable Message nextUnlessClosed(ChannelGroup group)
            throws InterruptedException {
        try {
            return group.waitReceive();
        } catch (AmpeException e) {
            if (e.status() == Status.SHUTDOWN_STARTED) {
                return null;
            }
            throw e;
        }
    }

    /// Enqueues a message for a peer that may be gone by now. A server must go on then.
    ///
    /// @param message moved if this returns true, else still the caller's
    /// @return false if the peer is gone, or has not read for too long, or the group is closed
    public static boolean trySend(ChannelGroup group, Message message) throws InterruptedException {
        try {
            group.enqueueToPeer(message, PATIENCE);
            return true;
        } catch (AmpeException e) {
            return switch (e.status()) {
                case CHANNEL_CLOSED, INVALID_CHANNEL_NUMBER, SEND_QUEUE_FULL, SHUTDOWN_STARTED ->
                        false;
                default -> throw e;
            };
        }
    }

    /// Turns a message round as [#answer] does, for a peer that may be gone by now.
    ///
    /// @return as [#trySend]
    public static boolean tryAnswer(ChannelGroup group, Message message)
            throws InterruptedException {
        return trySend(group, message.opCode(message.opCode().echo()));
    }

    /// Turns a hello, request, signal or bye round in place: same channel, id, headers and body.
    ///
    /// @param message moved if this returns normally
    public static void answer(ChannelGroup group, Message message) throws InterruptedException {
        message.opCode(message.opCode().echo());
        group.enqueueToPeer(message, PATIENCE);
    }

    /// Ends a channel in good order: all that was sent before arrives, then both sides agree.
    public static void bye(Ampe ampe, ChannelGroup group, int channel) throws InterruptedException {
        try (Message bye = ampe.get()) {
            group.enqueueToPeer(bye.opCode(OpCode.BYE_REQUEST).channel(channel));
        }
        receive(group, OpCode.BYE_RESPONSE).close();
        awaitEnd(group, channel);
    }

    /// Ends a channel at once, if it has not ended yet.
    public static void cut(Ampe ampe, ChannelGroup group, int channel) throws InterruptedException {
        try (Message bye = ampe.get()) {
            trySend(group, bye.opCode(OpCode.BYE_SIGNAL).channel(channel));
        }
    }

    /// Waits for the last message of a channel; what the channel has besides is let go.
    public static void awaitEnd(ChannelGroup group, int channel) throws InterruptedException {
        boolean ended = false;
        while (!ended) {
            try (Message message = next(group)) {
                ended = message.endsChannel() && message.channel() == channel;
            }
        }
    }
}
