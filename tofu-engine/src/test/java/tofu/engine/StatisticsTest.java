package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import tofu.api.Channel;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Statistics;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Statistics.PerChannel;
import tofu.api.Status;
import tofu.engine.channel.Frame;
import tofu.engine.link.Totals;

/// What an engine tells of what it has counted. Somewhat long: a test for each kind of figure.
class StatisticsTest {
    private static final int PORT = 7099;

    private static PerChannel server(Statistics statistics) {
        List<PerChannel> servers =
                statistics.channels().stream()
                        .filter(channel -> channel.role() == Channel.Role.SERVER)
                        .toList();
        assertThat(servers).hasSize(1);
        return servers.getFirst();
    }

    /// Lets the first message wait, so that its channel is known.
    private static int greeted(EngineRig rig, ChannelGroup group, FakeStream peer)
            throws Exception {
        peer.send(Frame.helloRequest(1));
        rig.run();
        try (Message hello = EngineRig.next(group)) {
            assertThat(hello).isNotNull();
            return hello.channel();
        }
    }

    @Test
    void anEngineThatHasDoneNothingHasCountedNothing() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            Statistics none = rig.engine.statistics();
            assertThat(none.periodNanos()).isZero();
            assertThat(none.traffic().enqueuedMessages()).isZero();
            assertThat(none.groups()).isEmpty();
            assertThat(none.channels()).isEmpty();
            assertThat(none.loops()).hasSize(1);
            assertThat(none.events().closes()).isEmpty();
        }
    }

    @Test
    void messagesAreCountedOfTheirChannelGroupAndEngine() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            int channel = greeted(rig, group, peer);
            peer.send(Frame.signal(2).withBody(100), Frame.signal(3));
            rig.run();
            rig.post(group, OpCode.HELLO_RESPONSE, channel, 1);
            rig.post(group, OpCode.SIGNAL, channel, 4);
            rig.run();

            Statistics now = rig.engine.statistics();

            PerChannel server = server(now);
            assertThat(server.number()).isEqualTo(channel);
            assertThat(server.traffic().sentMessages()).isEqualTo(2);
            assertThat(server.traffic().sentBytes()).isEqualTo(32);
            assertThat(server.traffic().receivedMessages()).isEqualTo(3);
            assertThat(server.traffic().receivedBytes())
                    .isEqualTo(Frame.helloRequest(1).length() + 2 * 16 + 100);
            assertThat(server.traffic().untakenMessages()).isEqualTo(2);
            assertThat(server.traffic().untakenBytes()).isEqualTo(2 * 16 + 100);
            assertThat(now.channels())
                    .extracting(PerChannel::role)
                    .containsExactlyInAnyOrder(Channel.Role.LISTENER, Channel.Role.SERVER);
            Statistics.PerGroup first = now.groups().getFirst();
            assertThat(server.group()).isEqualTo(first.serial());
            assertThat(first.traffic().receivedMessages()).isEqualTo(3);
            assertThat(first.traffic().enqueuedMessages()).as("and a welcome").isEqualTo(3);
            assertThat(first.traffic().returnedMessages()).isOne();
            assertThat(first.events().accepts()).isOne();
            assertThat(now.groups().getLast().traffic().receivedMessages()).isZero();
            assertThat(now.traffic().receivedMessages()).isEqualTo(3);
            assertThat(now.events().accepts()).isOne();
            assertThat(now.events().handshakes()).isOne();
            assertThat(now.loops().getFirst().turns()).isPositive();
            EngineRig.receive(group);
        }
    }

    @Test
    void aHelloIsCountedBeforeItsApplicationHearsIt() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            List<String> heard = new ArrayList<>();
            List<Long> counted = new ArrayList<>();
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            peer.whenRead(
                    () -> {
                        heard.addAll(receive(group));
                        counted.add(rig.engine.statistics().events().handshakes());
                    });
            Frame rest = Frame.signal(2).withBody(60_000);
            peer.send(Frame.helloRequest(1), rest, rest); // more than is read at once
            rig.run();

            assertThat(heard).contains("HELLO_REQUEST 1");
            assertThat(counted).startsWith(0L, 1L).doesNotContain(2L);
            receive(group);
        }
    }

    private static List<String> receive(ChannelGroup group) {
        try {
            return EngineRig.receive(group);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatHasEndedStaysInTheTotals() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            int channel = greeted(rig, group, peer);
            rig.post(group, OpCode.SIGNAL, channel, 4);
            rig.run();
            Statistics before = rig.engine.statistics();
            peer.end();
            rig.run();
            assertThat(rig.engine.statistics().channels()).as("not taken yet").hasSize(2);
            EngineRig.receive(group);

            Statistics after = rig.engine.statistics();

            assertThat(after.channels()).as("the listener").hasSize(1);
            assertThat(after.traffic().sentMessages()).isOne();
            assertThat(after.groups().getFirst().traffic().sentMessages()).isOne();
            assertThat(after.events().closes())
                    .containsOnly(Map.entry(Status.PEER_DISCONNECTED, 1L));
            rig.driveWhile(group::close);
            Statistics last = rig.engine.statistics();
            assertThat(last.groups()).isEmpty();
            assertThat(last.channels()).isEmpty();
            assertThat(last.traffic().sentMessages()).isOne();
            assertThat(last.events().closes())
                    .containsOnly(
                            Map.entry(Status.PEER_DISCONNECTED, 1L),
                            Map.entry(Status.SHUTDOWN_STARTED, 1L));
            Statistics since = last.since(before);
            assertThat(since.traffic().sentMessages()).isZero();
            assertThat(since.traffic().returnedMessages()).isZero();
            assertThat(since.events().accepts()).isZero();
            assertThat(since.events().closes()).hasSize(2);
            assertThat(since.periodNanos()).isEqualTo(last.periodNanos() - before.periodNanos());
        }
    }

    @Test
    void aNumberThatIsUsedAgainIsAnotherChannelsFigures() throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().maxChannels(2).build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream first = rig.net.acceptor(PORT).arrive();
            greeted(rig, group, first);
            Statistics before = rig.engine.statistics();
            first.end();
            rig.run();
            EngineRig.receive(group);
            rig.pass(100_000); // its quarantine is over
            FakeStream second = rig.net.acceptor(PORT).arrive();
            greeted(rig, group, second);

            Statistics since = rig.engine.statistics().since(before);

            assertThat(server(since).serial()).isNotEqualTo(server(before).serial());
            assertThat(server(since).traffic().receivedMessages()).as("its hello").isOne();
            assertThat(since.traffic().receivedMessages()).isOne();
        }
    }

    @Test
    void onlyAnEarlierSnapshotOfTheSameEngineIsSubtracted() throws Exception {
        try (EngineRig rig = new EngineRig();
                EngineRig other = new EngineRig()) {
            Statistics first = rig.engine.statistics();
            rig.pass(1);
            Statistics second = rig.engine.statistics();
            Statistics difference = second.since(first);
            assertThat(difference.periodNanos()).isEqualTo(1_000_000);
            Statistics foreign = other.engine.statistics();
            for (Statistics wrong : List.of(foreign, difference)) {
                assertThatExceptionOfType(IllegalArgumentException.class)
                        .isThrownBy(() -> second.since(wrong));
            }
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> first.since(second));
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> difference.since(first));
        }
    }

    /// Its time is taken first, its counts later.
    @Test
    void aDifferenceIsNotNegativeThoughTheEarlierSnapshotWasDelayed() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            AtomicReference<Statistics> other = new AtomicReference<>();
            rig.time =
                    () -> {
                        rig.time = rig.clock::get;
                        other.set(rig.engine.statistics());
                        rig.engine.totals().count(Totals.Event.CONNECT);
                        rig.engine.totals().count(Totals.Event.POOL_EMPTY);
                        run(rig);
                        return rig.clock.get();
                    };
            Statistics delayed = rig.engine.statistics();
            assertThat(delayed.loops().getFirst().turns()).isPositive();

            Statistics since = Objects.requireNonNull(other.get()).since(delayed);

            assertThat(since.events().connects()).isZero();
            assertThat(since.pool().emptyEpisodes()).isZero();
            assertThat(since.loops().getFirst().turns()).isZero();
            assertThat(since.loops().getFirst().events()).isNotNegative();
            assertThat(since.loops().getFirst().busyNanos()).isNotNegative();
        }
    }

    private static void run(EngineRig rig) {
        try {
            rig.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- stalls

    @Test
    void aWindowThatIsClosedIsAStallUntilItsApplicationTakes() throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().receiveWindowMessages(4).build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            greeted(rig, group, peer);
            for (int id = 2; id < 10; id++) {
                peer.send(Frame.signal(id));
            }
            rig.run();
            rig.pass(5);
            Statistics.Stall stall = server(rig.engine.statistics()).stalls().receiveWindowClosed();
            assertThat(stall.count()).isOne();
            assertThat(stall.nanos()).isEqualTo(5_000_000);
            for (int i = 0; i < 4; i++) {
                EngineRig.receive(group);
                rig.run();
            }
            rig.pass(9);
            assertThat(rig.engine.statistics().stalls().receiveWindowClosed().nanos())
                    .isEqualTo(5_000_000);
        }
    }

    @Test
    void whatThePeerDoesNotTakeIsAStallAndTheFullQueueAnother() throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().sendQueueMessages(4).build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            int channel = greeted(rig, group, peer);
            peer.room(0);
            for (int id = 2; id < 6; id++) {
                rig.post(group, OpCode.SIGNAL, channel, id);
                rig.run();
            }
            try (Message refused = rig.message()) {
                refused.opCode(OpCode.SIGNAL).channel(channel).id(6);
                assertThat(group.offerToPeer(refused)).isFalse();
            }
            rig.pass(7);
            Statistics.PerChannel stalled = server(rig.engine.statistics());
            assertThat(stalled.stalls().writeBlocked().count()).isOne();
            assertThat(stalled.stalls().writeBlocked().nanos()).isEqualTo(7_000_000);
            assertThat(stalled.stalls().sendQueueFull().count()).isOne();
            assertThat(stalled.stalls().sendQueueFull().nanos()).isEqualTo(7_000_000);
            assertThat(stalled.traffic().queuedMessages()).isEqualTo(4);
            assertThat(stalled.traffic().mostQueuedMessages()).isEqualTo(4);
            peer.room(1_000_000);
            rig.run();
            rig.pass(9);
            Statistics after = rig.engine.statistics();
            assertThat(after.stalls().writeBlocked().nanos()).isEqualTo(7_000_000);
            assertThat(after.stalls().sendQueueFull().nanos()).isEqualTo(7_000_000);
            assertThat(after.traffic().queuedMessages()).isZero();
            assertThat(after.traffic().mostQueuedMessages()).as("a mark").isEqualTo(4);
            EngineRig.receive(group);
        }
    }

    // ---- events

    @Test
    void aFrameThatIsNoMessageIsCountedByWhatIsWrong() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            greeted(rig, group, peer);
            peer.send(Frame.helloRequest(2));
            rig.run();
            Statistics.Events events = rig.engine.statistics().events();
            assertThat(events.rejectedFrames()).containsOnly(Map.entry(Status.INVALID_MESSAGE, 1L));
            assertThat(events.closes()).containsOnly(Map.entry(Status.INVALID_MESSAGE, 1L));
            assertThat(events.deadlinesHit()).isEmpty();
            EngineRig.receive(group);
        }
    }

    @Test
    void aDeadlineThatIsHitIsCountedByItsName() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            rig.net.acceptor(PORT).arrive();
            rig.run();
            rig.pass(600_000);
            Statistics.Events events = rig.engine.statistics().events();
            assertThat(events.deadlinesHit()).containsOnly(Map.entry(DeadlineName.HANDSHAKE, 1L));
            assertThat(events.closes()).containsOnly(Map.entry(Status.HANDSHAKE_TIMEOUT, 1L));
            assertThat(events.handshakes()).isZero();
            assertThat(events.accepts()).isOne();
            EngineRig.receive(group);
        }
    }

    @Test
    void aConnectionThatCannotBeTakenIsARefusal() throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().maxChannels(1).build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            rig.net.acceptor(PORT).arrive();
            rig.run();
            Statistics.Events events = rig.engine.statistics().events();
            assertThat(events.refusedConnections()).isOne();
            assertThat(events.accepts()).isZero();
            EngineRig.receive(group);
        }
    }

    // ---- memory

    @Test
    void theStatesOfThePoolSumToWhatThereIs() throws Exception {
        try (EngineRig rig = new EngineRig();
                Message held = rig.message()) {
            held.body().append("x".repeat(1_000));
            Statistics.Pool pool = rig.engine.statistics().pool();
            assertThat(pool.sizes())
                    .allMatch(
                            size ->
                                    size.slots()
                                            == size.free()
                                                    + size.inMagazines()
                                                    + size.leased()
                                                    + size.queued());
            assertThat(pool.sizes().stream().mapToLong(Statistics.PerSize::leased).sum()).isOne();
            assertThat(pool.sizes().stream().mapToLong(Statistics.PerSize::bytes).sum())
                    .isEqualTo(pool.bytes())
                    .isEqualTo(rig.engine.pool().bytesAllocated());
            assertThat(pool.maxBytes()).isEqualTo(rig.engine.options().maxPoolBytes());
            assertThat(pool.outgoing().usedBytes()).isZero();
            assertThat(pool.incoming().maxBytes()).isPositive();
        }
    }

    @Test
    void aReceiverThatIsToldOfAnEmptyPoolIsAnEpisode() throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().maxPoolMessages(8).build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            peer.send(Frame.helloRequest(1));
            rig.drain(8);
            rig.run();
            assertThat(EngineRig.receive(group)).containsExactly("notice POOL_EMPTY of 0");
            assertThat(rig.engine.statistics().pool().emptyEpisodes()).isOne();
            rig.release(8);
            assertThat(EngineRig.receive(group)).containsExactly("HELLO_REQUEST 1");
        }
    }
}
