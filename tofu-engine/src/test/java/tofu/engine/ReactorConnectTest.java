package tofu.engine;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.ChannelGroup;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.engine.channel.Frame;

/// Connecting: one address or several, at once or later, or not at all.
class ReactorConnectTest {
    private static final int PORT = 7099;
    private static final Address.TcpClient SOMEWHERE = new Address.TcpClient("somewhere", PORT);
    private static final Address.TcpClient HERE = new Address.TcpClient("127.0.0.1", PORT);

    private static InetAddress address(int last) {
        return InetAddress.ofLiteral("10.0.0." + last);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aHelloIsSentOnceTheConnectionStands(boolean atOnce) throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            FakeStream peer = atOnce ? new FakeStream(rig.net) : new FakeStream(rig.net).pending();
            rig.net.dialer = address -> peer;
            int number = rig.dial(group, HERE).channel();
            rig.post(group, OpCode.REQUEST, number, 2);
            rig.run();
            if (!atOnce) {
                assertThat(peer.received()).isEmpty();
                peer.establish();
                rig.run();
            }

            assertThat(peer.received()).extracting(Frame::id).containsExactly(1L, 2L);
            peer.send(Frame.helloResponse(1));
            rig.run();
            assertThat(EngineRig.receive(group)).containsExactly("HELLO_RESPONSE 1");
            assertThat(rig.net.dialled).containsExactly(new InetSocketAddress("127.0.0.1", PORT));
        }
    }

    @ParameterizedTest
    @MethodSource("tofu.engine.link.FailuresTest#connecting")
    void aFailureAtOnceComesBackAsTheTableSays(IOException failure, Status expected)
            throws Exception {
        try (EngineRig rig = new EngineRig()) {
            rig.net.dialer =
                    address -> {
                        throw failure;
                    };
            checkRefused(rig, rig.create(), expected);
        }
    }

    @ParameterizedTest
    @MethodSource("tofu.engine.link.FailuresTest#connecting")
    void aFailureLaterComesBackAsTheTableSays(IOException failure, Status expected)
            throws Exception {
        try (EngineRig rig = new EngineRig()) {
            FakeStream peer = new FakeStream(rig.net).pending();
            rig.net.dialer = address -> peer;
            peer.refuse(failure);
            checkRefused(rig, rig.create(), expected);
            assertThat(peer.isClosed()).isTrue();
        }
    }

    private static void checkRefused(EngineRig rig, ChannelGroup group, Status expected)
            throws Exception {
        int number = rig.dial(group, HERE).channel();
        rig.run();

        String hello =
                expected == Status.UDS_PATH_NOT_FOUND ? "HELLO_RESPONSE 1" : "HELLO_REQUEST 1";
        assertThat(EngineRig.receive(group))
                .containsExactly(hello + " back " + expected, "notice CHANNEL_CLOSED of " + number);
    }

    // -- names

    @Test
    void severalAddressesOfANameAreTriedInTurn() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            List<FakeStream> peers = new ArrayList<>();
            rig.net.dialer =
                    address -> {
                        if (((InetSocketAddress) address).getAddress().equals(address(1))) {
                            throw new NoRouteToHostException("no route");
                        }
                        peers.add(new FakeStream(rig.net).pending());
                        return peers.getLast();
                    };
            rig.dial(group, SOMEWHERE);
            rig.run();
            rig.names.answer("somewhere", address(1), address(2), address(3), address(4));
            rig.run();
            assertThat(peers).hasSize(1);
            peers.getFirst().refuse(new ConnectException("refused"));
            rig.run();
            assertThat(peers).hasSize(2);
            peers.getLast().establish();
            rig.run();

            assertThat(rig.net.dialled)
                    .containsExactly(
                            new InetSocketAddress(address(1), PORT),
                            new InetSocketAddress(address(2), PORT),
                            new InetSocketAddress(address(3), PORT));
            assertThat(peers.getFirst().isClosed()).isTrue();
            assertThat(peers.getLast().received()).extracting(Frame::id).containsExactly(1L);
            assertThat(EngineRig.receive(group)).isEmpty();
        }
    }

    @Test
    void whenAllAddressesFailTheLastReasonCounts() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.net.dialer =
                    address -> {
                        if (((InetSocketAddress) address).getAddress().equals(address(1))) {
                            throw new ConnectException("refused");
                        }
                        throw new SocketException("unreachable");
                    };
            int number = rig.dial(group, SOMEWHERE).channel();
            rig.run();
            rig.names.answer("somewhere", address(1), address(2));
            rig.run();

            assertThat(EngineRig.receive(group))
                    .containsExactly(
                            "HELLO_REQUEST 1 back COMMUNICATION_FAILED",
                            "notice CHANNEL_CLOSED of " + number);
        }
    }

    @Test
    void anAddressThatSwallowsEverythingLeavesTimeForTheOthers() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            List<FakeStream> peers = new ArrayList<>();
            rig.net.dialer =
                    address -> {
                        peers.add(new FakeStream(rig.net).pending());
                        return peers.getLast();
                    };
            rig.dial(group, SOMEWHERE);
            rig.run();
            rig.pass(1_000); // of ten seconds, for the lookup
            rig.names.answer("somewhere", address(1), address(2), address(3));
            rig.run();
            rig.pass(2_999);
            assertThat(peers).hasSize(1);
            rig.pass(1);
            assertThat(peers).hasSize(2);
            assertThat(peers.getFirst().isClosed()).isTrue();
            // What is refused at once leaves its share to the others.
            peers.getLast().refuse(new ConnectException("refused"));
            rig.run();
            assertThat(peers).hasSize(3);
            rig.pass(5_999);
            peers.getLast().establish();
            rig.run();

            assertThat(peers.getLast().received()).extracting(Frame::id).containsExactly(1L);
            assertThat(EngineRig.receive(group)).isEmpty();
            rig.pass(10_000);
            assertThat(peers).as("connected, and nothing more to try").hasSize(3);
        }
    }

    @Test
    void noAddressIsTriedForLessThanItTakesToAnswer() throws Exception {
        try (EngineRig rig =
                new EngineRig(EngineRig.options().connectTimeout(ofMillis(600)).build())) {
            ChannelGroup group = rig.create();
            rig.net.dialer = address -> new FakeStream(rig.net).pending();
            int number = rig.dial(group, SOMEWHERE).channel();
            rig.run();
            rig.names.answer(
                    "somewhere", address(1), address(2), address(3), address(4), address(5));
            rig.run();
            rig.pass(249);
            assertThat(rig.net.dialled).hasSize(1);
            rig.pass(1);
            assertThat(rig.net.dialled).hasSize(2);
            rig.pass(250);
            assertThat(rig.net.dialled).hasSize(3);
            rig.pass(100);

            assertThat(EngineRig.receive(group))
                    .containsExactly(
                            "HELLO_REQUEST 1 back CONNECT_TIMEOUT",
                            "notice CHANNEL_CLOSED of " + number);
        }
    }

    @Test
    void aNameThatCannotBeAskedForNowComesBackAtOnce() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.names.refusing = true;
            int number = rig.dial(group, SOMEWHERE).channel();
            rig.run();

            assertThat(EngineRig.receive(group))
                    .containsExactly(
                            "HELLO_REQUEST 1 back COMMUNICATION_FAILED",
                            "notice CHANNEL_CLOSED of " + number);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"it takes too long", "a bye signal", "the group closes"})
    void aLookUpThatNobodyNeedsAnyMoreIsWithdrawn(String why) throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number = rig.dial(group, SOMEWHERE).channel();
            rig.run();
            assertThat(rig.names.asked()).containsExactly("somewhere");
            switch (why) {
                case "it takes too long" -> rig.pass(10_000);
                case "a bye signal" -> rig.post(group, OpCode.BYE_SIGNAL, number, 2);
                default -> rig.driveWhile(group::close);
            }
            rig.run();

            assertThat(rig.names.asked()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void connectingHasItsDeadlineTheLookUpIncluded(boolean lookUp) throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            FakeStream peer = new FakeStream(rig.net).pending();
            rig.net.dialer = address -> peer;
            int number = rig.dial(group, SOMEWHERE).channel();
            rig.run();
            rig.pass(6_000);
            if (!lookUp) {
                rig.names.answer("somewhere", address(1));
                rig.run();
            }
            rig.pass(3_999);
            assertThat(EngineRig.receive(group)).isEmpty();
            var onTheWay = lookUp ? rig.names.take("somewhere") : null;
            rig.pass(1);

            assertThat(EngineRig.receive(group))
                    .containsExactly(
                            "HELLO_REQUEST 1 back CONNECT_TIMEOUT",
                            "notice CHANNEL_CLOSED of " + number);
            if (onTheWay != null) {
                onTheWay.forEach(found -> found.accept(List.of(address(1))));
                rig.run();
                assertThat(rig.net.dialled).as("too late").isEmpty();
            } else {
                assertThat(peer.isClosed()).isTrue();
            }
        }
    }

    @Test
    void aNameThatNobodyKnowsIsAnInvalidAddress() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number = rig.dial(group, SOMEWHERE).channel();
            rig.run();
            rig.names.answer("somewhere");
            rig.run();

            checkAnswered(group, number, Status.INVALID_ADDRESS);
        }
    }

    @Test
    void nobodyConnectsByTlsWithAnEngineThatHasNone() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number = rig.dial(group, new Address.TlsClient("127.0.0.1", PORT)).channel();
            rig.run();

            checkAnswered(group, number, Status.TLS_FAILED);
            assertThat(rig.net.dialled).isEmpty();
        }
    }

    private static void checkAnswered(ChannelGroup group, int number, Status reason)
            throws InterruptedException {
        assertThat(EngineRig.receive(group))
                .containsExactly(
                        "HELLO_RESPONSE 1 back " + reason, "notice CHANNEL_CLOSED of " + number);
    }

    @Test
    void anAddressThatIsNoneIsAnsweredAtOnce() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number;
            try (var hello = rig.message()) {
                hello.opCode(OpCode.HELLO_REQUEST).id(1);
                hello.headers().append("~connect_to", "pigeon|coop|1");
                number = group.enqueueToPeer(hello).channel();
            }
            rig.run();

            checkAnswered(group, number, Status.INVALID_ADDRESS);
        }
    }

    @Test
    void anUrgentHelloConnectsLikeAnyOther() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            try (var hello = rig.message()) {
                hello.connectTo(HERE).id(1).outOfBand(true);
                group.enqueueToPeer(hello);
            }
            rig.run();

            assertThat(rig.net.dialled).hasSize(1);
        }
    }

    // -- writing

    @Test
    void aPeerThatReadsSlowlyIsWrittenToAsItReads() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            FakeStream peer = new FakeStream(rig.net).room(0);
            rig.net.dialer = address -> peer;
            int number = rig.dial(group, HERE).channel();
            for (int id = 2; id < 50; id++) {
                rig.post(group, OpCode.REQUEST, number, id);
            }
            rig.run();
            List<Frame> received = new ArrayList<>();
            for (int i = 0; i < 2_000 && received.size() < 49; i++) {
                peer.room(7);
                rig.run();
                received.addAll(peer.received());
            }

            assertThat(received).hasSize(49);
            assertThat(received).extracting(Frame::id).isSorted();
            assertThat(peer.interest() & tofu.engine.net.Net.WRITE).isZero();
        }
    }

    @Test
    void whatCannotBeWrittenComesBack() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            FakeStream peer = new FakeStream(rig.net);
            rig.net.dialer = address -> peer;
            int number = rig.dial(group, HERE).channel();
            rig.run();
            peer.send(Frame.helloResponse(1), Frame.signal(5));
            peer.breakWriting(new IOException("broken pipe"));
            peer.breakReading(new IOException("reset"));
            rig.post(group, OpCode.REQUEST, number, 2);
            rig.run();

            assertThat(EngineRig.receive(group))
                    .containsExactly(
                            "HELLO_RESPONSE 1",
                            "SIGNAL 5",
                            "REQUEST 2 back SEND_FAILED",
                            "notice CHANNEL_CLOSED of " + number);
            assertThat(peer.isClosed()).isTrue();
        }
    }
}
