package tofu.tests.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Transport;

/// A server whose application has one thread that receives, and some that keep what was asked for a
/// while, make it longer, and send it back if they can.
///
/// Threads: one opens and closes it. Owns its group.
final class SmallServer {
    /// Requests of this length are answered at once, as they are.
    static final int QUICK = 64;

    private static final int WORKERS = 4;
    private static final int MOST_HELD = 32;
    private static final int LONGEST_BODY = 65_535;
    private static final byte[] MORE = new byte[LONGEST_BODY];

    private final ChannelGroup group;
    private final String address;
    private final BlockingQueue<Message> asked = new ArrayBlockingQueue<>(256);
    private final AtomicLong requests = new AtomicLong();
    private final List<Running<Boolean>> threads = new ArrayList<>();
    private volatile boolean closed;

    SmallServer(Ampe ampe, Transport transport, SplittableRandom dice) throws InterruptedException {
        group = ampe.create();
        Message message = ampe.get();
        group.enqueueToPeer(message.listenOn(Address.listenOn(transport.listenAddress())));
        try (Message welcome = group.waitReceive()) {
            assertThat(welcome.status()).isEqualTo(Status.SUCCESS);
            address = Address.parse(welcome).toString();
        }
        threads.add(Running.run(this::receive));
        for (int i = 0; i < WORKERS; i++) {
            SplittableRandom own = dice.split();
            threads.add(Running.run(() -> work(own)));
        }
    }

    String address() {
        return address;
    }

    /// How many requests came.
    long requests() {
        return requests.get();
    }

    private void receive() throws InterruptedException {
        try {
            while (true) {
                Message message = group.waitReceive();
                if (message.origin() == Origin.ENGINE) {
                    assertThat(message.status()).isNotEqualTo(Status.PROCESSING_FAILED);
                    message.close();
                } else if (message.opCode() == OpCode.REQUEST) {
                    requests.incrementAndGet();
                    asked.put(message);
                } else if (message.opCode().role() == OpCode.Role.REQUEST) {
                    answer(message);
                } else {
                    message.close();
                }
            }
        } catch (AmpeException e) {
            assertThat(e.status()).isEqualTo(Status.SHUTDOWN_STARTED);
        } finally {
            closed = true;
        }
    }

    private void work(SplittableRandom dice) throws InterruptedException {
        Deque<Message> held = new ArrayDeque<>();
        try {
            while (!closed || !asked.isEmpty()) {
                Message message = asked.poll(5, TimeUnit.MILLISECONDS);
                if (message == null) {
                    held.forEach(this::answer);
                    held.clear();
                } else if (message.body().length() == QUICK) {
                    answer(message);
                } else {
                    held.add(message);
                    if (held.size() > dice.nextInt(MOST_HELD)) {
                        prolong(held.removeFirst(), dice);
                    }
                }
            }
        } finally {
            held.forEach(Message::close);
        }
    }

    private void prolong(Message message, SplittableRandom dice) {
        try (message) {
            int room = LONGEST_BODY - message.body().length();
            message.body().append(MORE, 0, Math.min(room, 1 << dice.nextInt(16)));
            answer(message);
        } catch (AmpeException e) {
            assertThat(e.status()).isEqualTo(Status.ALLOCATION_FAILED);
        }
    }

    /// Sends it back. Who does not read is cut off, as else its answers would keep the memory.
    private void answer(Message message) {
        try (message) {
            int channel = message.channel();
            try {
                group.enqueueToPeer(message.opCode(message.opCode().echo()));
            } catch (AmpeException e) {
                if (e.status() != Status.SEND_QUEUE_FULL) {
                    throw e;
                }
                group.enqueueToPeer(message.clear().opCode(OpCode.BYE_SIGNAL).channel(channel));
            }
        } catch (AmpeException e) {
            assertThat(e.status()).as("an answer refused: " + e).isIn(Refusals.GONE);
        }
    }

    /// Ends the group; fails if the application did.
    void close(Watchdog watchdog) {
        watchdog.await("the group closes", List.of(Running.run(group::close)));
        watchdog.await("the application ends", threads);
    }
}
