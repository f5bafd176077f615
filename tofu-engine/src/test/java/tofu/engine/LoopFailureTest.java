package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.engine.channel.Crew;
import tofu.engine.channel.EngineMemory;
import tofu.engine.channel.Frame;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

/// A bug on a loop: everybody is told, nobody waits for ever, and the engine can still be closed.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class LoopFailureTest {
    private static final int PORT = 7099;
    private static final Options OPTIONS = options().build();

    private final QuietLog log = new QuietLog();

    /// Only the loop sends: what is to fill a queue stays there.
    private static Options.Builder options() {
        return EngineRig.options().sendQueueMessages(4).directFlush(false);
    }

    @AfterEach
    void logAgain() {
        log.close();
    }

    static FutureTask<Status> start(FutureTask<Status> task) {
        Thread thread = Thread.ofPlatform().daemon().start(task);
        ThreadedRig.awaitWaiting(thread);
        return task;
    }

    /// A thread that waits for a message.
    static FutureTask<Status> receiver(ChannelGroup group) {
        return new FutureTask<>(
                () -> ThreadedRig.statusOf(() -> group.waitReceiveNanos(ThreadedRig.LONG)));
    }

    /// A thread that waits for room in a send queue.
    static FutureTask<Status> sender(Engine engine, ChannelGroup group, int channel) {
        return new FutureTask<>(
                () -> {
                    try (Message message = engine.get()) {
                        message.opCode(OpCode.SIGNAL).channel(channel);
                        return ThreadedRig.statusOf(
                                () -> group.enqueueToPeer(message, Duration.ofMinutes(10)));
                    }
                });
    }

    static Status result(FutureTask<Status> task) throws Exception {
        return task.get(10, TimeUnit.SECONDS);
    }

    private static void fail(FakeNet net) {
        net.pollFailure = new IllegalStateException("planted on the loop");
        net.wakeup();
    }

    @Test
    void everyGroupIsToldAndEveryWaiterGoes() throws Exception {
        ThreadedRig rig = new ThreadedRig(OPTIONS);
        ChannelGroup receiving = rig.engine.create();
        ChannelGroup sending = rig.engine.create();
        ChannelGroup idle = rig.engine.create();
        int channel = rig.dialSilent(sending);
        rig.fill(sending, channel);
        FutureTask<Status> receiver = start(receiver(receiving));
        FutureTask<Status> sender = start(sender(rig.engine, sending, channel));

        fail(rig.net());

        assertThat(result(receiver)).isEqualTo(Status.PROCESSING_FAILED);
        assertThat(result(sender)).isEqualTo(Status.PROCESSING_FAILED);
        // The groups are told one after the other; this one is the last.
        assertThat(ThreadedRig.statusOf(() -> idle.waitReceiveNanos(ThreadedRig.LONG)))
                .isEqualTo(Status.PROCESSING_FAILED);
        assertThat(ThreadedRig.statusOf(() -> idle.updateReceiver(null)))
                .isEqualTo(Status.PROCESSING_FAILED);
        assertThat(ThreadedRig.statusOf(rig.engine::create)).isEqualTo(Status.PROCESSING_FAILED);
        assertThat(ThreadedRig.statusOf(() -> rig.dialSilent(idle)))
                .isEqualTo(Status.PROCESSING_FAILED);
        rig.engine.destroy(sending);
        rig.engine.close();
        rig.awaitEnd();
        checkNoMemoryIsLeft(rig.engine);
    }

    private static void checkNoMemoryIsLeft(Engine engine) {
        EngineMemory memory = engine.memory();
        for (SlotPool pool : List.of(memory.messages(), memory.outgoing(), memory.incoming())) {
            assertThat(pool.census()).isEmpty();
            assertThat(pool.bytesAllocated()).isZero();
        }
    }

    @Test
    void whatWasOnItsWayKeepsNoMemory() throws Exception {
        EngineRig rig = new EngineRig(OPTIONS);
        ChannelGroup group = rig.create();
        rig.listen(group, PORT);
        FakeStream peer = rig.greet(group, PORT);
        byte[] frame = Frame.request(2).withBody(50_000).bytes();
        peer.sendBytes(Arrays.copyOf(frame, 20_000));
        rig.net.dialer = address -> new FakeStream(rig.net).room(5);
        Address.Client address = new Address.TcpClient("127.0.0.1", PORT);
        int channel = rig.dial(group, address).channel(); // its hello is sent in part
        rig.post(group, OpCode.SIGNAL, channel, 3);
        rig.run();

        rig.engine.fail(new IllegalStateException("planted between two turns"));
        rig.endLoop();

        rig.close();
        checkNoMemoryIsLeft(rig.engine);
    }

    @Test
    void whatWasStillConnectingIsClosedAndItsNameIsAskedForNoMore() throws Exception {
        EngineRig rig = new EngineRig(OPTIONS);
        ChannelGroup group = rig.create();
        FakeStream pending = new FakeStream(rig.net).pending();
        rig.net.dialer = address -> pending;
        rig.dial(group, new Address.TcpClient("127.0.0.1", PORT));
        rig.dial(group, new Address.TcpClient("somewhere", PORT));
        rig.run();
        assertThat(rig.names.asked()).isNotEmpty();

        rig.engine.fail(new IllegalStateException("planted between two turns"));
        rig.endLoop();

        assertThat(pending.isClosed()).isTrue();
        assertThat(rig.names.asked()).isEmpty();
        rig.close();
        checkNoMemoryIsLeft(rig.engine);
    }

    @Test
    void whatTheLoopHasNotSeenKeepsNoMemory() throws Exception {
        EngineRig rig = new EngineRig(options().loops(2).build());
        ChannelGroup group = rig.create();
        for (int i = 0; i < 2; i++) { // one on each loop
            int channel = rig.dial(group, new Address.TcpClient("127.0.0.1")).channel();
            rig.post(group, OpCode.SIGNAL, channel, 3);
        }
        for (int i = 0; i < 2; i++) {
            try (Message welcome = rig.message()) {
                group.enqueueToPeer(welcome.listenOn(new Address.TcpServer("127.0.0.1", PORT + i)));
            }
        }

        rig.engine.fail(new IllegalStateException("planted before the first turn"));
        rig.endLoop();

        rig.close();
        checkNoMemoryIsLeft(rig.engine);
    }

    /// A bug that cannot be logged, as when there is no descriptor left to read the time zones
    /// with.
    private static final class Untellable extends Error {
        private static final long serialVersionUID = 1;

        @Override
        public void printStackTrace(PrintWriter writer) {
            throw new AssertionError("planted in the log");
        }
    }

    @Test
    void everybodyIsToldEvenIfTheFailureCannotBeLogged() throws Exception {
        ThreadedRig rig = new ThreadedRig(OPTIONS);
        FutureTask<Status> receiver = start(receiver(rig.engine.create()));
        log.close();

        rig.engine.fail(new Untellable());

        assertThat(result(receiver)).isEqualTo(Status.PROCESSING_FAILED);
        rig.engine.close();
        rig.awaitEnd();
    }

    @Test
    void aLoopThatNobodyCanWakeLooksByItself() throws Exception {
        ThreadedRig rig = new ThreadedRig(OPTIONS);
        ChannelGroup group = rig.engine.create();
        ThreadedRig.awaitWaiting(rig.loopThread());
        rig.net().beforeCall =
                () -> {
                    if (Thread.currentThread() != rig.loopThread()) {
                        throw new StackOverflowError("planted in the wake-up");
                    }
                };
        rig.dialSilent(group);

        while (rig.net().dials() == 0) {
            Crew.pause();
        }
        rig.net().beforeCall = () -> {};
        rig.close();
    }

    @Test
    void closingOnALoopGoesOnElsewhere() throws Exception {
        ThreadedRig rig = new ThreadedRig(OPTIONS);
        ChannelGroup group = rig.engine.create();
        CountDownLatch returned = new CountDownLatch(1);
        rig.net().dialer =
                address -> {
                    group.close();
                    rig.engine.close();
                    rig.engine.close();
                    returned.countDown();
                    return new FakeStream(rig.net());
                };
        try (Message hello = rig.message()) {
            group.enqueueToPeer(hello.connectTo(new Address.TcpClient("127.0.0.1")));
        }

        assertThat(returned.await(20, TimeUnit.SECONDS)).isTrue();
        rig.close();
    }

    @Test
    void aHandlerThatThrowsIsABugOnTheLoopToo() throws Exception {
        ThreadedRig rig = new ThreadedRig(OPTIONS);
        ChannelGroup group = rig.engine.create();
        FakeStream stream = new FakeStream(rig.net());
        rig.net().dialer = address -> stream;
        try (Message hello = rig.message()) {
            group.enqueueToPeer(hello.connectTo(new Address.TcpClient("127.0.0.1")));
        }
        FutureTask<Status> receiver = start(receiver(group));

        stream.plantBug(new IllegalStateException("planted in a handler"));

        assertThat(result(receiver)).isEqualTo(Status.PROCESSING_FAILED);
        rig.engine.close();
        rig.awaitEnd();
        assertThat(stream.isClosed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closingRacesWithTheFailureAndReturns(boolean failFirst) throws Exception {
        for (int round = 0; round < 10; round++) {
            ThreadedRig rig = new ThreadedRig(OPTIONS);
            ChannelGroup group = rig.engine.create();
            rig.dialSilent(group);
            if (failFirst) {
                fail(rig.net());
            }
            Thread closer = Thread.ofPlatform().daemon().start(group::close);
            if (!failFirst) {
                fail(rig.net());
            }
            rig.engine.close();
            assertThat(closer.join(Duration.ofSeconds(30))).as("round %d", round).isTrue();
            rig.awaitEnd();
            assertThat(ThreadedRig.statusOf(() -> group.waitReceiveNanos(0)))
                    .isIn(Status.PROCESSING_FAILED, Status.SHUTDOWN_STARTED);
            assertThat(rig.engine.pool().census()).doesNotContainKey(Slot.Owner.LEASE);
        }
    }

    @Test
    void whoWaitsOnAChannelThatTheLoopHasNotSeenGoesToo() throws Exception {
        try (EngineRig rig = new EngineRig(OPTIONS)) {
            ChannelGroup group = rig.create();
            int channel = rig.dial(group, new Address.TcpClient("127.0.0.1")).channel();
            for (int id = 2; id <= 4; id++) {
                rig.post(group, OpCode.SIGNAL, channel, id);
            }
            FutureTask<Status> sender = start(sender(rig.engine, group, channel));

            rig.engine.fail(new IllegalStateException("planted before the first turn"));
            rig.endLoop();

            assertThat(result(sender)).isEqualTo(Status.PROCESSING_FAILED);
        }
    }

    /// Before a loop ends a group's channels it makes those begin that are new, which may fail: it
    /// has the closer's request in hand then, and nowhere else.
    @Test
    void whoClosesAGroupWhoseNewChannelFailsTheLoopIsNotKeptWaiting() throws Exception {
        try (EngineRig rig = new EngineRig(OPTIONS)) {
            ChannelGroup group = rig.create();
            StackOverflowError bug = new StackOverflowError("planted in connect");
            rig.net.dialer =
                    address -> {
                        throw bug;
                    };
            rig.dial(group, new Address.TcpClient("127.0.0.1"));
            FutureTask<Status> closer =
                    start(new FutureTask<>(() -> ThreadedRig.statusOf(group::close)));

            assertThatThrownBy(() -> rig.loop.step(0)).isSameAs(bug);
            rig.engine.fail(bug);
            rig.endLoop();

            assertThat(result(closer)).isEqualTo(Status.SUCCESS);
        }
    }

    @Test
    void aFailedLoopTakesTheOthersWaitersAlong() throws Exception {
        ThreadedRig rig = new ThreadedRig(options().loops(2).build());
        ChannelGroup group = rig.engine.create();
        int one = rig.dialSilent(group);
        int other = rig.dialSilent(group);
        rig.fill(group, one);
        rig.fill(group, other);
        FutureTask<Status> senderOnOne = start(sender(rig.engine, group, one));
        FutureTask<Status> senderOnOther = start(sender(rig.engine, group, other));

        fail(rig.net());

        assertThat(result(senderOnOne)).isEqualTo(Status.PROCESSING_FAILED);
        assertThat(result(senderOnOther)).isEqualTo(Status.PROCESSING_FAILED);
        rig.engine.close();
        rig.awaitEnd();
    }
}
