package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.BinaryHeader;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.engine.channel.Crew;
import tofu.pool.SlabMessage;

/// What a group says to its application before any loop is asked.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class EngineGroupTest {
    private static final Options FEW =
            EngineRig.options()
                    .sendQueueMessages(4)
                    .receiveWindowMessages(3)
                    .directFlush(false) // only the loop sends, and the test drives it
                    .build();

    private static int fullChannel(EngineRig rig, ChannelGroup group) {
        int channel = rig.dial(group, new Address.TcpClient("127.0.0.1")).channel();
        for (int id = 2; id <= 4; id++) {
            rig.post(group, OpCode.SIGNAL, channel, id);
        }
        return channel;
    }

    private static Status statusOf(EngineRig rig, ChannelGroup group, OpCode opCode, int channel)
            throws Exception {
        return ThreadedRig.statusOf(() -> rig.post(group, opCode, channel, 9));
    }

    // -- enqueueing

    @Test
    void anIdIsNotLostWhenItsMessageIsRefused() throws Exception {
        Options two = EngineRig.options().maxChannels(2).maxPendingHandshakes(1).build();
        try (EngineRig rig = new EngineRig(two)) {
            ChannelGroup group = rig.create();
            int channel = rig.dial(group, new Address.TcpClient("127.0.0.1")).channel();
            try (Message message = rig.message()) {
                long id = ((SlabMessage) message).slot().nextId();
                message.opCode(OpCode.REQUEST).channel(channel + 1);
                assertThat(ThreadedRig.statusOf(() -> group.enqueueToPeer(message)))
                        .isEqualTo(Status.INVALID_CHANNEL_NUMBER);
                assertThat(message.id()).isZero();

                assertThat(group.enqueueToPeer(message.channel(channel)).id()).isEqualTo(id);
            }
            rig.dial(group, new Address.TcpClient("127.0.0.1"));
            try (Message hello = rig.message()) {
                hello.connectTo(new Address.TcpClient("127.0.0.1"));
                long id = ((SlabMessage) hello).slot().nextId();
                assertThat(ThreadedRig.statusOf(() -> group.enqueueToPeer(hello)))
                        .isEqualTo(Status.TOO_MANY_CHANNELS);
                assertThat(((SlabMessage) hello).slot().nextId()).isEqualTo(id);
            }
        }
    }

    @Test
    void aChannelMustExistAndBeTheGroupsOwn() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            ChannelGroup other = rig.create();
            int channel = rig.dial(group, new Address.TcpClient("127.0.0.1")).channel();
            int listener = rig.listen(group, 7099);

            assertThat(statusOf(rig, group, OpCode.REQUEST, channel + 1))
                    .isEqualTo(Status.INVALID_CHANNEL_NUMBER);
            assertThat(statusOf(rig, other, OpCode.REQUEST, channel))
                    .isEqualTo(Status.INVALID_CHANNEL_GROUP);
            assertThat(statusOf(rig, group, OpCode.REQUEST, listener))
                    .isEqualTo(Status.NOT_ALLOWED);
            assertThat(statusOf(rig, group, OpCode.REQUEST, channel)).isEqualTo(Status.SUCCESS);
        }
    }

    @Test
    void theHeaderSaysWhatWasEnqueued() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int channel = rig.dial(group, new Address.TcpClient("127.0.0.1")).channel();
            BinaryHeader signal = rig.post(group, OpCode.BYE_SIGNAL, channel, 0);

            assertThat(signal.channel()).isEqualTo(channel);
            assertThat(signal.opCode()).isEqualTo(OpCode.BYE_SIGNAL);
            assertThat(signal.origin()).isEqualTo(Origin.APPLICATION);
            assertThat(signal.status()).isEqualTo(Status.SUCCESS);
            assertThat(signal.outOfBand()).isTrue();
            assertThat(signal.id()).as("given by the engine").isNotZero();
        }
    }

    @Test
    void aClosedChannelIsClosedUntilItsLastNoticeIsTaken() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            int channel = rig.dial(group, new Address.TcpClient("127.0.0.1")).channel();
            rig.post(group, OpCode.BYE_SIGNAL, channel, 2);
            rig.run();

            rig.pass(7);
            assertThat(statusOf(rig, group, OpCode.REQUEST, channel))
                    .isEqualTo(Status.CHANNEL_CLOSED);
            assertThatThrownBy(() -> rig.post(group, OpCode.REQUEST, channel, 3))
                    .hasMessageContaining("has ended by a bye, 7 ms ago");
            EngineRig.receive(group);
            assertThat(statusOf(rig, group, OpCode.REQUEST, channel))
                    .isEqualTo(Status.INVALID_CHANNEL_NUMBER);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void aTimeoutOfZeroOrLessDoesNotWait(long seconds) throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            int channel = fullChannel(rig, group);
            try (Message message = rig.message()) {
                message.opCode(OpCode.SIGNAL).channel(channel);
                Thread.currentThread().interrupt(); // would end a wait
                Duration timeout = Duration.ofSeconds(seconds);

                Status status = ThreadedRig.statusOf(() -> group.enqueueToPeer(message, timeout));

                assertThat(Thread.interrupted()).isTrue();
                assertThat(status).isEqualTo(Status.SEND_QUEUE_FULL);
                assertThat(message.isEmptied()).isFalse();
            }
        }
    }

    @Test
    void whoWaitsForRoomSendsWhenThereIsSome() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            int channel = fullChannel(rig, group);
            FutureTask<BinaryHeader> sender =
                    new FutureTask<>(
                            () -> {
                                try (Message message = rig.message()) {
                                    message.opCode(OpCode.SIGNAL).channel(channel).id(77);
                                    return group.enqueueToPeer(message, Duration.ofMinutes(10));
                                }
                            });
            ThreadedRig.awaitWaiting(Thread.ofPlatform().daemon().start(sender));

            rig.run();

            assertThat(sender.get(20, TimeUnit.SECONDS).id()).isEqualTo(77);
            rig.run();
            assertThat(EngineRig.receive(group)).as("no notice for who waited").isEmpty();
        }
    }

    @Test
    void whoseTimeIsOverKeepsTheMessageAndIsToldOfRoomLater() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            int channel = fullChannel(rig, group);
            Duration hour = Duration.ofHours(1);
            long start = rig.clock.get();
            rig.parking = (blocker, nanos) -> rig.clock.addAndGet(nanos / 2 + 1);
            try (Message message = rig.message()) {
                message.opCode(OpCode.SIGNAL).channel(channel);
                assertThat(ThreadedRig.statusOf(() -> group.enqueueToPeer(message, hour)))
                        .isEqualTo(Status.SEND_QUEUE_FULL);
                assertThat(message.isEmptied()).isFalse();
            }
            assertThat(rig.clock.get() - start).isGreaterThanOrEqualTo(hour.toNanos());
            rig.run();

            assertThat(EngineRig.receive(group))
                    .containsExactly("notice SEND_QUEUE_READY of " + channel);
        }
    }

    @Test
    void whoIsInterruptedWhileWaitingForRoomKeepsTheMessage() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            int channel = fullChannel(rig, group);
            FutureTask<Boolean> sender =
                    new FutureTask<>(
                            () -> {
                                try (Message message = rig.message()) {
                                    message.opCode(OpCode.SIGNAL).channel(channel);
                                    try {
                                        group.enqueueToPeer(message, Duration.ofMinutes(10));
                                        return false;
                                    } catch (InterruptedException e) {
                                        return !message.isEmptied();
                                    }
                                }
                            });
            Thread thread = Thread.ofPlatform().daemon().start(sender);
            ThreadedRig.awaitWaiting(thread);
            thread.interrupt();

            assertThat(sender.get(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    /// Lets a thread wait for room that there never will be, until it is told.
    private static Status toldWhileWaiting(
            EngineRig rig, ChannelGroup group, int channel, Crew.Work end) throws Exception {
        FutureTask<Status> sender =
                new FutureTask<>(
                        () -> {
                            try (Message message = rig.message()) {
                                message.opCode(OpCode.SIGNAL).channel(channel);
                                Duration long_ = Duration.ofMinutes(10);
                                return ThreadedRig.statusOf(
                                        () -> group.enqueueToPeer(message, long_));
                            }
                        });
        ThreadedRig.awaitWaiting(Thread.ofPlatform().daemon().start(sender));
        end.run();
        return sender.get(20, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource(
            value = OpCode.class,
            names = {"BYE_REQUEST", "BYE_RESPONSE", "BYE_SIGNAL"})
    void whoWaitsForRoomIsToldOfAByeThatAnotherThreadSays(OpCode bye) throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            rig.net.dialer = address -> new FakeStream(rig.net).room(0);
            int channel = fullChannel(rig, group);

            Status told =
                    toldWhileWaiting(rig, group, channel, () -> rig.post(group, bye, channel, 99));

            assertThat(told).isEqualTo(Status.CHANNEL_CLOSED);
        }
    }

    @Test
    void whoWaitsForRoomIsToldThatNothingCanBeSentAnyMore() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            FakeStream peer = new FakeStream(rig.net).room(0);
            rig.net.dialer = address -> peer;
            int channel = fullChannel(rig, group);
            rig.run();

            Status told =
                    toldWhileWaiting(
                            rig,
                            group,
                            channel,
                            () -> {
                                peer.breakWriting(new IOException("broken pipe"));
                                rig.run();
                            });

            assertThat(told).isEqualTo(Status.CHANNEL_CLOSED);
            assertThat(peer.isClosed()).as("what it has sent is still read").isFalse();
            peer.end();
        }
    }

    @Test
    void whoWaitsForRoomIsToldThatTheGroupEnds() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            rig.net.dialer = address -> new FakeStream(rig.net).room(0);
            int channel = fullChannel(rig, group);
            Status told =
                    toldWhileWaiting(
                            rig,
                            group,
                            channel,
                            () -> rig.driveWhile(() -> rig.engine.destroy(group)));

            assertThat(told).isEqualTo(Status.SHUTDOWN_STARTED);
        }
    }

    // -- receiving

    @Test
    void asManyUpdatesWaitAsMessagesAndNoMore() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 3; i++) {
                    group.updateReceiver(null);
                }
                assertThat(ThreadedRig.statusOf(() -> group.updateReceiver(null)))
                        .isEqualTo(Status.INBOX_FULL);
                assertThat(EngineRig.receive(group))
                        .hasSize(3)
                        .allMatch("notice RECEIVER_UPDATE of 0"::equals);
            }
        }
    }

    @Test
    void anUpdateThatIsRefusedStaysTheCallers() throws Exception {
        try (EngineRig rig = new EngineRig(FEW)) {
            ChannelGroup group = rig.create();
            rig.driveWhile(() -> rig.engine.destroy(group));
            try (Message message = rig.message()) {
                assertThat(ThreadedRig.statusOf(() -> group.updateReceiver(message)))
                        .isEqualTo(Status.SHUTDOWN_STARTED);
                assertThat(message.isEmptied()).isFalse();
            }
        }
    }

    @Test
    void anUpdateWithAMessageComesInOrderOnChannelZero() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            group.updateReceiver(null);
            try (Message message = rig.message()) {
                message.opCode(OpCode.RESPONSE).channel(5).id(6).body().append(new byte[3]);
                group.updateReceiver(message);
                assertThat(message.isEmptied()).isTrue();
            }
            assertThat(EngineRig.receive(group))
                    .containsExactly(
                            "notice RECEIVER_UPDATE of 0", "RESPONSE 6 +3 RECEIVER_UPDATE");
        }
    }

    @Test
    void anInterruptEndsAWaitBeforeItBegins() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            group.updateReceiver(null);
            Thread.currentThread().interrupt();
            boolean interrupted = false;
            try {
                group.waitReceiveNanos(ThreadedRig.LONG);
            } catch (InterruptedException e) {
                interrupted = true;
            }

            assertThat(interrupted).isTrue();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            assertThat(EngineRig.receive(group)).as("nothing is lost").hasSize(1);
        }
    }

    @Test
    void aSecondReceiverIsRefusedWhileTheFirstWaits() throws Exception {
        try (EngineRig rig = new EngineRig()) {
            ChannelGroup group = rig.create();
            FutureTask<String> first =
                    new FutureTask<>(
                            () -> {
                                try (Message message = group.waitReceiveNanos(ThreadedRig.LONG)) {
                                    return message == null ? "nothing" : message.status().name();
                                }
                            });
            ThreadedRig.awaitWaiting(Thread.ofPlatform().daemon().start(first));

            assertThat(ThreadedRig.statusOf(() -> group.waitReceiveNanos(0)))
                    .isEqualTo(Status.CONCURRENT_RECEIVE);
            group.updateReceiver(null);
            assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo("RECEIVER_UPDATE");
        }
    }
}
