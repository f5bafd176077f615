package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Transport;

/// Two engines that talk to each other from many threads, while other threads interrupt those,
/// close groups, destroy groups and close engines. What happens when is decided by a seed, as far
/// as the scheduler allows.
///
/// Thread: one runs it; it starts the others, and waits for their end.
final class Turmoil {
    private static final Duration CLOSE_TIMEOUT = Duration.ofMillis(500);
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final int MAX_PAUSE_NANOS = 400_000;

    /// Where nobody listens, and whose name has to be looked up.
    private static final String NOWHERE = "tcp|localhost|1";

    /// What an application may be told while others close things.
    private static final Set<Status> EXPECTED =
            EnumSet.of(
                    Status.SHUTDOWN_STARTED,
                    Status.CHANNEL_CLOSED,
                    Status.INVALID_CHANNEL_NUMBER,
                    Status.SEND_QUEUE_FULL,
                    Status.INBOX_FULL);

    /// What happened in all rounds.
    static final class Figures {
        final AtomicLong interrupts = new AtomicLong();
        final AtomicLong interrupted = new AtomicLong();
        final AtomicLong closes = new AtomicLong();
        final AtomicLong messages = new AtomicLong();
        final AtomicLong longestCloseNanos = new AtomicLong();
    }

    private final SplittableRandom random;
    private final Figures figures;
    private final List<Running<Boolean>> workers = new ArrayList<>();
    private final List<Peer> peers = new ArrayList<>();
    private final boolean enginesCloseEarly;
    private volatile boolean ending;
    private int clientChannel;

    Turmoil(long seed, Figures figures) {
        this.random = new SplittableRandom(seed);
        this.figures = figures;
        this.enginesCloseEarly = random.nextInt(4) == 0;
    }

    /// Whether engines close while threads may hold messages of theirs, which is warned of.
    boolean enginesCloseEarly() {
        return enginesCloseEarly;
    }

    /// Plays one round.
    void run() {
        Transport transport = random.nextBoolean() ? Transport.TCP : Transport.UDS;
        Peer server = peer();
        Peer client = peer();
        Link link = Link.open(client, server, server.listen(transport).address());
        clientChannel = link.clientChannel();
        start(() -> receive(server));
        start(() -> receive(client));
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            SplittableRandom dice = random.split();
            start(() -> post(client, dice));
        }
        start(() -> update(client));
        List<Running<Boolean>> chaos = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            SplittableRandom dice = random.split();
            chaos.add(Running.run(() -> disturb(dice)));
        }
        chaos.forEach(Running::result);
        ending = true;
        closeAll(peer -> peer.group().close());
        workers.forEach(Running::result);
        closeAll(peer -> peer.ampe().close());
    }

    private Peer peer() {
        Options.Builder options =
                Options.builder()
                        .leakDetection(LeakDetection.PARANOID)
                        .closeTimeout(CLOSE_TIMEOUT)
                        .initialPoolMessages(0)
                        .maxPoolMessages(256)
                        .sendQueueMessages(8 + random.nextInt(64))
                        .receiveWindowMessages(8 + random.nextInt(64))
                        .loops(1 + random.nextInt(2));
        Peer peer = new Peer(Ampe.open(options.build()));
        peers.add(peer);
        return peer;
    }

    private void start(Running.Action work) {
        workers.add(Running.run(work));
    }

    // ---- the application

    /// What may be told no, or be interrupted.
    private interface Step {
        void run() throws InterruptedException;
    }

    /// Goes on until the group is closed.
    private void untilClosed(Step step) {
        boolean open = true;
        while (open) {
            try {
                step.run();
            } catch (InterruptedException e) {
                figures.interrupted.incrementAndGet();
            } catch (AmpeException e) {
                assertThat(e.status()).as("refused: " + e).isIn(EXPECTED);
                open = e.status() != Status.SHUTDOWN_STARTED;
                LockSupport.parkNanos(1_000);
            }
        }
    }

    /// Receives, and answers what can be answered.
    private void receive(Peer peer) {
        untilClosed(
                () -> {
                    try (Message message = peer.group().waitReceive(LONG)) {
                        if (message != null && message.origin() == Origin.APPLICATION) {
                            figures.messages.incrementAndGet();
                            answer(peer, message);
                        }
                    }
                });
    }

    private static void answer(Peer peer, Message message) throws InterruptedException {
        boolean asks =
                message.opCode().role() == OpCode.Role.REQUEST
                        && message.status() == Status.SUCCESS;
        if (asks) {
            message.opCode(message.opCode().echo());
            peer.group().enqueueToPeer(message, LONG);
        }
    }

    /// Posts requests, waiting for room or not, and now and then opens a channel that fails.
    private void post(Peer peer, SplittableRandom dice) {
        untilClosed(
                () -> {
                    try (Message message = message(peer)) {
                        if (dice.nextInt(64) == 0) {
                            message.opCode(OpCode.HELLO_REQUEST);
                            message.headers().append(Address.CONNECT_TO, NOWHERE);
                            peer.group().enqueueToPeer(message);
                            return;
                        }
                        message.opCode(OpCode.REQUEST).channel(clientChannel);
                        message.body().append("b".repeat(dice.nextInt(500)));
                        BinaryHeader moved =
                                dice.nextBoolean()
                                        ? peer.group().enqueueToPeer(message, LONG)
                                        : peer.group().enqueueToPeer(message);
                        assertThat(moved.id()).isNotZero();
                    }
                });
    }

    private void update(Peer peer) {
        untilClosed(
                () -> {
                    peer.group().updateReceiver(null);
                    try (Message message = message(peer)) {
                        peer.group().updateReceiver(message);
                    }
                    LockSupport.parkNanos(20_000);
                });
    }

    private static Message message(Peer peer) {
        return peer.ampe().get();
    }

    // ---- what disturbs it

    private void disturb(SplittableRandom dice) {
        int steps = 2 + dice.nextInt(6);
        for (int i = 0; i < steps && !ending; i++) {
            LockSupport.parkNanos(dice.nextInt(MAX_PAUSE_NANOS));
            int kind = dice.nextInt(16);
            if (kind < 12) {
                workers.get(dice.nextInt(workers.size())).interrupt();
                figures.interrupts.incrementAndGet();
            } else {
                end(kind, peers.get(dice.nextInt(peers.size())), dice.nextBoolean());
            }
        }
    }

    /// Closes something, perhaps as a thread that is interrupted, which stays interrupted then.
    private void end(int kind, Peer peer, boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        long start = System.nanoTime();
        if (enginesCloseEarly) {
            peer.ampe().close();
        } else if (kind % 2 == 0) {
            peer.group().close();
        } else {
            peer.ampe().destroy(peer.group());
        }
        count(start);
        assertThat(Thread.interrupted()).as("still interrupted").isEqualTo(interrupted);
    }

    private void closeAll(Consumer<Peer> close) {
        List<Running<Boolean>> closing = new ArrayList<>();
        for (Peer peer : peers) {
            closing.add(
                    Running.run(
                            () -> {
                                long start = System.nanoTime();
                                close.accept(peer);
                                count(start);
                            }));
        }
        closing.forEach(Running::result);
    }

    private void count(long startNanos) {
        figures.closes.incrementAndGet();
        figures.longestCloseNanos.accumulateAndGet(System.nanoTime() - startNanos, Math::max);
    }
}
