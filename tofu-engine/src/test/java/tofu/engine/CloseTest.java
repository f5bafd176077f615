package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.engine.channel.Crew;

/// Groups and engines that are closed from any thread, at any time, twice.
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class CloseTest {
    private static final Options OPTIONS =
            EngineRig.options().closeTimeout(java.time.Duration.ofMillis(50)).build();

    @Test
    void aWaitingReceiverIsToldThatTheGroupEnds() throws Exception {
        try (ThreadedRig rig = new ThreadedRig(OPTIONS)) {
            ChannelGroup group = rig.engine.create();
            FutureTask<Status> receiver =
                    new FutureTask<>(
                            () ->
                                    ThreadedRig.statusOf(
                                            () -> group.waitReceiveNanos(ThreadedRig.LONG)));
            ThreadedRig.awaitWaiting(Thread.ofPlatform().daemon().start(receiver));

            group.close();

            assertThat(receiver.get(20, TimeUnit.SECONDS)).isEqualTo(Status.SHUTDOWN_STARTED);
        }
    }

    @Test
    void whatWasNotReceivedIsFreeAndAClosedGroupRefusesEverything() throws Exception {
        try (ThreadedRig rig = new ThreadedRig(OPTIONS)) {
            ChannelGroup group = rig.engine.create();
            for (int i = 0; i < 10; i++) {
                group.updateReceiver(null);
            }
            int channel = rig.dialSilent(group);
            group.close();
            group.close();

            assertThat(rig.engine.pool().messagesOut()).isZero();
            assertThat(ThreadedRig.statusOf(() -> group.waitReceiveNanos(0)))
                    .isEqualTo(Status.SHUTDOWN_STARTED);
            assertThat(ThreadedRig.statusOf(() -> group.updateReceiver(null)))
                    .isEqualTo(Status.SHUTDOWN_STARTED);
            try (Message message = rig.message()) {
                message.opCode(OpCode.SIGNAL).channel(channel);
                assertThat(ThreadedRig.statusOf(() -> group.enqueueToPeer(message)))
                        .isEqualTo(Status.SHUTDOWN_STARTED);
            }
        }
    }

    @Test
    void aGroupOfAnotherEngineIsRefused() {
        try (ThreadedRig rig = new ThreadedRig(OPTIONS);
                ThreadedRig other = new ThreadedRig(OPTIONS)) {
            ChannelGroup foreign = other.engine.create();

            assertThatThrownBy(() -> rig.engine.destroy(foreign))
                    .isInstanceOfSatisfying(
                            AmpeException.class,
                            e -> assertThat(e.status()).isEqualTo(Status.NOT_ALLOWED));
        }
    }

    @Test
    void aClosedEngineRefusesAndALeaseThatIsOutStaysValid() throws Exception {
        ThreadedRig rig = new ThreadedRig(OPTIONS);
        Message lease = rig.message();
        lease.body().append(new byte[] {1, 2, 3});
        try (QuietLog _ = new QuietLog()) { // it reports the lease
            rig.engine.close();
            rig.engine.close();
        }
        rig.awaitEnd();

        assertThat(ThreadedRig.statusOf(rig.engine::create)).isEqualTo(Status.SHUTDOWN_STARTED);
        assertThat(ThreadedRig.statusOf(() -> rig.engine.get())).isEqualTo(Status.SHUTDOWN_STARTED);
        assertThat(lease.body().toByteArray()).containsExactly(1, 2, 3);
        lease.close();
        assertThat(rig.engine.pool().messagesOut()).isZero();
    }

    @Test
    void anInterruptDoesNotCutClosingShortAndIsKept() {
        ThreadedRig rig = new ThreadedRig(OPTIONS);
        ChannelGroup group = rig.engine.create();
        rig.dialSilent(group);
        Thread.currentThread().interrupt();

        group.close();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThat(rig.engine.pool().messagesOut()).isZero();
        rig.engine.close();

        assertThat(Thread.interrupted()).isTrue();
        rig.awaitEnd();
    }

    /// Some closers of groups and of the engine, some who use it, and some who interrupt them.
    private static void closeFromEverywhere(int loops, int round) throws Exception {
        Options options =
                EngineRig.options()
                        .closeTimeout(java.time.Duration.ofMillis(20))
                        .loops(loops)
                        .build();
        ThreadedRig rig = new ThreadedRig(options);
        List<ChannelGroup> groups = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            groups.add(rig.engine.create());
            rig.dialSilent(groups.get(i));
        }
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> users = new ArrayList<>();
        for (ChannelGroup group : groups) {
            users.add(Thread.ofPlatform().daemon().start(() -> receive(group)));
            users.add(Thread.ofPlatform().daemon().start(() -> send(rig, group)));
        }
        Crew crew = new Crew();
        crew.add(() -> groups.getFirst().close());
        crew.add(() -> groups.reversed().forEach(ChannelGroup::close));
        crew.add(rig.engine::close);
        if (round % 2 == 0) {
            crew.add(rig.engine::close);
        }
        crew.add(
                () -> {
                    Thread.currentThread().interrupt();
                    groups.getLast().close();
                    assertThat(Thread.interrupted()).isTrue();
                    over.set(true);
                });
        crew.work();
        for (Thread user : users) {
            user.join();
        }
        assertThat(over).isTrue();
        rig.close();
    }

    private static void receive(ChannelGroup group) {
        try {
            while (true) {
                Message message = group.waitReceiveNanos(ThreadedRig.LONG);
                if (message != null) {
                    message.close();
                }
            }
        } catch (AmpeException e) {
            assertThat(e.status()).isEqualTo(Status.SHUTDOWN_STARTED);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void send(ThreadedRig rig, ChannelGroup group) {
        try {
            for (int i = 0; ; i++) {
                try (Message message = rig.message()) {
                    if (i < 20) {
                        message.connectTo(new Address.TcpClient("127.0.0.1"));
                        group.enqueueToPeer(message);
                    } else {
                        group.updateReceiver(message);
                    }
                }
            }
        } catch (AmpeException e) {
            assertThat(e.status()).isIn(Status.SHUTDOWN_STARTED, Status.INBOX_FULL);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void closingFromEverywhereAtOnceLeavesNothing(int loops) throws Exception {
        for (int round = 0; round < 40; round++) {
            closeFromEverywhere(loops, round);
        }
    }
}
