package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tofu.api.Address;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.engine.channel.Frame;

/// The loop itself: when it sleeps, and who wakes it.
class ReactorTest {
    private static final int PORT = 7099;
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    @Test
    void aLoopThatIsAwakeIsNotWoken() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT);
            peer.send(Frame.request(2), Frame.request(3));
            rig.run();
            for (Message m = EngineRig.next(group); m != null; m = EngineRig.next(group)) {
                group.enqueueToPeer(m.opCode(OpCode.RESPONSE));
                m.close();
            }
            rig.run();

            assertThat(peer.received()).extracting(Frame::id).containsExactly(2L, 3L);
            assertThat(rig.net.wakeups).isZero();
        }
    }

    @Test
    void aSleepingLoopIsWokenOnceHoweverMuchComes() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.net.whileAsleep =
                    () -> {
                        for (int i = 0; i < 10; i++) {
                            rig.dial(group, new Address.TcpClient("127.0.0.1", PORT));
                        }
                        rig.create().updateReceiver(null);
                    };
            assertThat(rig.loop.step(MINUTE)).isZero();

            assertThat(rig.net.wakeups).isEqualTo(1);
            assertThat(rig.net.lastWaitNanos).isEqualTo(MINUTE);
        }
    }

    @Test
    void aLoopWithSomethingToDoDoesNotSleep() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.dial(group, new Address.TcpClient("127.0.0.1", PORT));

            assertThat(rig.loop.step(MINUTE)).isPositive();

            assertThat(rig.net.lastWaitNanos).isLessThanOrEqualTo(0);
            assertThat(rig.net.wakeups).isZero();
        }
    }

    @Test
    void aCommandWakesToo() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number = rig.dial(group, new Address.TcpClient("somewhere", PORT)).channel();
            rig.run();
            rig.net.whileAsleep = () -> rig.names.answer("somewhere");
            rig.loop.step(MINUTE);
            assertThat(rig.net.wakeups).isEqualTo(1);

            rig.net.whileAsleep = () -> {};
            rig.run();
            assertThat(EngineRig.receive(group))
                    .containsExactly(
                            "HELLO_RESPONSE 1 back INVALID_ADDRESS",
                            "notice CHANNEL_CLOSED of " + number);
        }
    }

    @Test
    void aSleepIsNoLongerThanUntilTheNextDeadline() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.net.dialer = address -> new FakeStream(rig.net).pending();
            rig.dial(group, new Address.TcpClient("127.0.0.1", PORT));
            rig.run();
            rig.pass(4_000);

            rig.loop.step(MINUTE);

            assertThat(rig.net.lastWaitNanos).isEqualTo(TimeUnit.SECONDS.toNanos(6));
        }
    }

    @Test
    void whoeverIsKeptFromWakingTheLoopLeavesThatToTheNext() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            ChannelGroup other = rig.create();
            Address.Client address = new Address.TcpClient("127.0.0.1", PORT);
            rig.net.whileAsleep =
                    () -> {
                        rig.net.beforeCall = ReactorTest::failAtTheEndOfTheStack;
                        rig.dial(group, address); // in the queue, and nobody knows
                        rig.net.beforeCall = () -> {};
                        rig.dial(other, address); // behind the other in the queue
                    };
            rig.loop.step(MINUTE);

            assertThat(rig.net.wakeups).isOne();
            rig.net.whileAsleep = () -> {};
            rig.run();
            assertThat(rig.net.dialled).hasSize(2);
        }
    }

    private static void failAtTheEndOfTheStack() {
        throw new StackOverflowError("planted");
    }

    @Test
    void anIdleLoopSleepsAsLongAsItMay() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            rig.loop.step(Long.MAX_VALUE);

            assertThat(rig.net.lastWaitNanos).isEqualTo(Long.MAX_VALUE);
            assertThat(rig.net.wakeups).isZero();
        }
    }

    @Test
    void oneBatchOfRequestsTakesOneReadAndOneWrite() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT);
            int calls = rig.net.handlerCalls;
            int reads = peer.reads;
            int writes = peer.writes;
            Frame[] requests = new Frame[200];
            for (int i = 0; i < requests.length; i++) {
                requests[i] = Frame.request(i + 1).withBody(64);
            }
            peer.send(requests);
            rig.run();

            assertThat(rig.net.handlerCalls - calls).isEqualTo(1);
            assertThat(peer.reads - reads).isEqualTo(1);
            int answers = 0;
            for (Message m = EngineRig.next(group); m != null; m = EngineRig.next(group)) {
                group.enqueueToPeer(m.opCode(OpCode.RESPONSE));
                m.close();
                answers++;
            }
            assertThat(answers).isEqualTo(200);
            rig.run();

            assertThat(peer.received()).hasSize(200);
            assertThat(peer.writes - writes).isEqualTo(1);
        }
    }

    @Test
    void aSlowGroupDoesNotHoldUpAnother() throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().receiveWindowMessages(8).build())) {
            ChannelGroup slow = rig.create();
            ChannelGroup quick = rig.create();
            rig.listen(slow, PORT);
            rig.listen(quick, PORT + 1);
            FakeStream toSlow = rig.greet(slow, PORT);
            FakeStream toQuick = rig.greet(quick, PORT + 1);
            flood(toSlow, 100);
            flood(toQuick, 100);
            rig.run();
            int received = 0;
            for (int i = 0; i < 100 && received < 100; i++) {
                received += EngineRig.receive(quick).size();
                rig.run();
            }

            assertThat(received).isEqualTo(100);
            assertThat(toSlow.unread()).as("held back in the kernel").isGreaterThan(1_000);
            assertThat(EngineRig.receive(slow)).hasSizeBetween(1, 8);
        }
    }

    private static void flood(FakeStream peer, int count) {
        for (int i = 0; i < count; i++) {
            peer.send(Frame.signal(i));
        }
    }

    @Test
    void everythingIsClosedWhenTheEngineIs() throws IOException, InterruptedException {
        FakeStream peer;
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            peer = rig.greet(group, PORT);
            rig.net.acceptor(PORT).arrive();
            rig.dial(rig.create(), new Address.TcpClient("127.0.0.1", PORT + 1));
            rig.run();
        }
        assertThat(peer.isClosed()).isTrue();
        assertThat(peer.hasEndedOutput()).as("politely").isTrue();
    }
}
