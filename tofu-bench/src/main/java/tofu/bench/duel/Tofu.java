package tofu.bench.duel;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
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
    private static final long POOL_PAUSE_NANOS = 50_000;
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
            group.enqueueToPeer(message(ampe).listenOn(listener(task)));
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
                        case SIGNAL -> take(message, task, meter);
                        case REQUEST -> {
                            take(message, task, meter);
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
            for (int i = 0; i < task.idle(); i++) {
                connect(ampe, group, place);
            }
            int[] channels = new int[task.channels()];
            for (int i = 0; i < channels.length; i++) {
                channels[i] = connect(ampe, group, place);
            }
            Driver driver = new Driver(ampe, group, task, meter);
            if (task.isOneWay()) {
                driver.flood(channels);
            } else {
                driver.converse(channels);
            }
        }
    }

    /// What the client does once it is connected.
    private record Driver(Ampe ampe, ChannelGroup group, Task task, Meter meter, Payload payload) {
        Driver(Ampe ampe, ChannelGroup group, Task task, Meter meter) {
            this(ampe, group, task, meter, new Payload(task.size()));
        }

        /// Sends without end, to each channel in turn.
        void flood(int... channels) throws InterruptedException {
            while (true) {
                for (int channel : channels) {
                    send(OpCode.SIGNAL, channel);
                }
            }
        }

        /// Sends a window of messages to each channel, then one for each that comes back.
        void converse(int... channels) throws InterruptedException {
            for (int i = 0; i < task.mode().window(); i++) {
                for (int channel : channels) {
                    send(OpCode.REQUEST, channel);
                }
            }
            while (true) {
                try (Message message = group.waitReceive()) {
                    if (message.origin() == Origin.ENGINE) {
                        notice(message);
                        continue;
                    }
                    take(message, task, meter);
                    long sequence = meter.next(task.lane(message.channel()));
                    message.opCode(OpCode.REQUEST).body().clear().append(payload.with(sequence));
                    group.enqueueToPeer(message, PATIENCE);
                }
            }
        }

        private void send(OpCode opCode, int channel) throws InterruptedException {
            byte[] bytes = payload.with(meter.next(task.lane(channel)));
            try (Message message = message(ampe)) {
                message.opCode(opCode).channel(channel).body().append(bytes);
                group.enqueueToPeer(message, PATIENCE);
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
        int channel =
                group.enqueueToPeer(message(ampe).connectTo(Address.connectTo(place))).channel();
        try (Message hello = group.waitReceive()) {
            if (hello.opCode() != OpCode.HELLO_RESPONSE || hello.origin() == Origin.ENGINE) {
                throw new IllegalStateException("cannot connect: " + hello);
            }
        }
        return channel;
    }

    /// A message from the pool; waits while all are out, which takes many full send queues.
    private static Message message(Ampe ampe) {
        Message message = ampe.get(AllocationStrategy.POOL_ONLY);
        while (message == null) {
            LockSupport.parkNanos(ampe, POOL_PAUSE_NANOS);
            message = ampe.get(AllocationStrategy.POOL_ONLY);
        }
        return message;
    }

    private static void take(Message message, Task task, Meter meter) {
        long sequence = message.body().segment().get(SEQUENCE, 0);
        meter.received(task.lane(message.channel()), sequence, message.body().length());
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
