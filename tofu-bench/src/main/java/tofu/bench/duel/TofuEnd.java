package tofu.bench.duel;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// One side of tofu's channels: an engine, and a group that all of them are in.
///
/// One-way messages are signals, those that come back are requests and responses. Messages come
/// from the pool; a full send queue makes the sender wait; an echo goes back in its own memory.
final class TofuEnd implements End {
    private static final Duration MOMENT = Duration.ofMillis(MOMENT_MILLIS);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long POOL_PAUSE_NANOS = 50_000;
    private static final int POOL_PAUSES = MOMENT_MILLIS * 1_000_000 / (int) POOL_PAUSE_NANOS;
    private static final ValueLayout.OfLong SEQUENCE =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /// What the engine says in good order.
    private static final Set<Status> EXPECTED =
            EnumSet.of(Status.SEND_QUEUE_READY, Status.POOL_EMPTY, Status.CHANNEL_CLOSED);

    private final Ampe ampe;
    private final ChannelGroup group;
    private final OpCode opCode;
    private final Connector connector;
    private final int[] channels;

    /// Makes a connection.
    interface Connector {
        /// Returns its channel's number.
        int connect() throws InterruptedException;
    }

    /// Takes over an engine.
    ///
    /// @param opCode of what is sent
    /// @param connector makes a channel in place of one of these
    /// @param channels the numbers of those that are connected
    TofuEnd(Ampe ampe, ChannelGroup group, OpCode opCode, Connector connector, int... channels) {
        this.ampe = ampe;
        this.group = group;
        this.opCode = opCode;
        this.connector = connector;
        this.channels = channels;
    }

    @Override
    public boolean send(int channel, byte[] payload) throws InterruptedException {
        try (Message message = message()) {
            if (message == null) {
                return false;
            }
            message.opCode(opCode).channel(channels[channel]).body().append(payload);
            group.enqueueToPeer(message, MOMENT);
            return true;
        } catch (AmpeException e) {
            if (e.status() != Status.SEND_QUEUE_FULL) {
                throw e;
            }
            return false;
        }
    }

    @Override
    public boolean take(Talk talk) throws InterruptedException {
        try (Message message = receive()) {
            if (message == null) {
                return false;
            }
            received(message, talk);
            return true;
        }
    }

    @Override
    public boolean answer(Talk talk) throws InterruptedException {
        try (Message message = receive()) {
            if (message == null) {
                return false;
            }
            received(message, talk);
            turnRound(message);
            return true;
        }
    }

    @Override
    public boolean converse(Talk talk) throws InterruptedException {
        try (Message message = receive()) {
            if (message == null) {
                return false;
            }
            byte[] next = talk.next(received(message, talk));
            message.opCode(opCode).body().clear().append(next);
            group.enqueueToPeer(message, PATIENCE);
            return true;
        }
    }

    @Override
    public void reconnect() throws InterruptedException {
        for (int i = 0; i < channels.length; i++) {
            group.enqueueToPeer(ampe.get().opCode(OpCode.BYE_REQUEST).channel(channels[i]));
            awaitEnd(channels[i]);
            channels[i] = connector.connect();
        }
    }

    private void awaitEnd(int channel) throws InterruptedException {
        while (true) {
            try (Message message = group.waitReceive()) {
                if (message.channel() != channel) {
                    throw new IllegalStateException("unexpected " + message);
                }
                if (message.endsChannel()) {
                    return;
                }
            }
        }
    }

    @Override
    public void close() {
        ampe.close();
    }

    /// A message from the pool; `null` if all are out for a moment, which takes many full queues.
    private @Nullable Message message() {
        Message message = ampe.get(AllocationStrategy.POOL_ONLY);
        for (int i = 0; message == null && i < POOL_PAUSES; i++) {
            LockSupport.parkNanos(ampe, POOL_PAUSE_NANOS);
            message = ampe.get(AllocationStrategy.POOL_ONLY);
        }
        return message;
    }

    /// The application's next message. What else comes is dealt with: `null` then, or if nothing
    /// came.
    private @Nullable Message receive() throws InterruptedException {
        Message message = group.waitReceive(MOMENT);
        if (message == null) {
            return null;
        }
        if (message.origin() == Origin.APPLICATION && isPayload(message.opCode())) {
            return message;
        }
        try (message) {
            if (message.origin() == Origin.APPLICATION) {
                turnRound(message);
            } else if (!EXPECTED.contains(message.status())) {
                throw new IllegalStateException("the engine says " + message.status());
            }
        }
        return null;
    }

    private static boolean isPayload(OpCode opCode) {
        return opCode != OpCode.HELLO_REQUEST && opCode != OpCode.BYE_REQUEST;
    }

    private static long received(Message message, Talk talk) {
        long sequence = message.body().segment().get(SEQUENCE, 0);
        talk.received(sequence, message.body().length());
        return sequence;
    }

    private void turnRound(Message message) throws InterruptedException {
        message.opCode(message.opCode().echo());
        group.enqueueToPeer(message, PATIENCE);
    }
}
