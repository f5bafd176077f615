package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.Channel;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Options;
import tofu.api.PeerIdentity;
import tofu.api.Status;
import tofu.engine.channel.Frame;
import tofu.engine.net.KeepAlive;
import tofu.engine.net.Net;
import tofu.engine.net.TlsException;

/// Connections whose two ends agree first on how to speak, as with TLS; and what is known of both
/// ends of one.
class ReactorSecuringTest {
    private static final int PORT = 7099;
    private static final Address.TcpClient HERE = new Address.TcpClient("127.0.0.1", PORT);
    private static final PeerIdentity.Credentials PROVED =
            PeerIdentity.Tls.of(List.of(), "TLSv1.3", "TLS_AES_128_GCM_SHA256");

    private static Options.Builder options() {
        return EngineRig.options()
                .connectTimeout(Duration.ofSeconds(20))
                .handshakeTimeout(Duration.ofSeconds(10))
                .sendTimeout(Duration.ofSeconds(3));
    }

    private static long handshakes(EngineRig rig) {
        return rig.engine.statistics().events().tlsHandshakes();
    }

    private static FakeStream arriveSecuring(EngineRig rig, ChannelGroup group) throws Exception {
        rig.listen(group, PORT);
        FakeStream peer = rig.net.acceptor(PORT).arrive().securing();
        peer.send(Frame.helloRequest(1));
        rig.run();
        return peer;
    }

    private static IOException failure(Status status) {
        return new TlsException(status, "planted", new IOException("below"));
    }

    @Test
    void aPeerIsReadAndCountedOnceTheTwoEndsHaveAgreed() throws Exception {
        try (EngineRig rig = new EngineRig(options().build())) {
            ChannelGroup group = rig.create();
            FakeStream peer = arriveSecuring(rig, group);
            assertThat(peer.interest() & Net.CONNECT).isNotZero();
            peer.handler().onReady(Net.CONNECT); // for nothing
            assertThat(peer.interest() & Net.CONNECT).isNotZero();
            assertThat(handshakes(rig)).isZero();

            peer.secure(PROVED);
            rig.run();

            assertThat(peer.interest() & Net.CONNECT).isZero();
            try (Message hello = Objects.requireNonNull(EngineRig.next(group))) {
                assertThat(hello.id()).isOne();
                Channel channel = Objects.requireNonNull(group.channel(hello.channel()));
                assertThat(channel.peer().credentials()).isEqualTo(PROVED);
            }
            assertThat(handshakes(rig)).isOne();
            peer.handler().onReady(Net.CONNECT);
            assertThat(handshakes(rig)).as("once").isOne();
        }
    }

    @Test
    void whoEndsTheHandshakeWithoutAProofIsNotCounted() throws Exception {
        try (EngineRig rig = new EngineRig(options().build())) {
            ChannelGroup group = rig.create();
            FakeStream peer = arriveSecuring(rig, group);

            peer.secure(null);
            rig.run();

            assertThat(EngineRig.receive(group)).containsExactly("HELLO_REQUEST 1");
            assertThat(handshakes(rig)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientsTimeForTheHandshakeBeginsWithTheConnection(boolean inTime) throws Exception {
        try (EngineRig rig = new EngineRig(options().build())) {
            ChannelGroup group = rig.create();
            FakeStream peer = new FakeStream(rig.net).pending().securing();
            rig.net.dialer = address -> peer;
            int number = rig.dial(group, HERE).channel();
            rig.pass(8_000);
            Channel channel = Objects.requireNonNull(group.channel(number));
            assertThat(channel.peer().credentials()).as("before it is connected").isNull();
            peer.establish();
            rig.run();
            rig.pass(9_999); // nothing is taken meanwhile, and that is no silence of the peer's
            assertThat(EngineRig.receive(group)).isEmpty();
            if (inTime) {
                peer.secure(PROVED);
                rig.run();
                rig.pass(60_000);
                assertThat(peer.received()).extracting(Frame::id).containsExactly(1L);
                assertThat(channel.peer().credentials()).isEqualTo(PROVED);
                assertThat(EngineRig.receive(group)).isEmpty();
            } else {
                rig.pass(1);
                assertThat(EngineRig.receive(group))
                        .hasSize(3)
                        .contains("HELLO_REQUEST 1 back HANDSHAKE_TIMEOUT")
                        .contains("notice CHANNEL_CLOSED of " + number);
                assertThat(peer.wasReset()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aServerSaysThatItIsTheHandshakeThatWasLate(boolean secured) throws Exception {
        try (EngineRig rig = new EngineRig(options().build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.net.acceptor(PORT).arrive().securing();
            rig.run();
            if (secured) {
                peer.secure(PROVED);
                rig.run();
            }
            rig.pass(10_000); // without a hello

            try (Message notice = Objects.requireNonNull(EngineRig.next(group))) {
                assertThat(notice.status()).isEqualTo(Status.HANDSHAKE_TIMEOUT);
                assertThat(notice.header().headersLength() > 0).isEqualTo(!secured);
            }
            assertThat(EngineRig.receive(group)).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFailureOfTlsIsTheReasonWhetherReadingOrWritingFindsIt(boolean writing) throws Exception {
        try (EngineRig rig = new EngineRig(options().build())) {
            ChannelGroup group = rig.create();
            FakeStream peer = new FakeStream(rig.net).securing();
            rig.net.dialer = address -> peer;
            int number = rig.dial(group, HERE).channel();
            rig.run();
            if (writing) {
                peer.breakWriting(failure(Status.TLS_WRONG_HOST));
            } else {
                peer.breakReading(failure(Status.TLS_WRONG_HOST));
            }
            rig.run();

            assertThat(EngineRig.receive(group))
                    .hasSize(3)
                    .contains("HELLO_REQUEST 1 back TLS_WRONG_HOST")
                    .contains("notice CHANNEL_CLOSED of " + number);
            assertThat(peer.wasReset()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bothEndsAreKnownAndAQuietPeerIsAskedFor(boolean client) throws Exception {
        KeepAlive expected = new KeepAlive(77, 7, 3);
        Options options =
                options()
                        .keepAliveIdle(Duration.ofSeconds(77))
                        .keepAliveInterval(Duration.ofSeconds(7))
                        .keepAliveCount(3)
                        .build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            FakeStream peer;
            Channel channel;
            if (client) {
                peer = new FakeStream(rig.net);
                rig.net.dialer = address -> peer;
                int number = rig.dial(group, HERE).channel();
                channel = Objects.requireNonNull(group.channel(number));
                assertThat(channel.localAddress()).isNull();
                assertThat(channel.remoteAddress()).isNull();
            } else {
                rig.listen(group, PORT);
                peer = rig.net.acceptor(PORT).arrive();
                channel = null;
            }
            peer.at(new InetSocketAddress("127.0.0.1", 5_001));
            peer.from(new InetSocketAddress("127.0.0.2", 5_002));
            if (!client) {
                peer.send(Frame.helloRequest(1));
            }
            rig.run();
            if (channel == null) {
                try (Message hello = Objects.requireNonNull(EngineRig.next(group))) {
                    channel = Objects.requireNonNull(group.channel(hello.channel()));
                }
            }

            assertThat(channel.localAddress()).isEqualTo(new Address.TcpClient("127.0.0.1", 5_001));
            assertThat(channel.remoteAddress())
                    .isEqualTo(new Address.TcpClient("127.0.0.2", 5_002));
            assertThat(peer.asksWhetherPeerIsThere()).isEqualTo(expected);
        }
    }
}
