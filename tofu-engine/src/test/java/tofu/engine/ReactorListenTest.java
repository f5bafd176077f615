package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.Channel;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.engine.channel.Frame;

/// Listening, and what keeps a socket from it.
class ReactorListenTest {
    private static final int PORT = 7099;

    private static int welcome(EngineRig rig, ChannelGroup group, String host, int port) {
        try (Message welcome = rig.message()) {
            welcome.listenOn(new Address.TcpServer(host, port)).id(5);
            return group.enqueueToPeer(welcome).channel();
        }
    }

    @ParameterizedTest
    @MethodSource("tofu.engine.link.FailuresTest#listening")
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
            assertThat(rig.engine.statistics().events().closes())
                    .containsExactly(Map.entry(Status.INVALID_ADDRESS, 1L));
        }
    }

    @Test
    void aLookUpThatNeverEndsIsAnsweredWhenTheTimeToConnectIsOver() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number = welcome(rig, group, "inside", PORT);
            rig.run();
            rig.pass(9_999);
            assertThat(EngineRig.receive(group)).isEmpty();
            var onTheWay = rig.names.take("inside");
            rig.pass(1);

            assertThat(EngineRig.receive(group))
                    .containsExactly(
                            "WELCOME_RESPONSE 5 back INVALID_ADDRESS",
                            "notice CHANNEL_CLOSED of " + number);
            assertThat(rig.engine.statistics().events().deadlinesHit())
                    .containsExactly(Map.entry(DeadlineName.CONNECT, 1L));
            onTheWay.forEach(found -> found.accept(List.of(InetAddress.ofLiteral("10.0.0.1"))));
            rig.run();
            assertThat(EngineRig.receive(group)).as("too late").isEmpty();
        }
    }

    @Test
    void aLookUpThatHasEndedHasNoDeadline() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            welcome(rig, group, "inside", PORT);
            rig.run();
            rig.names.answer("inside", InetAddress.ofLiteral("10.0.0.1"));
            rig.run();
            rig.pass(20_000);

            assertThat(EngineRig.receive(group)).containsExactly("WELCOME_RESPONSE 5");
            assertThat(rig.net.acceptor(PORT).isInterested()).isTrue();
        }
    }

    @Test
    void aNameThatCannotBeAskedForNowIsAnsweredAtOnce() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.names.refusing = true;
            int number = welcome(rig, group, "inside", PORT);
            rig.run();

            assertThat(EngineRig.receive(group))
                    .containsExactly(
                            "WELCOME_RESPONSE 5 back LISTEN_FAILED",
                            "notice CHANNEL_CLOSED of " + number);
        }
    }

    @ParameterizedTest
    @CsvSource({"pigeon|coop|1, INVALID_ADDRESS", "tls|127.0.0.1|7099, TLS_FAILED"})
    void anAddressThatIsNoneOrNeedsTlsIsAnsweredAtOnce(String address, Status reason)
            throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number;
            try (Message welcome = rig.message()) {
                welcome.opCode(OpCode.WELCOME_REQUEST).id(5);
                welcome.headers().append("~listen_on", address);
                number = group.enqueueToPeer(welcome).channel();
            }
            rig.run();

            assertThat(EngineRig.receive(group))
                    .containsExactly(
                            "WELCOME_RESPONSE 5 back " + reason,
                            "notice CHANNEL_CLOSED of " + number);
        }
    }

    @ParameterizedTest
    @CsvSource({"'', ::", "127.0.0.1, 127.0.0.1"})
    void withoutAHostItListensOnAllInterfaces(String host, String bound) throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number = welcome(rig, group, host, PORT);
            rig.run();

            SocketAddress expected = new InetSocketAddress(InetAddress.ofLiteral(bound), PORT);
            assertThat(rig.net.acceptor(PORT).localAddress()).isEqualTo(expected);
            Channel channel = Objects.requireNonNull(group.channel(number));
            assertThat(channel.localAddress()).isEqualTo(new Address.TcpServer(host, PORT));
            assertThat(EngineRig.receive(group)).containsExactly("WELCOME_RESPONSE 5");
        }
    }

    @Test
    void whoAsksForAListenerThatHasEndedHearsSinceWhen() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number = welcome(rig, group, "", PORT);
            rig.run();
            rig.post(group, OpCode.BYE_SIGNAL, number, 6);
            rig.pass(0);
            rig.pass(7);

            assertThatThrownBy(() -> rig.post(group, OpCode.BYE_SIGNAL, number, 7))
                    .hasMessageContaining("7 ms ago");
            assertThat(rig.engine.statistics().events().closes())
                    .containsExactly(Map.entry(Status.CHANNEL_CLOSED, 1L));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLookUpThatNobodyNeedsAnyMoreIsWithdrawn(boolean byTimeout) throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            welcome(rig, group, "inside", PORT);
            rig.run();
            assertThat(rig.names.asked()).containsExactly("inside");
            if (byTimeout) {
                rig.pass(10_000);
            } else {
                rig.driveWhile(group::close);
            }

            assertThat(rig.names.asked()).isEmpty();
        }
    }

    @Test
    void aLookUpIsWithdrawnWhenTheLoopEnds() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            welcome(rig, rig.create(), "inside", PORT);
            rig.run();
            assertThat(rig.names.asked()).containsExactly("inside");

            rig.endLoop();

            assertThat(rig.names.asked()).isEmpty();
        }
    }

    /// @param failure of the first address
    @ParameterizedTest
    @MethodSource("tofu.engine.link.FailuresTest#listening")
    void theNextAddressIsListenedOnUnlessTheFirstIsInUse(IOException failure, Status reason)
            throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int number = welcome(rig, group, "inside", PORT);
            rig.run();
            rig.net.listenFailure = failure;
            rig.names.answer(
                    "inside", InetAddress.ofLiteral("10.0.0.1"), InetAddress.ofLiteral("10.0.0.2"));
            rig.run();

            if (reason == Status.ADDRESS_IN_USE) {
                assertThat(EngineRig.receive(group))
                        .containsExactly(
                                "WELCOME_RESPONSE 5 back ADDRESS_IN_USE",
                                "notice CHANNEL_CLOSED of " + number);
            } else {
                assertThat(EngineRig.receive(group)).containsExactly("WELCOME_RESPONSE 5");
                assertThat(rig.net.acceptor(PORT).localAddress().toString()).contains("10.0.0.2");
            }
        }
    }

    @Test
    void thePortThatTheSystemChoseIsNamed() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            try (Message welcome = rig.message()) {
                welcome.listenOn(new Address.TcpServer("127.0.0.1", 0));
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

    /// Of so many lengths, four bytes apart, one is that of a slot, which the port does not fit in.
    @Test
    void aSlotWithoutRoomForTheChosenPortIsReplaced() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            for (int length = 1; length <= 260; length += 4) {
                String value = "v".repeat(length);
                try (Message welcome = rig.message()) {
                    welcome.listenOn(new Address.TcpServer("127.0.0.1", 0));
                    welcome.headers().append("mine", value);
                    group.enqueueToPeer(welcome);
                }
                rig.run();
                try (Message answer = Objects.requireNonNull(EngineRig.next(group))) {
                    assertThat(Address.parse(answer))
                            .isNotEqualTo(new Address.TcpServer("127.0.0.1", 0));
                    assertThat(answer.headers().first("mine")).isEqualTo(value);
                }
            }
        }
    }

    @Test
    void headersWithoutRoomForTheChosenPortAreNotSpoilt() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            String value = "v".repeat(65_535 - "~listen_on:tcp|127.0.0.1|0\r\nmine:\r\n".length());
            try (Message welcome = rig.message()) {
                welcome.listenOn(new Address.TcpServer("127.0.0.1", 0));
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
