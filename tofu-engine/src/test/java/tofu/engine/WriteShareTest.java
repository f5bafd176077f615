package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.engine.channel.Frame;

/// How often one channel is written to before the others have their turn, while its senders go on.
class WriteShareTest {
    private static final int PORT = 7099;
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final int MOST_WRITES = 16;
    private static final int MESSAGES = 5_000;

    /// A channel whose peer takes all.
    private record Busy(FakeStream peer, int channel) {
        static Busy accept(EngineRig rig, ChannelGroup group) throws Exception {
            FakeStream peer = rig.net.acceptor(PORT).arrive();
            peer.send(Frame.helloRequest(1));
            rig.run();
            int channel;
            try (Message hello = Objects.requireNonNull(EngineRig.next(group))) {
                channel = hello.channel();
                group.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
            }
            rig.run();
            assertThat(peer.received()).extracting(Frame::id).containsExactly(1L);
            peer.writes = 0;
            return new Busy(peer, channel);
        }

        void checkAllCame(int messages) {
            assertThat(peer.received())
                    .extracting(Frame::id)
                    .isEqualTo(Collections.nCopies(messages, 2L));
        }
    }

    @Test
    void aChannelWhoseSendersGoOnDoesNotKeepTheLoopFromOthers() throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().directFlush(false).build())) {
            ChannelGroup group = rig.create();
            ChannelGroup another = rig.create();
            rig.listen(group, PORT);
            rig.listen(another, PORT + 1);
            Busy busy = Busy.accept(rig, group);
            FakeStream beside = rig.greet(another, PORT + 1);
            AtomicInteger left = new AtomicInteger(MESSAGES);
            Runnable sender =
                    () -> {
                        if (left.getAndDecrement() > 0) {
                            rig.post(group, OpCode.SIGNAL, busy.channel, 2);
                        }
                    };
            busy.peer.whenWritten(sender);
            sender.run();
            beside.send(Frame.request(2));

            rig.loop.step(0);

            assertThat(busy.peer.writes).isEqualTo(MOST_WRITES);
            assertThat(EngineRig.receive(another)).containsExactly("REQUEST 2");
            rig.run();
            busy.checkAllCame(MESSAGES);
        }
    }

    @Test
    void whoSendsForTheLoopLeavesToItWhatOthersAddMeanwhile() throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().directFlush(true).build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            Busy busy = Busy.accept(rig, group);
            int more = 4 * MOST_WRITES;
            AtomicInteger left = new AtomicInteger(more);
            Runnable other = () -> rig.post(group, OpCode.SIGNAL, busy.channel, 2);
            busy.peer.whenWritten(
                    () -> {
                        if (left.getAndDecrement() > 0) {
                            CompletableFuture.runAsync(other).join();
                        }
                    });
            AtomicInteger writes = new AtomicInteger();
            rig.net.whileAsleep =
                    () -> {
                        rig.net.whileAsleep = () -> {};
                        rig.clock.addAndGet(1_000_000); // no burst
                        rig.post(group, OpCode.SIGNAL, busy.channel, 2);
                        writes.set(busy.peer.writes);
                    };

            rig.loop.step(MINUTE);

            assertThat(writes).as("of the one who sends").hasValue(MOST_WRITES);
            assertThat(rig.net.wakeups).as("the loop goes on").isPositive();
            rig.run();
            busy.checkAllCame(1 + more);
        }
    }

    @Test
    void aFullQueueOfLongMessagesIsSentInTheEnd() throws Exception {
        try (EngineRig rig = new EngineRig(EngineRig.options().directFlush(false).build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            Busy busy = Busy.accept(rig, group);
            int messages = 6 * MOST_WRITES; // in chunks of their own, four by one call
            for (int i = 0; i < messages; i++) {
                try (Message message = rig.message()) {
                    message.opCode(OpCode.SIGNAL).channel(busy.channel).id(2);
                    message.body().append(new byte[40_000]);
                    group.enqueueToPeer(message);
                }
            }

            rig.run();

            List<Frame> received = busy.peer.received();
            assertThat(received).hasSize(messages);
            assertThat(busy.peer.writes).isGreaterThan(MOST_WRITES);
        }
    }
}
