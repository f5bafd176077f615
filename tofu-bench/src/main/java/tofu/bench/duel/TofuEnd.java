package tofu.bench.duel;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;
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

    private final Ampe ampe;
    private final ChannelGroup group;
    private final OpCode opCode;
    private final int[] channels;

    /// Takes over an engine.
    ///
    /// @param opCode of what is sent
    /// @param channels the numbers of those that are connected
    TofuEnd(Ampe ampe, ChannelGroup group, OpCode opCode, int... channels) {
        this.ampe = ampe;
        this.group = group;
        this.opCode = opCode;
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
        if (message.origin() == Origin.APPLICATION && message.opCode() != OpCode.HELLO_REQUEST) {
            return message;
        }
        try (message) {
            if (message.origin() == Origin.APPLICATION) {
                turnRound(message);
            } else if (message.status() != Status.SEND_QUEUE_READY
                    && message.status() != Status.POOL_EMPTY) {
                throw new IllegalStateException("the engine says " + message.status());
            }
        }
        return null;
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
