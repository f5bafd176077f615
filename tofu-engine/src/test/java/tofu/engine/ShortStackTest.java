package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.engine.channel.Frame;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

/// An application whose stack is at its end when it enqueues: with less than it takes for the first
/// step, for the second, and so on. Whatever is in its way, a message either was moved or is still
/// its own.

@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class ShortStackTest {
    private static final int MESSAGES = 4_000;
    private static final int ENOUGH = 20;
    private static final int UPDATES = 2_000;
    private static final long STACK_BYTES = 256 << 10;
    private static final int PORT = 7099;
    private static final int ROUNDS = 50;

    /// Where each takes long.
    private static final int FEW_ROUNDS = 10;

    private static final Options OPTIONS =
            EngineRig.options()
                    .sendQueueMessages(MESSAGES)
                    .maxPoolMessages(2 * MESSAGES)
                    .directFlush(false) // only the loop sends, and the test drives it
                    .build();

    /// Enqueues one message after the other with ever more stack, from none at all on.
    private static final class Recursion {
        private final ChannelGroup group;
        private final List<Message> messages;

        /// Those that were enqueued, as the group has said, which has done nothing for the others.
        final List<Message> enqueued = new ArrayList<>();

        private final boolean[] returned = new boolean[MESSAGES];
        private int count;
        private int next;

        Recursion(ChannelGroup group, List<Message> messages) {
            this.group = group;
            this.messages = messages;
        }

        /// Goes down to the end of the stack, and enqueues on the way back.
        ///
        /// @param wide how many bytes one step takes, about
        /// @return whether the stack is long enough for everything
        boolean descend(int wide, long a, long b, long c) {
            boolean over;
            try {
                over = wide > 0 ? descend(wide, b, c, a + 1) : descendStraight();
            } catch (StackOverflowError e) {
                over = false;
            }
            return over || enqueue();
        }

        @SuppressWarnings("InfiniteRecursion") // so that the stack ends
        private boolean descendStraight() {
            boolean over;
            try {
                over = descendStraight();
            } catch (StackOverflowError e) {
                over = false;
            }
            return over || enqueue();
        }

        private boolean enqueue() {
            if (next == messages.size()) {
                return true;
            }
            int index = next++;
            Message message = messages.get(index);
            try {
                group.enqueueToPeer(message);
                returned[index] = true; // no call: it could overflow, too
                count++;
            } catch (StackOverflowError e) {
                // It is still ours.
            }
            return count >= ENOUGH;
        }
    }

    private static Recursion recurse(EngineRig rig, ChannelGroup group, int wide, int channel)
            throws Exception {
        List<Message> messages = new ArrayList<>();
        for (int id = 2; id < MESSAGES; id++) {
            Message message = rig.message();
            if (channel == 0) {
                message.connectTo(new Address.TcpClient("127.0.0.1"));
            } else {
                message.opCode(OpCode.REQUEST).channel(channel);
            }
            messages.add(message.id(id));
        }
        Recursion recursion = new Recursion(group, messages);
        FutureTask<Boolean> deep = new FutureTask<>(() -> recursion.descend(wide, 1, 2, 3));
        Thread thread = new Thread(null, deep, "deep", STACK_BYTES);
        thread.start();
        assertThat(deep.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(recursion.next).as("attempts").isGreaterThan(ENOUGH).isLessThan(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            if (recursion.returned[i]) {
                recursion.enqueued.add(messages.get(i));
            }
        }
        assertThat(messages).filteredOn(Message::isEmptied).isEqualTo(recursion.enqueued);
        messages.forEach(Message::close);
        return recursion;
    }

    private static long[] ids(List<Frame> frames) {
        return frames.stream().mapToLong(Frame::id).toArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void whatThrewIsNotSentAndWhatReturnedIsSentOnce(int wide) throws Exception {
        try (EngineRig rig = new EngineRig(OPTIONS)) {
            ChannelGroup group = rig.create();
            FakeStream peer = new FakeStream(rig.net);
            rig.net.dialer = address -> peer;
            int channel = rig.dial(group, new Address.TcpClient("127.0.0.1")).channel();
            rig.run();
            assertThat(ids(peer.received())).containsExactly(1);

            Recursion recursion = recurse(rig, group, wide, channel);
            // Should none of them have had the stack to tell the loop, this one does.
            rig.post(group, OpCode.REQUEST, channel, MESSAGES);
            rig.run();

            long[] sent = ids(peer.received());
            assertThat(sent).hasSize(recursion.enqueued.size() + 1).isSorted().endsWith(MESSAGES);
            assertThat(LongStream.of(sent).distinct().count()).isEqualTo(sent.length);
            int left =
                    Objects.requireNonNull(rig.engine.channels().find(channel))
                            .channel()
                            .sendQueue()
                            .messages();
            assertThat(left).as("counted, though not there").isZero();
            rig.engine.pool().awaitRefill(); // so that what was on its way is found
            assertThat(rig.engine.pool().census()).doesNotContainKey(Slot.Owner.LEASE);
            peer.end();
        }
    }

    /// Takes one message after the other with ever more stack, from none at all on.
    private static final class Taking {
        private final ChannelGroup group;
        private final Message[] taken = new Message[UPDATES];
        private final int enough;
        private int count;

        Taking(ChannelGroup group, int enough) {
            this.group = group;
            this.enough = enough;
        }

        @SuppressWarnings("InfiniteRecursion") // so that the stack ends
        private boolean descend() {
            boolean over;
            try {
                over = descend();
            } catch (StackOverflowError e) {
                over = false;
            }
            return over || take();
        }

        private boolean take() {
            try {
                Message message = group.waitReceiveNanos(0);
                if (message != null) {
                    taken[count++] = message; // no call: it could overflow, too
                }
            } catch (StackOverflowError e) {
                // It is still in the inbox.
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts", e);
            }
            return count >= enough;
        }
    }

    @RepeatedTest(4)
    void whatCouldNotBeTakenIsStillThere() throws Exception {
        try (EngineRig rig = new EngineRig(OPTIONS)) {
            ChannelGroup group = rig.create();
            for (int i = 0; i < UPDATES; i++) {
                group.updateReceiver(null);
            }
            Taking taking = new Taking(group, ENOUGH);
            FutureTask<Boolean> deep = new FutureTask<>(taking::descend);
            new Thread(null, deep, "deep", STACK_BYTES).start();
            assertThat(deep.get(60, TimeUnit.SECONDS)).isTrue();

            assertThat(taking.count + EngineRig.receive(group).size()).isEqualTo(UPDATES);
            for (int i = 0; i < taking.count; i++) {
                taking.taken[i].close();
            }
        }
    }

    /// A receiver with nothing to take drives the loop: if its stack ends there, it is told so,
    /// and all others go on.
    @RepeatedTest(4)
    void whoDrivesTheLoopAtTheEndOfItsStackDoesNotEndIt() throws Exception {
        try (EngineRig rig = new EngineRig(OPTIONS.toBuilder().leader(true).build())) {
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            rig.loop.askToLead();
            rig.loop.cede();
            Taking taking = new Taking(group, ENOUGH);
            FutureTask<Boolean> deep = new FutureTask<>(taking::descend);
            new Thread(null, deep, "deep", STACK_BYTES).start();
            assertThat(deep.get(60, TimeUnit.SECONDS)).as("there was nothing").isFalse();

            assertThat(rig.loop.isStopped()).isFalse();
            assertThat(rig.loop.turns().led()).as("turns of a receiver").isPositive();
            rig.loop.attend();
        }
    }

    /// Frames that came one by one, and several together: each has come once, in order, and all
    /// memory that they came in has gone home.
    @RepeatedTest(4)
    void whatCameIsTakenOnceWhereverTheStackEnds() throws Exception {
        int messages = 600;
        Options options = EngineRig.options().receiveWindowMessages(2 * messages).build();
        try (EngineRig rig = new EngineRig(options)) {
            ChannelGroup group = rig.create();
            rig.listen(group, 7099);
            FakeStream peer = rig.greet(group, 7099);
            for (int id = 2; id < messages; id += 4) {
                peer.send(Frame.request(id));
                rig.run();
                peer.send(Frame.request(id + 1), Frame.signal(id + 2), Frame.request(id + 3));
                rig.run();
            }
            Taking taking = new Taking(group, ENOUGH);
            FutureTask<Boolean> deep = new FutureTask<>(taking::descend);
            new Thread(null, deep, "deep", STACK_BYTES).start();
            assertThat(deep.get(60, TimeUnit.SECONDS)).isTrue();

            List<Long> ids = new ArrayList<>();
            for (int i = 0; i < taking.count; i++) {
                ids.add(taking.taken[i].id());
                taking.taken[i].close();
            }
            for (Message m = EngineRig.next(group); m != null; m = EngineRig.next(group)) {
                ids.add(m.id());
                m.close();
            }
            assertThat(ids).isEqualTo(LongStream.range(2, messages + 2).boxed().toList());
            assertThat(rig.engine.memory().incoming().census())
                    .as("what is there to read into")
                    .containsEntry(Slot.Owner.LOG, 3);
            assertThat(rig.engine.pool().census()).doesNotContainKey(Slot.Owner.LEASE);
        }
    }

    /// The memory of the message before is given back by the call that finds the next one.
    @RepeatedTest(2)
    void theMemoryOfWhatCameComesBack() throws Exception {
        try (EngineRig rig = new EngineRig(OPTIONS)) {
            SlotPool incoming = rig.engine.memory().incoming();
            ChannelGroup group = rig.create();
            rig.listen(group, PORT);
            FakeStream peer = rig.greet(group, PORT);
            assertThat(EngineRig.receive(group)).isEmpty();
            long free = incoming.bytesFree();
            for (int i = 0; i < FEW_ROUNDS; i++) {
                peer.send(Frame.request(2));
                rig.run();
                peer.send(Frame.request(3)); // in memory of its own
                rig.run();
                Objects.requireNonNull(group.waitReceiveNanos(0)).close();

                Taking taking = new Taking(group, 1);
                FutureTask<Boolean> deep = new FutureTask<>(taking::descend);
                new Thread(null, deep, "deep", STACK_BYTES).start();
                assertThat(deep.get(60, TimeUnit.SECONDS)).isTrue();
                assertThat(taking.taken[0].id()).isEqualTo(3);
                taking.taken[0].close();
            }
            assertThat(EngineRig.receive(group)).isEmpty();

            incoming.awaitRefill(); // so that what was on its way is found
            assertThat(incoming.bytesFree()).isEqualTo(free);
            assertThat(incoming.census()).containsEntry(Slot.Owner.LOG, 3);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aChannelThatCouldNotBeOpenedKeepsNoNumber(int wide) throws Exception {
        try (EngineRig rig = new EngineRig(OPTIONS)) {
            ChannelGroup group = rig.create();

            Recursion recursion = recurse(rig, group, wide, 0);

            assertThat(rig.engine.channels().inUse()).isEqualTo(recursion.enqueued.size());
        }
    }
}
