package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.Admission;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Options;
import tofu.engine.link.Refusals.Reason;
import tofu.engine.net.PeerException;

/// Several who have come to a listener since its last turn: who is refused does not keep the others
/// waiting, and only a lack of numbers does.
class ReactorReceptionTest {
    private static final int PORT = 7099;

    /// Of a listener that has none.
    private static final int NO_PORT = -1;

    private static Options.Builder options(UnaryOperator<Admission.Builder> rules) {
        return EngineRig.options().admission(rules.apply(Admission.builder()).build());
    }

    /// Listens on a port, or on a file.
    private static void listen(EngineRig rig, ChannelGroup group, boolean file) throws Exception {
        try (Message welcome = rig.message()) {
            group.enqueueToPeer(
                    welcome.listenOn(
                            file
                                    ? new Address.UdsServer("/nowhere/some.sock")
                                    : new Address.TcpServer("127.0.0.1", PORT)));
        }
        rig.run();
        assertThat(EngineRig.receive(group)).hasSize(1);
    }

    private static FakeAcceptor acceptor(EngineRig rig, boolean file) {
        return rig.net.acceptor(file ? NO_PORT : PORT);
    }

    private static FakeStream arrive(FakeAcceptor acceptor) {
        return acceptor.arrive()
                .from(new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), 40_000));
    }

    /// Three come, and the listener has one turn.
    private static List<FakeStream> threeInOneTurn(EngineRig rig, boolean file) throws Exception {
        List<FakeStream> peers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            peers.add(arrive(acceptor(rig, file)));
        }
        rig.loop.step(0);
        assertThat(acceptor(rig, file).waiting()).as("in the backlog").isZero();
        return peers;
    }

    private static long refused(EngineRig rig) {
        return rig.engine.statistics().events().refusedConnections();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "USER")
    void whoIsRefusedKeepsNobodyWaiting(Reason reason) throws Exception {
        Options options =
                options(
                                rules ->
                                        switch (reason) {
                                            case NETWORK -> rules.denyNetworks("10.0.0.0/8");
                                            case ADDRESS -> rules.connectionsPerAddress(1);
                                            case RATE -> rules.connectionsPerSecond(1);
                                            case USER -> rules;
                                        })
                        .build();
        try (EngineRig rig = new EngineRig(options)) {
            listen(rig, rig.create(), false);
            List<FakeStream> peers = threeInOneTurn(rig, false);

            int refused = reason == Reason.NETWORK ? 3 : 2;
            assertThat(peers.subList(3 - refused, 3)).allMatch(FakeStream::wasReset);
            assertThat(rig.engine.entrance().refusals().count(reason)).isEqualTo(refused);
            assertThat(refused(rig)).isEqualTo(refused);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoseUserIsLookedUpKeepsNobodyWaiting(boolean refusing) throws Exception {
        try (EngineRig rig = new EngineRig(options(rules -> rules.allowUsers("0")).build())) {
            listen(rig, rig.create(), true);
            rig.hands.refusing = refusing;
            List<FakeStream> peers = threeInOneTurn(rig, true);
            assertThat(peers).allMatch(peer -> peer.wasReset() == refusing);

            rig.hands.work();
            rig.run();

            assertThat(peers).as("unknown").allMatch(FakeStream::wasReset);
            assertThat(refused(rig)).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void allWhoMayComeInDoSoInOneTurn(boolean file) throws Exception {
        try (EngineRig rig = new EngineRig()) {
            listen(rig, rig.create(), file);

            assertThat(threeInOneTurn(rig, file)).noneMatch(FakeStream::isClosed);
            assertThat(refused(rig)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoGetsNoNumberLetsTheOthersWait(boolean file) throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().maxChannels(1).build())) {
            ChannelGroup group = rig.create();
            listen(rig, group, file);
            FakeStream first = arrive(acceptor(rig, file));
            arrive(acceptor(rig, file));
            rig.loop.step(0);

            assertThat(first.wasReset()).isTrue();
            assertThat(acceptor(rig, file).waiting()).isOne();
            assertThat(refused(rig)).isOne();
            EngineRig.receive(group);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatCannotBeAcceptedIsCountedAndToldOnceInASecond(boolean byPeer) throws Exception {
        IOException failure = new SocketException("Too many open files");
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            listen(rig, group, false);
            rig.pass(5); // away from where the clock wraps around
            acceptor(rig, false).fail(byPeer ? new PeerException("its fault", failure) : failure);
            rig.run();
            assertThat(refused(rig)).isOne();
            assertThat(EngineRig.receive(group)).hasSize(1);

            rig.pass(999);
            acceptor(rig, false).fail(failure);
            rig.run();
            assertThat(EngineRig.receive(group)).as("within a second").isEmpty();
            assertThat(refused(rig)).isEqualTo(2);
        }
    }

    @Test
    void troubleIsToldAgainWhenASecondIsOver() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            listen(rig, group, false);
            rig.pass(5); // away from where the clock wraps around
            acceptor(rig, false).fail(new PeerException("its fault", new IOException()));
            rig.run();
            assertThat(EngineRig.receive(group)).hasSize(1);
            rig.pass(1_000);
            acceptor(rig, false).fail(new PeerException("its fault", new IOException()));
            rig.run();
            assertThat(EngineRig.receive(group)).hasSize(1);
        }
    }

    @Test
    void whoCannotBeRegisteredIsClosedAndCountedAsRefused() throws Exception {
        Options options = options(rules -> rules.connectionsPerAddress(9)).build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            listen(rig, group, false);
            FakeStream peer = arrive(acceptor(rig, false));
            peer.refuse(new IOException("no more keys"));
            rig.run();

            assertThat(peer.isClosed()).isTrue();
            assertThat(refused(rig)).isOne();
            assertThat(rig.engine.entrance().addresses()).isZero();
            assertThat(rig.engine.channels().inUse()).as("only the listener").isOne();
            assertThat(EngineRig.receive(group)).isEmpty();
        }
    }

    @Test
    void whoseUserIsLookedUpWhenTheLoopEndsIsReset() throws Exception {
        try (EngineRig rig = new EngineRig(options(rules -> rules.allowUsers("0")).build())) {
            listen(rig, rig.create(), true);
            List<FakeStream> peers = threeInOneTurn(rig, true);

            rig.endLoop();

            assertThat(peers).allMatch(FakeStream::wasReset);
        }
    }

    @Test
    void whoIsOnHisWayToALoopThatEndsIsClosed() throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().loops(2).build())) {
            listen(rig, rig.create(), false); // on the first loop, so that the next is the second's
            FakeStream peer = arrive(acceptor(rig, false));
            rig.loop.step(0);
            assertThat(acceptor(rig, false).waiting()).isZero();
            assertThat(peer.isClosed()).isFalse();

            rig.endLoop();

            assertThat(peer.isClosed()).isTrue();
        }
    }
}
