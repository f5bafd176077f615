package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Options;
import tofu.engine.channel.Frame;
import tofu.engine.net.Net;

/// What the loop does while the pool is empty: it tells once, sleeps, and goes on where it was.
class ReactorPoolTest {
    private static final int PORT = 7099;
    private static final Options FEW = EngineRig.options().maxPoolMessages(4).build();

    private static void checkAsleep(EngineRig rig) throws IOException {
        int calls = rig.net.handlerCalls;
        for (int i = 0; i < 50; i++) {
            assertThat(rig.loop.step(0)).as("work of an empty pool").isZero();
        }
        assertThat(rig.net.handlerCalls).isEqualTo(calls);
    }

    @Test
    void anEmptyPoolIsOnePieceOfNewsAndNoBusyLoop() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT);
            rig.drain(4);
            peer.send(Frame.request(2), Frame.request(3), Frame.request(4));
            rig.run();
            checkAsleep(rig);
            assertThat(EngineRig.receive(group)).containsExactly("notice POOL_EMPTY of 0");

            rig.release(1);
            rig.run();
            assertThat(EngineRig.receive(group)).containsExactly("REQUEST 2");
            rig.run();
            assertThat(EngineRig.receive(group)).containsExactly("REQUEST 3");
            rig.run();
            assertThat(EngineRig.receive(group)).as("no news").containsExactly("REQUEST 4");
        }
    }

    @Test
    void theNextEpisodeIsNewsAgainOnceAQuarterWasFree() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT);
            for (int episode = 0; episode < 3; episode++) {
                rig.drain(4);
                peer.send(Frame.request(2));
                rig.run();
                assertThat(EngineRig.receive(group)).containsExactly("notice POOL_EMPTY of 0");
                rig.release(4);
                rig.run();
                assertThat(EngineRig.receive(group)).containsExactly("REQUEST 2");
                rig.run();
            }
        }
    }

    @Test
    void everyGroupIsToldAndEveryParkedReaderGoesOn() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup first = rig.create();
            ChannelGroup second = rig.create();
            rig.listen(first, PORT);
            rig.listen(second, PORT + 1);
            FakeStream one = rig.greet(first, PORT);
            FakeStream two = rig.greet(first, PORT);
            FakeStream three = rig.greet(second, PORT + 1);
            rig.drain(4);
            one.send(Frame.request(11), Frame.request(12));
            rig.run();
            two.send(Frame.request(21));
            three.send(Frame.request(31));
            rig.run();
            checkAsleep(rig);

            assertThat(two.interest() & Net.READ).as("not read meanwhile").isZero();
            assertThat(EngineRig.receive(first)).containsExactly("notice POOL_EMPTY of 0");
            assertThat(EngineRig.receive(second)).containsExactly("notice POOL_EMPTY of 0");
            rig.release(4);
            rig.run();
            assertThat(EngineRig.receive(first))
                    .containsExactlyInAnyOrder("REQUEST 11", "REQUEST 12", "REQUEST 21");
            assertThat(EngineRig.receive(second)).containsExactly("REQUEST 31");
        }
    }

    @Test
    void aFrameInPiecesIsNotLostInAnEmptyPool() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT).mostPerRead(7);
            rig.drain(4);
            peer.send(Frame.request(2).withBody(50), Frame.signal(3));
            rig.run();
            rig.release(4);
            rig.run();

            assertThat(EngineRig.receive(group))
                    .containsExactly("notice POOL_EMPTY of 0", "REQUEST 2 +50", "SIGNAL 3");
        }
    }

    @Test
    void whenTheStarvingChannelEndsTheOthersAreRead() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup ending = rig.create();
            ChannelGroup group = rig.create();
            rig.listen(ending, PORT);
            rig.listen(group, PORT + 1);
            FakeStream starving = rig.greet(ending, PORT);
            FakeStream parked = rig.greet(group, PORT + 1);
            rig.drain(4);
            starving.send(Frame.request(2));
            rig.run();
            parked.send(Frame.request(3));
            rig.run();
            assertThat(parked.interest()).as("parked").isZero();

            rig.driveWhile(() -> rig.engine.destroy(ending));

            assertThat(parked.unread()).as("it has been read").isZero();
            rig.release(1);
            rig.run();
            assertThat(EngineRig.receive(group)).contains("REQUEST 3");
        }
    }

    @Test
    void aGroupThatStarvesCanBeDestroyedWithoutWaitingForItsDeadline() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT);
            rig.drain(4);
            peer.send(Frame.request(2));
            rig.run();
            peer.end();
            long before = rig.clock.get();

            rig.driveWhile(() -> rig.engine.destroy(group));

            long nanos = rig.clock.get() - before;
            assertThat(nanos).isLessThan(FEW.closeTimeout().toNanos());
            assertThat(peer.wasReset()).as("reset, though it had ended politely").isFalse();
        }
    }

    @Test
    void deadlinesWaitAsLongAsThePoolIsEmpty() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream starving = rig.greet(group, PORT);
            FakeStream parked = rig.greet(group, PORT);
            byte[] frame = Frame.request(5).withBody(40).bytes();
            parked.sendBytes(Arrays.copyOf(frame, 30));
            rig.run();
            rig.drain(4);
            starving.send(Frame.request(2));
            rig.run();
            parked.sendBytes(Arrays.copyOfRange(frame, 30, frame.length));
            rig.run();
            for (int i = 0; i < 10; i++) {
                rig.pass(20_000);
            }
            rig.release(4);
            rig.run();

            assertThat(EngineRig.receive(group))
                    .containsExactlyInAnyOrder(
                            "notice POOL_EMPTY of 0", "REQUEST 5 +40", "REQUEST 2");
        }
    }

    @Test
    void aHalfFrameThatHasMemoryIsReadOnWhileOthersStarve() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream starving = rig.greet(group, PORT);
            FakeStream half = rig.greet(group, PORT);
            Frame frame = Frame.request(5).withBody(2_000);
            half.sendBytes(Arrays.copyOf(frame.bytes(), 30));
            rig.run();
            rig.drain(4);
            starving.send(Frame.request(2));
            rig.run();
            for (int from = 30; from < frame.length(); from += 500) {
                int to = Math.min(from + 500, frame.length());
                half.sendBytes(Arrays.copyOfRange(frame.bytes(), from, to));
                rig.run();
            }

            assertThat(EngineRig.receive(group))
                    .containsExactly("notice POOL_EMPTY of 0", "REQUEST 5 +2000");
            rig.run();
            assertThat(EngineRig.receive(group)).as("with its memory").containsExactly("REQUEST 2");
        }
    }

    // -- notices

    private static List<Integer> closedNumbers(EngineRig rig, ChannelGroup group) throws Exception {
        List<Integer> numbers = new ArrayList<>();
        for (int before = -1; before < numbers.size(); ) {
            before = numbers.size();
            for (Message m = EngineRig.next(group); m != null; m = EngineRig.next(group)) {
                assertThat(EngineRig.describe(m)).startsWith("notice CHANNEL_CLOSED");
                numbers.add(m.channel());
                m.close();
            }
            rig.run();
        }
        return numbers;
    }

    @Test
    void noNoticeIsLostWhenTheReserveIsOut() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            List<FakeStream> peers = new ArrayList<>();
            List<Integer> expected = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                FakeStream peer = rig.net.acceptor(PORT).arrive();
                peer.send(Frame.helloRequest(1));
                rig.run();
                Message hello = EngineRig.next(group);
                assertThat(hello).isNotNull();
                expected.add(hello.channel());
                hello.close();
                peers.add(peer);
            }
            rig.drain(4);
            for (FakeStream peer : peers) {
                peer.end();
                rig.run();
            }

            assertThat(closedNumbers(rig, group)).as("all, in order").isEqualTo(expected);
        }
    }

    @Test
    void strangersWhoComeAndGoAreToldOfUpToABound() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 200; i++) {
                    rig.net.acceptor(PORT).arrive().end();
                    rig.run();
                }
                assertThat(rig.engine.channels().inUse()).as("numbers").isEqualTo(1 + 64);

                assertThat(closedNumbers(rig, group)).hasSize(64).doesNotHaveDuplicates();
                assertThat(rig.engine.channels().inUse()).isEqualTo(1);
            }
        }
    }

    @Test
    void noticesThatWaitDoNotKeepAGroupFromItsEnd() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            rig.drain(4);
            for (int i = 0; i < 100; i++) {
                rig.net.acceptor(PORT).arrive().end();
            }
            rig.run();

            rig.driveWhile(() -> rig.engine.destroy(group));
            rig.run();
            rig.release(4);
            rig.run();

            assertThat(rig.engine.channels().inUse()).as("all numbers are free again").isZero();
        }
    }
}
