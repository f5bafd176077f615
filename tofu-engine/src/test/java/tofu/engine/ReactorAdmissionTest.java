package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import tofu.api.Address;
import tofu.api.Admission;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.engine.channel.Crew;
import tofu.engine.channel.Frame;
import tofu.engine.link.Refusals.Reason;

/// Who may not come in is refused before there is anything of the connection; who may is counted
/// until it ends.
class ReactorAdmissionTest {
    private static final int PORT = 7099;

    /// Of a listener that has none.
    private static final int NO_PORT = -1;

    private static final Path FILE = Path.of("/nowhere/some.sock");

    private static SocketAddress from(String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), 40_000);
    }

    private static Options.Builder options(UnaryOperator<Admission.Builder> rules) {
        return EngineRig.options().admission(rules.apply(Admission.builder()).build());
    }

    private static FakeStream arrive(EngineRig rig, int port, String address) throws Exception {
        FakeStream peer = rig.net.acceptor(port).arrive().from(from(address));
        rig.run();
        return peer;
    }

    private static void listenOnFile(EngineRig rig, ChannelGroup group) throws Exception {
        try (Message welcome = rig.message()) {
            group.enqueueToPeer(welcome.listenOn(new Address.UdsServer(FILE.toString())));
        }
        rig.run();
        assertThat(EngineRig.receive(group)).hasSize(1);
    }

    private static FakeStream arriveAtFile(EngineRig rig, boolean known) throws Exception {
        FakeStream peer = rig.net.acceptor(NO_PORT).arrive();
        FakeStream user = known ? peer.known() : peer;
        rig.run();
        return user;
    }

    private static void expectRefused(EngineRig rig, FakeStream peer, Reason reason, int count) {
        assertThat(peer.wasReset()).isTrue();
        assertThat(rig.engine.entrance().refusals().count(reason)).isEqualTo(count);
        for (Reason other : Reason.values()) {
            assertThat(other == reason ? 0 : rig.engine.entrance().refusals().count(other))
                    .isZero();
        }
    }

    // ---- networks

    @Test
    void aNetworkThatMayNotComeInIsRefusedAndNobodyIsTold() throws Exception {
        Options options =
                options(o -> o.allowNetworks("10.0.0.0/8", "fd00::/8").denyNetworks("10.66.0.0/16"))
                        .build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            int numbers = rig.engine.channels().inUse();

            expectRefused(rig, arrive(rig, PORT, "11.0.0.1"), Reason.NETWORK, 1);
            expectRefused(rig, arrive(rig, PORT, "10.66.0.1"), Reason.NETWORK, 2);
            expectRefused(rig, arrive(rig, PORT, "fe80::1"), Reason.NETWORK, 3);
            FakeStream gone = rig.net.acceptor(PORT).arrive(); // nobody can tell where it was
            rig.run();
            expectRefused(rig, gone, Reason.NETWORK, 4);
            assertThat(rig.engine.channels().inUse()).isEqualTo(numbers);
            assertThat(EngineRig.receive(group)).isEmpty();

            for (String address : List.of("10.0.0.1", "fd00::1")) {
                FakeStream peer = arrive(rig, PORT, address);
                peer.send(Frame.helloRequest(7));
                rig.run();
                assertThat(EngineRig.receive(group)).containsExactly("HELLO_REQUEST 7");
            }
        }
    }

    @Test
    void networksAreNothingToAUnixDomainSocket() throws Exception {
        Options options =
                options(o -> o.allowNetworks("10.0.0.0/8").connectionsPerAddress(1)).build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            listenOnFile(rig, group);
            assertThat(arriveAtFile(rig, false).isClosed()).isFalse();
            assertThat(arriveAtFile(rig, false).isClosed()).isFalse();
        }
    }

    // ---- connections of an address

    @Test
    void anAddressHasSoManyConnectionsWithAllListenersTogether() throws Exception {
        Options options = options(o -> o.connectionsPerAddress(2)).loops(2).build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            try (Message welcome = rig.message()) {
                group.enqueueToPeer(welcome.listenOn(new Address.TcpServer("127.0.0.1", 7100)));
            }
            rig.run();
            FakeNet second = rig.nets.getLast();
            FakeStream first = arrive(rig, PORT, "10.0.0.1");
            FakeStream other = second.acceptor(7100).arrive().from(from("10.0.0.1"));
            rig.run();
            assertThat(List.of(first, other)).noneMatch(FakeStream::isClosed);

            expectRefused(rig, arrive(rig, PORT, "10.0.0.1"), Reason.ADDRESS, 1);
            assertThat(arrive(rig, PORT, "10.0.0.2").isClosed()).isFalse();
            expectRefused(rig, arrive(rig, PORT, "::ffff:10.0.0.1"), Reason.ADDRESS, 2);
            other.end();
            rig.run();
            assertThat(arrive(rig, PORT, "10.0.0.1").isClosed()).isFalse();
            expectRefused(rig, arrive(rig, PORT, "10.0.0.1"), Reason.ADDRESS, 3);
        }
    }

    @Test
    void whoEverWentInWhateverWayCountsNoMore() throws Exception {
        Options options =
                options(o -> o.connectionsPerAddress(1))
                        .maxChannels(3)
                        .channelQuarantine(Duration.ZERO)
                        .build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            int listener = rig.listen(group, PORT);
            List<Ending> endings =
                    List.of(
                            FakeStream::end, // before the hello
                            peer -> peer.breakReading(new IOException("reset")),
                            peer -> rig.pass(10_000), // no hello in time
                            peer -> { // no hello, but something else
                                peer.send(Frame.request(3));
                                rig.run();
                            },
                            peer -> { // a bye
                                peer.send(Frame.helloRequest(1), Frame.byeSignal(2));
                                rig.run();
                                peer.end();
                            });
            for (Ending ending : endings) {
                FakeStream peer = arrive(rig, PORT, "10.0.0.1");
                assertThat(peer.isClosed()).isFalse();
                assertThat(rig.engine.entrance().addresses()).isOne();
                ending.of(peer);
                rig.run();
                assertThat(peer.isClosed()).isTrue();
                assertThat(rig.engine.entrance().addresses()).isZero();
                EngineRig.receive(group);
            }
            arrive(rig, PORT, "10.0.0.2");
            arrive(rig, PORT, "10.0.0.3");
            rig.pass(1); // no number is left
            assertThat(arrive(rig, PORT, "10.0.0.4").wasReset()).isTrue();
            assertThat(EngineRig.receive(group))
                    .containsExactly("notice TOO_MANY_CHANNELS of " + listener);
            assertThat(rig.engine.entrance().addresses()).isEqualTo(2);
        }
    }

    @Test
    void whoDoesNotGetToHisLoopCountsNoMore() throws Exception {
        Options options = options(o -> o.connectionsPerAddress(1)).loops(2).build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT); // on the first loop, so that the next one is on the second
            FakeStream gone = rig.net.acceptor(PORT).arrive().from(from("10.0.0.1"));
            rig.loop.step(0);
            assertThat(rig.engine.entrance().addresses()).isOne();
            gone.close();
            rig.run();
            assertThat(rig.engine.entrance().addresses()).isZero();
            assertThat(rig.engine.statistics().events().refusedConnections()).isOne();

            rig.net.acceptor(PORT).arrive(); // takes its turn on the first loop
            rig.run();
            FakeStream late = rig.net.acceptor(PORT).arrive().from(from("10.0.0.2"));
            rig.loop.step(0);
            assertThat(rig.engine.entrance().addresses()).isOne();
            assertThat(late.interest()).as("nobody reads yet").isZero();
            Thread closer = Thread.ofPlatform().start(() -> rig.engine.destroy(group));
            while (!((EngineGroup) group).isRefusing()) {
                Crew.pause();
            }
            rig.driveWhile(() -> join(closer));
            assertThat(late.wasReset()).isTrue();
            assertThat(rig.engine.entrance().addresses()).isZero();
            assertThat(rig.engine.statistics().events().refusedConnections()).isEqualTo(2);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// How a connection ends.
    private interface Ending {
        void of(FakeStream peer) throws Exception;
    }

    @Test
    void aNetworkOfIpv6MayCountAsOneAddress() throws Exception {
        Options options = options(o -> o.connectionsPerAddress(1).ipv6AddressBits(60)).build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            assertThat(arrive(rig, PORT, "2001:db8:0:10::1").isClosed()).isFalse();
            expectRefused(rig, arrive(rig, PORT, "2001:db8:0:1f::2"), Reason.ADDRESS, 1);
            assertThat(arrive(rig, PORT, "2001:db8:0:20::1").isClosed()).isFalse();
            assertThat(arrive(rig, PORT, "10.0.0.1").isClosed()).isFalse();
            assertThat(arrive(rig, PORT, "10.0.0.2").isClosed()).as("not IPv6").isFalse();
        }
    }

    // ---- connections in a second

    @Test
    void aListenerLetsSoManyInInASecond() throws Exception {
        Options options =
                options(o -> o.connectionsPerSecond(4).denyNetworks("10.66.0.0/16")).build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            rig.listen(group, 7100);
            for (int i = 0; i < 4; i++) {
                assertThat(arrive(rig, PORT, "10.66.0.1").wasReset()).isTrue();
                assertThat(arrive(rig, PORT, "10.0.0.1").isClosed()).isFalse();
            }
            FakeStream tooMany = arrive(rig, PORT, "10.0.0.1");
            assertThat(tooMany.wasReset()).isTrue();
            assertThat(rig.engine.entrance().refusals().count(Reason.RATE)).isOne();
            assertThat(rig.engine.entrance().refusals().count(Reason.NETWORK)).isEqualTo(4);
            assertThat(arrive(rig, 7100, "10.0.0.1").isClosed()).as("another listener").isFalse();

            rig.pass(249);
            assertThat(arrive(rig, PORT, "10.0.0.1").wasReset()).isTrue();
            rig.pass(1);
            assertThat(arrive(rig, PORT, "10.0.0.1").isClosed()).isFalse();
            assertThat(arrive(rig, PORT, "10.0.0.1").wasReset()).isTrue();
            assertThat(EngineRig.receive(group)).isEmpty();
        }
    }

    @Test
    void whoIsRefusedForItCountsForNothing() throws Exception {
        Options options = options(o -> o.connectionsPerSecond(1).connectionsPerAddress(2)).build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            arrive(rig, PORT, "10.0.0.1");
            for (int i = 1; i < 5; i++) {
                expectRefused(rig, arrive(rig, PORT, "10.0.0.1"), Reason.RATE, i);
            }
            rig.pass(1_000);
            assertThat(arrive(rig, PORT, "10.0.0.1").isClosed()).isFalse();
        }
    }

    // ---- users

    @Test
    void aUserIsLookedUpBesideTheLoop() throws Exception {
        Options options = options(o -> o.allowUsers("0")).build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            listenOnFile(rig, group);
            FakeStream known = arriveAtFile(rig, true);
            FakeStream stranger = arriveAtFile(rig, false);
            known.send(Frame.helloRequest(7));
            rig.run();
            assertThat(EngineRig.receive(group)).as("before it is known").isEmpty();
            assertThat(stranger.isClosed()).isFalse();

            rig.hands.work();
            rig.run();

            assertThat(EngineRig.receive(group)).containsExactly("HELLO_REQUEST 7");
            expectRefused(rig, stranger, Reason.USER, 1);
        }
    }

    @Test
    void usersAreNothingToTcp() throws Exception {
        try (EngineRig rig = new EngineRig(options(o -> o.allowGroups("0")).build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            rig.greet(group, PORT);
        }
    }

    @Test
    void whoCannotBeLookedUpIsRefused() throws Exception {
        try (EngineRig rig = new EngineRig(options(o -> o.allowUsers("0")).build())) {
            ChannelGroup group = rig.create();
            listenOnFile(rig, group);
            rig.hands.refusing = true;
            expectRefused(rig, arriveAtFile(rig, true), Reason.USER, 1);
        }
    }

    @Test
    void aListenerThatEndsLetsNobodyInWhoIsLookedUp() throws Exception {
        Options options = options(o -> o.allowUsers("0")).build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            int number;
            try (Message welcome = rig.message()) {
                welcome.listenOn(new Address.UdsServer(FILE.toString()));
                number = group.enqueueToPeer(welcome).channel();
            }
            rig.run();
            FakeStream known = arriveAtFile(rig, true);
            FakeStream stranger = arriveAtFile(rig, false);
            rig.post(group, OpCode.BYE_SIGNAL, number, 3);
            rig.run();
            assertThat(List.of(known, stranger)).allMatch(FakeStream::wasReset);
            EngineRig.receive(group);

            rig.hands.work();
            rig.run();

            assertThat(EngineRig.receive(group)).isEmpty();
            assertThat(rig.engine.channels().inUse()).isZero();
            assertThat(rig.engine.entrance().refusals().count(Reason.USER)).isZero();
        }
        List<FakeStream> left = new ArrayList<>();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            listenOnFile(rig, group);
            left.add(arriveAtFile(rig, true));
        }
        assertThat(left).as("when the engine is closed").allMatch(FakeStream::wasReset);
    }

    @Test
    void usersThatNobodyKnowsKeepAnEngineFromBeingOpened() {
        for (Options options :
                List.of(
                        options(o -> o.allowUsers("root", "no such user")).build(),
                        options(o -> o.allowGroups("no such group")).build())) {
            assertThatThrownBy(() -> new EngineRig(options))
                    .isInstanceOf(AmpeException.class)
                    .hasRootCauseInstanceOf(UserPrincipalNotFoundException.class)
                    .cause()
                    .hasMessageContaining("'no such ");
        }
    }
}
