package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tofu.api.Address;
import tofu.api.Channel;
import tofu.api.ChannelGroup;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.engine.channel.Frame;

/// A group that wants to know is told when nothing has come on a channel for a while: once each
/// time, and not when the silence is its own doing.
class ReactorIdleTest {
    private static final int PORT = 7099;

    private static Options.Builder options() {
        return EngineRig.options().idleNotice(Duration.ofSeconds(5));
    }

    private static int greeted(EngineRig rig, ChannelGroup group, FakeStream peer)
            throws Exception {
        peer.send(Frame.helloRequest(1));
        rig.run();
        try (var hello = Objects.requireNonNull(EngineRig.next(group))) {
            return hello.channel();
        }
    }

    private static String idle(int channel) {
        return "notice CHANNEL_IDLE of " + channel;
    }

    @Test
    void silenceIsToldOnceAndAgainAfterSomethingHasCome() throws Exception {
        try (EngineRig rig = new EngineRig(options().build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            int channel = greeted(rig, group, peer);
            for (int i = 0; i < 3; i++) {
                rig.pass(4_999);
                assertThat(EngineRig.receive(group)).isEmpty();
                rig.pass(1);
                assertThat(EngineRig.receive(group)).containsExactly(idle(channel));
                rig.pass(60_000);
                assertThat(EngineRig.receive(group)).as("it is no news").isEmpty();
                peer.send(Frame.signal(2));
                rig.run();
                assertThat(EngineRig.receive(group)).containsExactly("SIGNAL 2");
            }
            assertThat(peer.isClosed()).isFalse();
        }
    }

    @Test
    void whatAWindowHasHeldThatOpensJustThenIsNoSilence() throws Exception {
        try (EngineRig rig = new EngineRig(options().receiveWindowMessages(8).build())) {
            ChannelGroup group = rig.create();
            ChannelGroup another = rig.create();
            rig.listen(group, PORT);
            rig.listen(another, PORT + 1);
            FakeStream other = rig.greet(another, PORT + 1);
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            greeted(rig, group, peer);
            Frame[] frames = new Frame[20];
            Arrays.fill(frames, Frame.signal(2));
            peer.send(frames);
            rig.run();
            assertThat(peer.unread()).as("held").isPositive();
            List<String> taken = new ArrayList<>();
            other.whenRead(() -> taken.addAll(receive(group)));
            other.send(Frame.signal(3));
            rig.clock.addAndGet(Duration.ofSeconds(5).toNanos());

            rig.loop.step(0); // before the deadlines the application takes all

            assertThat(taken).isNotEmpty();
            while (peer.unread() > 0) {
                rig.run();
                taken.addAll(receive(group));
            }
            taken.addAll(receive(group));
            assertThat(taken).hasSize(frames.length).containsOnly("SIGNAL 2");
        }
    }

    private static List<String> receive(ChannelGroup group) {
        try {
            return EngineRig.receive(group);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts", e);
        }
    }

    @Test
    void whateverComesCountsAndWhatIsSentDoesNot() throws Exception {
        try (EngineRig rig = new EngineRig(options().build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            int channel = greeted(rig, group, peer);
            byte[] frame = Frame.request(9).withBody(6).bytes();
            for (byte each : frame) { // a part of a message is a sign of life
                rig.pass(1_000);
                peer.sendBytes(new byte[] {each});
                rig.run();
            }
            assertThat(EngineRig.receive(group)).containsExactly("REQUEST 9 +6");
            for (int i = 0; i < 4; i++) {
                rig.pass(1_000);
                rig.post(group, OpCode.SIGNAL, channel, 3);
                rig.run();
            }
            rig.pass(999);
            assertThat(EngineRig.receive(group)).isEmpty();
            rig.pass(1);
            assertThat(EngineRig.receive(group)).containsExactly(idle(channel));
        }
    }

    @Test
    void aClientIsToldFromWhenItIsConnected() throws Exception {
        try (EngineRig rig = new EngineRig(options().build())) {
            ChannelGroup group = rig.create();
            FakeStream pending = new FakeStream(rig.net).pending();
            rig.net.dialer = address -> pending;
            int channel = rig.dial(group, new Address.TcpClient("127.0.0.1", PORT)).channel();
            rig.pass(9_000);
            assertThat(EngineRig.receive(group)).isEmpty();
            pending.establish();
            rig.run();
            rig.pass(4_999);
            assertThat(EngineRig.receive(group)).isEmpty();
            rig.pass(1);
            assertThat(EngineRig.receive(group)).containsExactly(idle(channel));
        }
    }

    @Test
    void whoHasNotSaidHelloIsNobodys() throws Exception {
        try (EngineRig rig = new EngineRig(options().build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            rig.run();
            peer.sendBytes(new byte[] {0});
            rig.run();
            rig.pass(9_999);
            assertThat(EngineRig.receive(group)).isEmpty();
        }
    }

    @Test
    void aPausedChannelIsNotIdle() throws Exception {
        try (EngineRig rig = new EngineRig(options().build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            int number = greeted(rig, group, peer);
            Channel channel = Objects.requireNonNull(group.channel(number));
            channel.pauseReceive();
            rig.pass(4_000);
            peer.send(Frame.signal(2));
            rig.pass(60_000);
            assertThat(EngineRig.receive(group)).isEmpty();
            channel.resumeReceive();
            rig.run();
            assertThat(EngineRig.receive(group)).containsExactly("SIGNAL 2");
            rig.pass(4_999);
            assertThat(EngineRig.receive(group)).isEmpty();
            rig.pass(1);
            assertThat(EngineRig.receive(group)).containsExactly(idle(number));
        }
    }

    @Test
    void aNoticeThatIsNotTakenIsNotToldTwice() throws Exception {
        try (EngineRig rig = new EngineRig(options().build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            int channel = greeted(rig, group, peer);
            for (int i = 0; i < 3; i++) {
                rig.pass(5_000);
                peer.send(Frame.signal(2));
                rig.run();
            }
            assertThat(EngineRig.receive(group))
                    .containsExactly(idle(channel), "SIGNAL 2", "SIGNAL 2", "SIGNAL 2");
            rig.pass(5_000);
            assertThat(EngineRig.receive(group)).containsExactly(idle(channel));
        }
    }

    @Test
    void afterAByeNobodyWaitsForMore() throws Exception {
        Options options = options().byeTimeout(Duration.ofSeconds(30)).build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            int channel = greeted(rig, group, peer);
            rig.post(group, OpCode.BYE_REQUEST, channel, 3);
            rig.pass(20_000);
            assertThat(EngineRig.receive(group)).isEmpty();
        }
    }

    @Test
    void nobodyIsToldWhoHasNotAsked() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            rig.greet(group, PORT);
            rig.pass(3_600_000);
            assertThat(EngineRig.receive(group)).isEmpty();
        }
    }
}
