package tofu.bench.duel;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.function.Consumer;
import tofu.api.Address;
import tofu.api.AllocationStrategy;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.Status;

/// This library, used through its public API only.
///
/// One-way messages are signals, those that come back are requests and responses. Messages come
/// from the pool; a full send queue makes the sender wait; an echo goes back in its own memory.
final class Tofu implements Contestant {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ValueLayout.OfLong SEQUENCE =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Options options;

    Tofu(Options options) {
        this.options = options;
    }

    @Override
    public void serve(Task task, Meter meter, Consumer<String> listening)
            throws InterruptedException {
        try (Ampe ampe = Ampe.open(options);
                ChannelGroup group = ampe.create()) {
            group.enqueueToPeer(listener(task).format(message(ampe)));
            while (true) {
                try (Message message = group.waitReceive()) {
                    if (message.origin() == Origin.ENGINE) {
                        notice(message);
                        continue;
                    }
                    switch (message.opCode()) {
                        case WELCOME_RESPONSE ->
                                listening.accept(Address.parse(message).toString());
                        case HELLO_REQUEST -> turnRound(group, message);
                        case SIGNAL -> take(message, meter);
                        case REQUEST -> {
                            take(message, meter);
                            turnRound(group, message);
                        }
                        default -> throw new IllegalStateException("unexpected " + message);
                    }
                }
            }
        }
    }

    @Override
    public void drive(Task task, Meter meter, String place) throws InterruptedException {
        try (Ampe ampe = Ampe.open(options);
                ChannelGroup group = ampe.create()) {
            int channel = connect(ampe, group, place);
            Payload payload = new Payload(task.size());
            if (task.isOneWay()) {
                while (true) {
                    send(ampe, group, OpCode.SIGNAL, channel, payload.with(meter.next()));
                }
            }
            for (int i = 0; i < task.mode().window(); i++) {
                send(ampe, group, OpCode.REQUEST, channel, payload.with(meter.next()));
            }
            while (true) {
                try (Message message = group.waitReceive()) {
                    if (message.origin() == Origin.ENGINE) {
                        notice(message);
                        continue;
                    }
                    take(message, meter);
                    message.opCode(OpCode.REQUEST).body().clear();
                    message.body().append(payload.with(meter.next()));
                    group.enqueueToPeer(message, PATIENCE);
                }
            }
        }
    }

    private static Address.Server listener(Task task) {
        return task.isTcp()
                ? new Address.TcpServer("127.0.0.1", 0)
                : new Address.UdsServer(task.socketFile().toString());
    }

    private static int connect(Ampe ampe, ChannelGroup group, String place)
            throws InterruptedException {
        int channel = group.enqueueToPeer(Address.connectTo(place).format(message(ampe))).channel();
        try (Message hello = group.waitReceive()) {
            if (hello.opCode() != OpCode.HELLO_RESPONSE || hello.origin() == Origin.ENGINE) {
                throw new IllegalStateException("cannot connect: " + hello);
            }
        }
        return channel;
    }

    private static void send(
            Ampe ampe, ChannelGroup group, OpCode opCode, int channel, byte[] bytes)
            throws InterruptedException {
        try (Message message = message(ampe)) {
            message.opCode(opCode).channel(channel).body().append(bytes);
            group.enqueueToPeer(message, PATIENCE);
        }
    }

    /// A message from the pool, which the send queue's bound keeps from running empty.
    private static Message message(Ampe ampe) {
        Message message = ampe.get(AllocationStrategy.POOL_ONLY);
        if (message == null) {
            throw new IllegalStateException("the pool is empty");
        }
        return message;
    }

    private static void take(Message message, Meter meter) {
        long sequence = message.body().segment().get(SEQUENCE, 0);
        meter.received(sequence, message.body().length());
    }

    private static void turnRound(ChannelGroup group, Message message) throws InterruptedException {
        message.opCode(message.opCode().echo());
        group.enqueueToPeer(message, PATIENCE);
    }

    private static void notice(Message message) {
        if (message.status() != Status.SEND_QUEUE_READY && message.status() != Status.POOL_EMPTY) {
            throw new IllegalStateException("the engine says " + message.status());
        }
    }
}
