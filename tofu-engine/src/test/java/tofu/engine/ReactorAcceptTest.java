package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Options;
import tofu.api.Status;
import tofu.engine.channel.Frame;
import tofu.engine.link.Endpoint;
import tofu.engine.link.FailuresTest;
import tofu.engine.net.PeerException;

/// Accepting, what keeps a socket from it, and peers that say nothing.
class ReactorAcceptTest {
    private static final int PORT = 7099;

    // -- handshakes

    @Test
    void aSilentPeerGivesWayToANewerOne() throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().maxPendingHandshakes(2).build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            rig.greet(group, PORT);
            FakeStream oldest = rig.net.acceptor(PORT).arrive();
            FakeStream middle = rig.net.acceptor(PORT).arrive();
            rig.run();
            assertThat(EngineRig.receive(group)).isEmpty();

            FakeStream newest = rig.net.acceptor(PORT).arrive();
            newest.send(Frame.helloRequest(7));
            rig.run();

            assertThat(oldest.wasReset()).isTrue();
            assertThat(middle.isClosed()).isFalse();
            List<String> got = EngineRig.receive(group);
            assertThat(got).hasSize(3).last().isEqualTo("HELLO_REQUEST 7");
            assertThat(got.get(0)).startsWith("notice HANDSHAKE_TIMEOUT of ");
            assertThat(got.get(1)).startsWith("notice CHANNEL_CLOSED of ");
        }
    }

    @Test
    void theBoundIsThatOfAllLoopsTogether() throws Exception {
        Options options = EngineRig.options().loops(2).maxPendingHandshakes(3).build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            List<FakeStream> silent = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                silent.add(rig.net.acceptor(PORT).arrive());
                rig.run();
            }
            assertThat(silent).noneMatch(FakeStream::isClosed);

            for (int oldest = 0; oldest < 5; oldest++) {
                silent.add(rig.net.acceptor(PORT).arrive());
                rig.run();
                assertThat(silent.get(oldest).wasReset()).isTrue();
                assertThat(silent.subList(oldest + 1, silent.size()))
                        .noneMatch(FakeStream::isClosed);
            }

            assertThat(EngineRig.receive(group)).hasSize(2 * 5);
        }
    }

    @Test
    void theOldestIsWhoWasAcceptedFirstWhicheverLoopIsQuicker() throws Exception {
        Options options = EngineRig.options().loops(2).maxPendingHandshakes(2).build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream oldest = rig.net.acceptor(PORT).arrive();
            rig.loop.step(0); // hands it to the second loop, which takes its time
            List<FakeStream> younger = new ArrayList<>();
            younger.add(rig.net.acceptor(PORT).arrive());
            rig.loop.step(0);
            rig.run();
            assertThat(oldest.isClosed()).isFalse();

            younger.add(rig.net.acceptor(PORT).arrive());
            rig.run();

            assertThat(oldest.wasReset()).isTrue();
            assertThat(younger).noneMatch(FakeStream::isClosed);
            assertThat(EngineRig.receive(group)).hasSize(2);
        }
    }

    @Test
    void aConnectionThatEndsAsItBeginsIsNotFoundByItsNumber() throws Exception {
        Options options =
                EngineRig.options()
                        .loops(2)
                        .maxPendingHandshakes(1)
                        .channelQuarantine(Duration.ZERO)
                        .build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            for (int i = 0; i < 200; i++) { // until such ends are not told any more
                rig.net.acceptor(PORT).arrive();
                rig.run();
            }
            FakeStream oldest = rig.net.acceptor(PORT).arrive();
            rig.net.acceptor(PORT).arrive();
            rig.loop.step(0); // the younger one lives here, and is quicker
            rig.run();

            assertThat(oldest.wasReset()).isTrue();
            ChannelTable<Endpoint> channels = rig.engine.channels();
            assertThat(IntStream.rangeClosed(1, ChannelTable.MAX_NUMBER))
                    .filteredOn(number -> channels.find(number) != null)
                    .hasSize(channels.inUse());
        }
    }

    /// Those that have said hello come and go; each is forgotten, and no other.
    @Test
    void onlyWhoIsSilentCounts() throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().maxPendingHandshakes(2).build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream silent = rig.net.acceptor(PORT).arrive();
            rig.run();
            for (int i = 0; i < 5; i++) {
                rig.greet(group, PORT);
                rig.net.acceptor(PORT).arrive().end(); // without a word
                rig.run();
                assertThat(EngineRig.receive(group)).hasSize(1);
            }
            assertThat(silent.isClosed()).as("there was never one too many").isFalse();

            rig.net.acceptor(PORT).arrive();
            rig.net.acceptor(PORT).arrive();
            rig.run();
            assertThat(silent.wasReset()).isTrue();
            assertThat(EngineRig.receive(group)).hasSize(2);
        }
    }

    @Test
    void whoSaysHelloBeforeHeIsToldToGoStays() throws Exception {
        Options options = EngineRig.options().loops(2).maxPendingHandshakes(1).build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT); // on the first loop, so that the next one is on the second
            FakeStream first = rig.net.acceptor(PORT).arrive();
            rig.run();
            FakeNet second = rig.nets.get(1);
            second.whileAsleep =
                    () -> {
                        second.whileAsleep = () -> {};
                        rig.net.acceptor(PORT).arrive();
                        stepFirst(rig); // which asks the second loop to end the older one
                        first.send(Frame.helloRequest(7));
                    };

            rig.engine.loops().get(1).step(1_000_000);
            rig.run();

            assertThat(first.isClosed()).isFalse();
            assertThat(EngineRig.receive(group)).containsExactly("HELLO_REQUEST 7");
        }
    }

    private static void stepFirst(EngineRig rig) {
        try {
            rig.loop.step(0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aFloodOfConnectionsDoesNotKeepTheLoopFromTheOthers() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            for (int i = 0; i < 100; i++) {
                rig.net.acceptor(PORT).arrive().end();
            }

            rig.loop.step(0);
            assertThat(rig.net.acceptor(PORT).waiting()).isEqualTo(100 - 64);

            rig.loop.step(0);
            assertThat(rig.net.acceptor(PORT).waiting()).isZero();
        }
    }

    @Test
    void whoHasSaidHelloNeverGivesWay() throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().maxPendingHandshakes(1).build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream first = rig.greet(group, PORT);
            for (int i = 0; i < 5; i++) {
                rig.net.acceptor(PORT).arrive();
                rig.run();
            }

            assertThat(first.isClosed()).isFalse();
            assertThat(EngineRig.receive(group)).hasSize(2 * 4);
        }
    }

    @Test
    void aSilentPeerIsGivenUpInTime() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream silent = rig.net.acceptor(PORT).arrive();
            rig.run();
            rig.pass(9_999);
            assertThat(silent.isClosed()).isFalse();

            rig.pass(1);

            assertThat(silent.wasReset()).isTrue();
            assertThat(EngineRig.receive(group)).hasSize(2);
        }
    }

    // -- accepting fails

    private static void failOnce(EngineRig rig, IOException failure) throws IOException {
        rig.net.acceptor(PORT).fail(failure);
        rig.run();
    }

    @Test
    void afterAFailureAcceptingPausesLongerEachTime() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number = rig.listen(group, PORT);
            FakeAcceptor acceptor = rig.net.acceptor(PORT);
            failOnce(rig, new SocketException("Too many open files"));

            for (long pause : new long[] {10, 20, 40, 80, 160, 320, 640, 640, 640}) {
                failOnce(rig, new SocketException("Too many open files"));
                rig.pass(pause - 1);
                assertThat(acceptor.waiting()).as("before the end of %d ms", pause).isEqualTo(1);
                rig.pass(1);
                assertThat(acceptor.waiting()).as("after %d ms", pause).isZero();
            }
            assertThat(EngineRig.receive(group))
                    .as("one piece of news, as long as it is not taken")
                    .containsExactly("notice ACCEPT_FAILED of " + number);
        }
    }

    @Test
    void whatIsAPeersFaultDelaysNoOther() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number = rig.listen(group, PORT);
            FakeAcceptor acceptor = rig.net.acceptor(PORT);
            for (int i = 0; i < 20; i++) {
                acceptor.fail(new PeerException("its path cannot be read", new IOException()));
            }
            FakeStream good = acceptor.arrive();
            good.send(Frame.helloRequest(7));

            rig.run();

            assertThat(acceptor.isInterested()).isTrue();
            assertThat(EngineRig.receive(group))
                    .containsExactly("notice ACCEPT_FAILED of " + number, "HELLO_REQUEST 7");
        }
    }

    @Test
    void troubleThatGoesOnIsToldAgainAfterASecond() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number = rig.listen(group, PORT);
            int told = 0;
            for (int i = 0; i < 500; i++) { // for five seconds
                failOnce(rig, FailuresTest.socketOption());
                rig.pass(10);
                told += EngineRig.receive(group).size();
            }

            assertThat(told).isBetween(3, 6);
            rig.pass(2_000);
            failOnce(rig, FailuresTest.socketOption());
            assertThat(EngineRig.receive(group)).contains("notice SETSOCKOPT_FAILED of " + number);
        }
    }

    @Test
    void otherChannelsGoOnDuringAPause() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT);
            failOnce(rig, new SocketException("Too many open files"));
            EngineRig.receive(group);
            rig.net.acceptor(PORT).arrive();
            peer.send(Frame.request(2));
            rig.run();

            assertThat(EngineRig.receive(group)).containsExactly("REQUEST 2");
            assertThat(rig.net.acceptor(PORT).waiting()).isEqualTo(1);
        }
    }

    @Test
    void everyConnectionThatIsAcceptedShortensThePauses() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeAcceptor acceptor = rig.net.acceptor(PORT);
            for (long pause = 10; pause <= 160; pause *= 2) {
                failOnce(rig, new SocketException("Too many open files"));
                rig.pass(pause);
            }
            EngineRig.receive(group);
            for (int i = 0; i < 20; i++) {
                rig.greet(group, PORT);
            }

            failOnce(rig, new SocketException("Too many open files"));
            acceptor.arrive();
            rig.pass(9);
            assertThat(acceptor.waiting()).isEqualTo(1);
            rig.pass(1);
            assertThat(acceptor.waiting()).as("as short as the first").isZero();
        }
    }

    @Test
    void aListenerMayEndDuringAPause() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number = rig.listen(group, PORT);
            FakeAcceptor acceptor = rig.net.acceptor(PORT);
            failOnce(rig, new SocketException("Too many open files"));
            rig.post(group, tofu.api.OpCode.BYE_SIGNAL, number, 3);
            rig.run();
            rig.pass(1_000);

            assertThat(acceptor.isClosed()).isTrue();
            assertThat(EngineRig.receive(group))
                    .containsExactly(
                            "notice ACCEPT_FAILED of " + number,
                            "BYE_SIGNAL 3 urgent back CHANNEL_CLOSED",
                            "notice CHANNEL_CLOSED of " + number);
        }
    }

    @Test
    void aConnectionWithoutANumberIsRefused() throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().maxChannels(2).build())) {
            ChannelGroup group = rig.create();
            int number = rig.listen(group, PORT);
            FakeStream first = rig.greet(group, PORT);
            FakeStream second = rig.net.acceptor(PORT).arrive();
            rig.run();
            assertThat(second.wasReset()).isTrue();
            assertThat(EngineRig.receive(group))
                    .containsExactly("notice TOO_MANY_CHANNELS of " + number);
            try (Message hello = rig.message()) {
                hello.connectTo(new Address.TcpClient("127.0.0.1", PORT));
                assertThatThrownBy(() -> group.enqueueToPeer(hello))
                        .isInstanceOfSatisfying(
                                AmpeException.class,
                                e -> assertThat(e.status()).isEqualTo(Status.TOO_MANY_CHANNELS));
                assertThat(hello.isEmptied()).isFalse();
                assertThat(hello.channel()).isZero();
            }

            first.end();
            rig.run();
            assertThat(EngineRig.receive(group)).hasSize(1);
            rig.pass(1_000); // the quarantine, and the pause
            rig.greet(group, PORT);
        }
    }
}
