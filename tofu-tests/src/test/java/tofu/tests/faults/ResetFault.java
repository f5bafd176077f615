package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Ampe;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;
import tofu.tests.rigs.Vitals;

/// Peers that break their connections, or end and then break them, in every state of the protocol,
/// thousands of times, as clients and as servers.
///
/// No channel stays behind: each one that had a hello ends once, all numbers come home, and no loop
/// has anything left to do.
class ResetFault {
    private static final int MAX_CHANNELS = 512;

    /// The storm waits while so many channels have not ended yet.
    private static final int MAX_OPEN = 200;

    /// What loops may use that have nothing to do; one that spins uses all it gets.
    private static final double IDLE_PERCENT = 20;

    private static final Duration A_SECOND = Duration.ofSeconds(1);

    @RegisterExtension final Stage stage = new Stage();

    /// How far a conversation goes.
    private enum Moment {
        NOTHING_SAID {
            @Override
            void reach(RawPeer raw, Frame greeting) {}
        },
        HALF_A_HELLO {
            @Override
            void reach(RawPeer raw, Frame greeting) {
                raw.send(half(greeting));
            }
        },
        HELLO_SAID {
            @Override
            void reach(RawPeer raw, Frame greeting) {
                raw.send(greeting);
            }
        },
        GREETED {
            @Override
            void reach(RawPeer raw, Frame greeting) {
                raw.send(greeting).receive();
            }
        },
        HALF_A_FRAME {
            @Override
            void reach(RawPeer raw, Frame greeting) {
                GREETED.reach(raw, greeting);
                raw.send(half(Frame.of(OpCode.REQUEST, 2, "b".repeat(1000))));
            }
        },
        ANSWERS_UNREAD {
            @Override
            void reach(RawPeer raw, Frame greeting) {
                GREETED.reach(raw, greeting);
                raw.send(Frame.of(OpCode.REQUEST, 2), Frame.of(OpCode.REQUEST, 3));
            }
        },
        DATA_QUEUED {
            @Override
            void reach(RawPeer raw, Frame greeting) {
                GREETED.reach(raw, greeting);
                raw.send(Frame.of(OpCode.REQUEST, 2, Responder.FLOOD)).receive();
            }
        },
        BYE_SAID {
            @Override
            void reach(RawPeer raw, Frame greeting) {
                GREETED.reach(raw, greeting);
                raw.send(Frame.of(OpCode.BYE_REQUEST, 2));
            }
        },
        BYE_ANSWERED {
            @Override
            void reach(RawPeer raw, Frame greeting) {
                BYE_SAID.reach(raw, greeting);
                assertThat(raw.receive().opCode()).isEqualTo(OpCode.BYE_RESPONSE.code());
            }
        };

        abstract void reach(RawPeer raw, Frame greeting);

        private static byte[] half(Frame frame) {
            byte[] all = frame.bytes();
            return Arrays.copyOf(all, all.length / 2);
        }
    }

    /// How it breaks off.
    private enum Break {
        RESET,
        FIN_THEN_RESET,
        CLOSE;

        void apply(RawPeer raw) throws Exception {
            if (this == FIN_THEN_RESET) {
                raw.finish();
            }
            if (this == CLOSE) {
                raw.close();
            } else {
                raw.reset();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void brokenConnectionsLeaveNothingBehind(Transport transport) throws Exception {
        storm(transport, 150);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void fiftyThousandBrokenConnectionsLeaveNothingBehind(Transport transport) throws Exception {
        storm(transport, 50_000);
    }

    private void storm(Transport transport, int events) throws Exception {
        Ampe engine =
                stage.engine(
                        o ->
                                o.maxChannels(MAX_CHANNELS)
                                        .channelQuarantine(Duration.ZERO)
                                        .sendQueueBytes(1 << 20));
        long seed = System.nanoTime();
        int[] done = {0};
        try (Responder responder = new Responder(engine, transport);
                RawDoor door = RawDoor.open(transport)) {
            try {
                Random random = new Random(seed);
                for (; done[0] < events; done[0]++) {
                    once(responder, door, random, done[0] + 1_000_000L);
                }
                Eventually.holds(
                        "each channel's end",
                        () -> responder.ended().containsAll(responder.greeted()));
            } catch (Exception | AssertionError e) {
                throw new AssertionError(transport + ", seed " + seed + ", event " + done[0], e);
            }
            checkIdle(engine, responder, transport + ": " + events + " connections broken", seed);
            checkAllNumbersAreHome(engine, transport);
        }
    }

    private static void once(Responder responder, RawDoor door, Random random, long id)
            throws Exception {
        Moment moment = Moment.values()[random.nextInt(Moment.values().length)];
        Break ending = Break.values()[random.nextInt(Break.values().length)];
        if (responder.open() > MAX_OPEN) {
            Eventually.holds("fewer channels", () -> responder.open() <= MAX_OPEN);
        }
        if (random.nextBoolean()) {
            try (RawPeer raw = RawPeer.connect(responder.address())) {
                moment.reach(raw, Frame.hello(id));
                ending.apply(raw);
            }
        } else {
            responder.connect(door.address(), id);
            try (RawPeer raw = door.accept()) {
                moment.reach(raw, Frame.of(OpCode.HELLO_RESPONSE, id));
                ending.apply(raw);
            }
        }
    }

    private void checkIdle(Ampe engine, Responder responder, String what, long seed) {
        Peer idle = stage.peerOn(engine);
        List<Thread> loops = stage.engineThreads();
        assertThat(loops).isNotEmpty();
        double percent = Vitals.percentOfCpu(loops, () -> idle.expectSilence(A_SECOND));
        assertThat(percent).as("percent of a processor, idle").isLessThan(IDLE_PERCENT);
        System.out.printf(
                "ResetFault %s; %,d channels had a hello and ended once each, %,d ended without;"
                        + " the loops idle afterwards: %.2f %% of a processor; seed %d%n",
                what, responder.ended().size(), responder.strangers(), percent, seed);
    }

    /// But for the listener's, all numbers can be used.
    private void checkAllNumbersAreHome(Ampe engine, Transport transport) {
        Peer client = stage.peerOn(engine);
        Peer server = stage.peer();
        String address = server.listen(transport).address();
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < MAX_CHANNELS - 1; i++) {
            links.add(Link.open(client, server, address));
        }
        assertThat(client.refusal(OpCode.HELLO_REQUEST, 0, m -> m.headers().append("a", "b")))
                .isEqualTo(Status.TOO_MANY_CHANNELS);
        links.forEach(Link::bye);
    }
}
