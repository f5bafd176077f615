package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tofu.api.Address;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Status;
import tofu.engine.channel.Frame;

/// Listening, and what keeps a socket from it.
class ReactorListenTest {
    private static final int PORT = 7099;

    private static int welcome(EngineRig rig, ChannelGroup group, String host, int port) {
        try (Message welcome = rig.message()) {
            new Address.TcpServer(host, port).format(welcome).id(5);
            return group.enqueueToPeer(welcome).channel();
        }
    }

    @ParameterizedTest
    @MethodSource("tofu.engine.FailuresTest#listening")
    void aSocketThatCannotListenIsAnsweredWithTheReason(IOException failure, Status reason)
            throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.net.listenFailure = failure;
            int number = welcome(rig, group, "", PORT);
            rig.run();

            assertThat(EngineRig.receive(group))
                    .containsExactly(
                            "WELCOME_RESPONSE 5 back " + reason,
                            "notice CHANNEL_CLOSED of " + number);
        }
    }

    @Test
    void theNameOfAnInterfaceIsLookedUp() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            welcome(rig, group, "inside", PORT);
            rig.run();
            assertThat(EngineRig.receive(group)).isEmpty();

            rig.names.answer("inside", InetAddress.ofLiteral("10.0.0.1"));
            rig.run();

            assertThat(EngineRig.receive(group)).containsExactly("WELCOME_RESPONSE 5");
            assertThat(rig.net.acceptor(PORT).localAddress().toString()).contains("10.0.0.1");
        }
    }

    @Test
    void aNameThatNobodyKnowsIsAnInvalidAddress() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number = welcome(rig, group, "nowhere", PORT);
            rig.run();
            rig.names.answer("nowhere");
            rig.run();

            assertThat(EngineRig.receive(group))
                    .containsExactly(
                            "WELCOME_RESPONSE 5 back INVALID_ADDRESS",
                            "notice CHANNEL_CLOSED of " + number);
        }
    }

    @Test
    void thePortThatTheSystemChoseIsNamed() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            try (Message welcome = rig.message()) {
                new Address.TcpServer("127.0.0.1", 0).format(welcome);
                welcome.headers().append("mine", "stays").append("mine", "twice");
                welcome.body().append(new byte[] {1, 2, 3});
                group.enqueueToPeer(welcome);
            }
            rig.run();

            try (Message answer = EngineRig.next(group)) {
                assertThat(answer).isNotNull();
                assertThat(answer.status()).isEqualTo(Status.SUCCESS);
                assertThat(Frame.of(((tofu.pool.SlabMessage) answer).slot()).headers())
                        .isEqualTo(
                                "~listen_on:tcp|127.0.0.1|40001\r\n"
                                        + "mine:stays\r\nmine:twice\r\n");
                assertThat(answer.body().toByteArray()).containsExactly(1, 2, 3);
            }
        }
    }

    @Test
    void headersWithoutRoomForTheChosenPortAreNotSpoilt() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            String value = "v".repeat(65_535 - "~listen_on:tcp|127.0.0.1|0\r\nmine:\r\n".length());
            try (Message welcome = rig.message()) {
                new Address.TcpServer("127.0.0.1", 0).format(welcome);
                welcome.headers().append("mine", value);
                assertThat(welcome.headers().length()).isEqualTo(65_535);
                group.enqueueToPeer(welcome);
            }
            rig.run();

            try (Message answer = EngineRig.next(group)) {
                assertThat(answer).isNotNull();
                assertThat(value.equals(answer.headers().first("mine"))).as("intact").isTrue();
            }
            EngineRig.receive(group);
        }
    }
}
