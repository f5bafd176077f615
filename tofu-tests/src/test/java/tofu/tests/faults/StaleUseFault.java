package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Hoard;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Applications that use what is not theirs any more: it costs them, and nobody else.
class StaleUseFault {
    private static final int ROUNDS = 2_000;
    private static final int POOL = 256;
    private static final String BODY = "of two threads";

    /// Far more than the buffers of the system take.
    private static final int QUEUED = 2_000;

    private static final int SENT_BYTES = 16 << 10;

    /// Of those that are queued, those from this one on are written after they moved.
    private static final int FIRST_SPOILT = QUEUED - 500;

    @RegisterExtension final Stage stage = new Stage();

    /// What becomes of the bodies is the application's fault; frames are as long as they were, and
    /// the others are untouched.
    @ParameterizedTest
    @EnumSource
    void aViewThatIsWrittenAfterItsMessageMovedSpoilsThatBodyOnly(Transport transport) {
        Peer server =
                stage.peer(
                        o -> o.sendQueueMessages(QUEUED).sendQueueBytes(2 * QUEUED * SENT_BYTES));
        RawPeer raw = stage.raw(server.listen(transport).address()).send(Frame.hello(1));
        int channel = server.expect(OpCode.HELLO_REQUEST, 1).channel();
        server.say(OpCode.HELLO_RESPONSE, channel, 1);
        raw.expect(Frame.of(OpCode.HELLO_RESPONSE, 1));

        String body = "x".repeat(SENT_BYTES);
        for (int id = 1; id <= QUEUED; id++) {
            MemorySegment view = sayAndKeepView(server, channel, id, body);
            if (id >= FIRST_SPOILT && id % 2 == 0) {
                view.fill((byte) 0xFF);
            }
        }
        for (int id = 1; id <= QUEUED; id++) {
            Frame frame = raw.receive();
            Frame expected = Frame.of(OpCode.SIGNAL, id, body);
            assertThat(frame.id()).isEqualTo(id);
            if (id >= FIRST_SPOILT && id % 2 == 0) {
                assertThat(frame.body()).hasSize(SENT_BYTES);
            } else {
                assertThat(frame.onChannel(expected.channel())).isEqualTo(expected);
            }
        }
        raw.send(Frame.of(OpCode.SIGNAL, 5));
        server.expect(OpCode.SIGNAL, 5);
    }

    private static MemorySegment sayAndKeepView(Peer peer, int channel, long id, String body) {
        try (Message message = peer.message().opCode(OpCode.SIGNAL).channel(channel).id(id)) {
            message.body().append(body);
            MemorySegment view = message.body().segment();
            peer.group().enqueueToPeer(message);
            return view;
        }
    }

    /// What two threads do at once with one message.
    private enum Quarrel {
        BOTH_ENQUEUE(true, true),
        ONE_ENQUEUES_ONE_CLOSES(true, false),
        BOTH_CLOSE(false, false);

        final boolean firstEnqueues;
        final boolean secondEnqueues;

        Quarrel(boolean firstEnqueues, boolean secondEnqueues) {
            this.firstEnqueues = firstEnqueues;
            this.secondEnqueues = secondEnqueues;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMessageOfTwoThreadsIsMovedOrClosedOnceAndNobodyElseNotices(Quarrel quarrel) {
        Ampe engine = stage.engine(o -> o.maxPoolMessages(POOL));
        Peer server = stage.peer();
        Link link = Link.open(stage.peerOn(engine), server, address(server));
        Peer farBystander = stage.peer();
        Link bystanders = Link.open(stage.peerOn(engine), farBystander, address(farBystander));
        AtomicBoolean over = new AtomicBoolean();
        Running<Boolean> undisturbed =
                Running.run(
                        () -> {
                            for (int i = 0; !over.get(); i++) {
                                bystanders.echo("innocent " + i);
                            }
                        });
        Shared shared = new Shared(link);
        Running<Integer> first = Running.start(() -> shared.use(quarrel.firstEnqueues));
        Running<Integer> second = Running.start(() -> shared.use(quarrel.secondEnqueues));
        int enqueued = first.result() + second.result();
        over.set(true);
        undisturbed.result();

        switch (quarrel) {
            case BOTH_ENQUEUE -> assertThat(enqueued).isEqualTo(ROUNDS);
            case ONE_ENQUEUES_ONE_CLOSES -> assertThat(enqueued).isLessThanOrEqualTo(ROUNDS);
            case BOTH_CLOSE -> assertThat(enqueued).isZero();
        }
        long last = 0;
        for (int i = 0; i < enqueued; i++) {
            Received signal = server.expect(OpCode.SIGNAL);
            assertThat(signal.id()).isGreaterThan(last);
            assertThat(signal.body()).isEqualTo(BODY);
            last = signal.id();
        }
        server.expectNothing();
        link.bye();
        bystanders.bye();
        assertThat(Hoard.sizeOf(engine)).as("messages in the pool").isEqualTo(POOL);
    }

    private static String address(Peer server) {
        return server.listen(Transport.TCP).address();
    }

    /// Messages that two threads have, one after the other.
    private static final class Shared {
        private final Link link;
        private final CyclicBarrier next = new CyclicBarrier(2, this::make);
        private final AtomicInteger arrived = new AtomicInteger();
        private long lastId;
        private @Nullable Message message;

        Shared(Link link) {
            this.link = link;
        }

        private void make() {
            arrived.set(0);
            Message fresh = link.client().message();
            fresh.opCode(OpCode.SIGNAL).channel(link.clientChannel()).id(++lastId);
            fresh.body().append(BODY);
            message = fresh;
        }

        /// Enqueues or closes each of them, at the same moment as the other thread: whoever comes
        /// first does not sleep until the other is there.
        ///
        /// @return how many were enqueued
        int use(boolean enqueues) throws Exception {
            int enqueued = 0;
            for (int i = 0; i < ROUNDS; i++) {
                next.await(Peer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                Message ours = Objects.requireNonNull(message);
                arrived.incrementAndGet();
                while (arrived.get() < 2) {
                    Thread.onSpinWait();
                }
                try {
                    if (enqueues) {
                        link.client().group().enqueueToPeer(ours, Peer.PATIENCE);
                        enqueued++;
                    } else {
                        ours.close();
                    }
                } catch (AmpeException other) {
                    // the other thread was faster
                }
            }
            return enqueued;
        }
    }
}
