package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Options;
import tofu.engine.channel.Frame;
import tofu.engine.net.Net;
import tofu.pool.LogChunk;
import tofu.pool.SlotPool;

/// What the loop does while there are no messages for what came, or no memory to read into.
/// Somewhat long, because there are many who may have it.
class ReactorPoolTest {
    private static final int PORT = 7099;
    private static final Options FEW = EngineRig.options().maxPoolMessages(4).build();

    /// What comes has as little memory as it may have: a mebibyte.
    private static final Options LITTLE = EngineRig.options().maxLogBytes(0).build();

    private static final Frame LONG = Frame.request(9).withBody(60_000);
    private static final Frame LONGEST =
            Frame.request(9).withHeaders("k:" + "v".repeat(60_000) + "\r\n").withBody(65_000);
    private static final Frame SHORT = Frame.request(8).withBody(3_000);

    private static void checkAsleep(EngineRig rig) throws IOException {
        int calls = rig.net.handlerCalls;
        for (int i = 0; i < 50; i++) {
            assertThat(rig.loop.step(0)).as("work without memory").isZero();
        }
        assertThat(rig.net.handlerCalls).isEqualTo(calls);
    }

    /// Takes the memory that is left to read into.
    static List<LogChunk> fill(EngineRig rig) {
        SlotPool incoming = rig.engine.memory().incoming();
        List<LogChunk> chunks = new ArrayList<>();
        for (int bytes = 131_086; bytes >= 64; bytes /= 2) {
            LogChunk chunk = LogChunk.take(incoming, bytes);
            while (chunk != null) {
                chunks.add(chunk);
                chunk = LogChunk.take(incoming, bytes);
            }
        }
        return chunks;
    }

    @Test
    void whatComesIsReadThoughTheApplicationHasAllMessages() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT).mostPerRead(7);
            rig.drain(4);
            peer.send(Frame.request(2).withBody(50), Frame.request(3), Frame.signal(4));
            rig.run();
            assertThat(peer.unread()).isZero();
            checkAsleep(rig);
            assertThat(EngineRig.receive(group)).containsExactly("notice POOL_EMPTY of 0");

            rig.release(1);
            assertThat(EngineRig.receive(group))
                    .containsExactly("REQUEST 2 +50", "REQUEST 3", "SIGNAL 4");
        }
    }

    @Test
    void aGroupWhoseMessagesWaitForMemoryCanBeDestroyed() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT);
            rig.drain(4);
            peer.send(Frame.request(2));
            rig.run();
            assertThat(EngineRig.receive(group)).containsExactly("notice POOL_EMPTY of 0");
            peer.end();
            long before = rig.clock.get();

            rig.driveWhile(() -> rig.engine.destroy(group));

            long nanos = rig.clock.get() - before;
            assertThat(nanos).isLessThan(FEW.closeTimeout().toNanos());
            assertThat(peer.wasReset()).as("reset, though it had ended politely").isFalse();
        }
    }

    @Test
    void whoseMessagesNobodyTakesIsReadNoMoreAndOthersAre() throws Exception {
        try (EngineRig rig = new EngineRig(LITTLE)) {
            ChannelGroup full = rig.create();
            ChannelGroup group = rig.create();
            rig.listen(full, PORT);
            rig.listen(group, PORT + 1);
            FakeStream hog = rig.greet(full, PORT);
            FakeStream other = rig.greet(group, PORT + 1);
            for (int i = 0; hog.unread() == 0; i++) {
                assertThat(i).isLessThan(100);
                hog.send(LONG);
                rig.run();
            }
            assertThat(hog.interest() & Net.READ).isZero();
            checkAsleep(rig);

            other.send(Frame.request(2));
            rig.run();
            assertThat(EngineRig.receive(group)).containsExactly("REQUEST 2");

            while (hog.unread() > 0) {
                assertThat(EngineRig.receive(full)).isNotEmpty().containsOnly("REQUEST 9 +60000");
                rig.run();
            }
        }
    }

    @Test
    void aGroupThatDoesNotTakeLeavesMemoryForOthersHoweverManyChannelsItHas() throws Exception {
        for (Frame frame : List.of(LONG, SHORT, Frame.request(7))) {
            try (EngineRig rig = new EngineRig(LITTLE)) {
                ChannelGroup full = rig.create();
                ChannelGroup group = rig.create();
                rig.listen(full, PORT);
                rig.listen(group, PORT + 1);
                FakeStream other = rig.greet(group, PORT + 1);
                List<FakeStream> hogs = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    FakeStream hog = rig.net.acceptor(PORT).arrive();
                    hog.send(Frame.helloRequest(1), frame, frame, frame, frame);
                    hogs.add(hog);
                    rig.run();

                    other.send(Frame.request(2), LONG, SHORT);
                    rig.run();
                    assertThat(EngineRig.receive(group))
                            .as("beside " + hogs.size())
                            .containsExactly("REQUEST 2", "REQUEST 9 +60000", "REQUEST 8 +3000");
                }
                rig.run();
                checkAsleep(rig);

                int taken = 0;
                for (int n = EngineRig.receive(full).size(); n > 0; ) {
                    taken += n;
                    rig.run();
                    n = EngineRig.receive(full).size();
                }
                assertThat(taken).as("in the end").isEqualTo(100 * 5);
            }
        }
    }

    @Test
    void whoIsReadNoMoreAsNobodyTakesMayEndItsHalfFrameLater() throws Exception {
        try (EngineRig rig = new EngineRig(LITTLE)) {
            ChannelGroup full = rig.create();
            rig.listen(full, PORT);
            FakeStream peer = rig.greet(full, PORT);
            for (int i = 0; peer.unread() == 0; i++) {
                assertThat(i).isLessThan(100);
                peer.send(Collections.nCopies(500, SHORT).toArray(new Frame[0]));
                rig.run();
            }
            for (int i = 0; i < 10; i++) {
                rig.pass(20_000);
            }

            while (peer.unread() > 0) {
                assertThat(EngineRig.receive(full)).isNotEmpty().containsOnly("REQUEST 8 +3000");
                rig.run();
            }
            assertThat(peer.wasReset()).isFalse();
        }
    }

    @Test
    void whoFindsNoMemoryToReadIntoIsReadLater() throws Exception {
        try (EngineRig rig = new EngineRig(LITTLE)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream one = rig.net.acceptor(PORT).arrive();
            FakeStream two = rig.net.acceptor(PORT).arrive();
            rig.run();
            List<LogChunk> memory = fill(rig);
            one.send(Frame.helloRequest(2));
            two.send(Frame.helloRequest(3));
            rig.run();
            assertThat(one.interest() & Net.READ).as("not read meanwhile").isZero();
            assertThat(EngineRig.receive(group)).isEmpty();
            checkAsleep(rig);

            memory.forEach(LogChunk::release);
            rig.run();

            assertThat(EngineRig.receive(group))
                    .containsExactlyInAnyOrder("HELLO_REQUEST 2", "HELLO_REQUEST 3");
            assertThat(one.interest() & Net.READ).isNotZero();
        }
    }

    @Test
    void whoWaitsForMemoryMayEnd() throws Exception {
        try (EngineRig rig = new EngineRig(LITTLE)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream waiting = rig.net.acceptor(PORT).arrive();
            rig.run();
            List<LogChunk> memory = fill(rig);
            waiting.send(Frame.helloRequest(3));
            rig.run();

            rig.driveWhile(() -> rig.engine.destroy(group));

            assertThat(rig.engine.channels().inUse()).isZero();
            memory.forEach(LogChunk::release);
            rig.run();
        }
    }

    @Test
    void deadlinesOfThePeerWaitAsLongAsWeDoNotRead() throws Exception {
        try (EngineRig rig = new EngineRig(LITTLE)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream newcomer = rig.net.acceptor(PORT).arrive();
            rig.run();
            List<LogChunk> memory = fill(rig);
            newcomer.send(Frame.helloRequest(1));
            rig.run();
            for (int i = 0; i < 10; i++) {
                rig.pass(20_000);
            }
            assertThat(newcomer.unread()).as("not read").isPositive();

            memory.forEach(LogChunk::release);
            rig.run();

            assertThat(EngineRig.receive(group)).containsExactly("HELLO_REQUEST 1");
        }
    }

    @Test
    void aHalfFrameIsReadOnIntoItsMemoryWhileOthersWait() throws Exception {
        try (EngineRig rig = new EngineRig(LITTLE)) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream half = rig.greet(group, PORT);
            FakeStream other = rig.greet(group, PORT);
            Frame frame = Frame.request(5).withBody(200);
            half.sendBytes(Arrays.copyOf(frame.bytes(), 60));
            rig.run();
            List<LogChunk> memory = fill(rig);
            other.send(LONG, LONG, LONG); // so that what is there to read into is gone
            rig.run();

            half.sendBytes(Arrays.copyOfRange(frame.bytes(), 60, frame.length()));
            rig.run();

            assertThat(EngineRig.receive(group)).contains("REQUEST 5 +200");
            memory.forEach(LogChunk::release);
            rig.run();
        }
    }

    // -- frames that have begun

    @Test
    void framesThatHaveAllMemoryAreEndedOneAfterTheOther() throws Exception {
        for (int begun : List.of(16, 1_000, 5_000, 20_000, 50_000, 65_600, 100_000)) {
            try (EngineRig rig = new EngineRig(LITTLE)) {
                ChannelGroup group = rig.create();
                rig.listen(group, PORT);
                byte[] frame = LONGEST.bytes();
                List<FakeStream> peers = new ArrayList<>();
                while (peers.size() < 60) {
                    peers.add(rig.greet(group, PORT));
                }
                for (FakeStream peer : peers) {
                    peer.sendBytes(Arrays.copyOf(frame, begun));
                    rig.run();
                }
                List<String> received = new ArrayList<>();
                for (FakeStream peer : peers) {
                    peer.sendBytes(Arrays.copyOfRange(frame, begun, frame.length));
                }
                for (int n = -1; n < received.size(); ) {
                    n = received.size();
                    rig.run();
                    received.addAll(EngineRig.receive(group));
                }
                assertThat(received)
                        .as("of 60 that had begun with " + begun)
                        .hasSize(60)
                        .containsOnly(LONGEST.toString());
            }
        }
    }

    @Test
    void halfFramesOfManyPeersKeepNobodyFromBeingRead() throws Exception {
        for (int begun : List.of(1_000, 5_000, 16_400, 65_600, 120_000)) {
            try (EngineRig rig = new EngineRig(LITTLE)) {
                ChannelGroup group = rig.create();
                ChannelGroup another = rig.create();
                rig.listen(group, PORT);
                rig.listen(another, PORT + 1);
                FakeStream beside = rig.greet(group, PORT);
                FakeStream elsewhere = rig.greet(another, PORT + 1);
                int peers = Math.max(10, 600_000 / begun);
                for (int i = 0; i < peers; i++) {
                    FakeStream half = rig.net.acceptor(PORT).arrive();
                    half.send(Frame.helloRequest(1));
                    half.sendBytes(Arrays.copyOf(LONGEST.bytes(), begun));
                    rig.run();
                    EngineRig.receive(group);
                }

                elsewhere.send(Frame.request(2));
                beside.send(Frame.request(2));
                rig.run();
                assertThat(EngineRig.receive(another))
                        .as("in another group, at once, beside " + begun)
                        .containsExactly("REQUEST 2");
                List<String> received = new ArrayList<>();
                for (int i = 0; i < 25 && !received.contains("REQUEST 2"); i++) {
                    rig.pass(1_000);
                    received.addAll(EngineRig.receive(group));
                }
                assertThat(received)
                        .as("in the same group, before long, beside " + begun)
                        .contains("REQUEST 2");
                beside.send(LONG);
                rig.run();
                assertThat(EngineRig.receive(group)).contains("REQUEST 9 +60000");
            }
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
