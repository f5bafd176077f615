package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;

/// Messages of any length that wait behind a send queue that stays full, are dropped, and end with
/// a bye or without: what waits is what a small model says, and neither bound is passed.
class BacklogProperties {
    private static final int MOST = 5;
    private static final long MOST_BYTES = Options.MAX_MESSAGE_BYTES;

    private static Rig rig;
    private static int channel;

    /// What happens next.
    sealed interface Step {
        record Offer(int bodyLength) implements Step {}

        record Bye() implements Step {}

        record DropOldest() implements Step {}

        /// There is no room, whatever somebody may say.
        record Flush() implements Step {}
    }

    @BeforeContainer
    static void open() throws InterruptedException {
        rig = new Rig(Options.builder().sendQueueMessages(4).receiveWindowMessages(16).build());
        channel = rig.connect();
        rig.fill(channel);
    }

    @AfterContainer
    static void close() {
        rig.close();
    }

    @Provide
    Arbitrary<Step> steps() {
        Arbitrary<Integer> length = Arbitraries.of(0, 10_000, 40_000, 65_519, 65_535);
        return Arbitraries.frequencyOf(
                Tuple.of(8, length.map(Step.Offer::new)),
                Tuple.of(2, Arbitraries.create(Step.DropOldest::new)),
                Tuple.of(1, Arbitraries.create(Step.Flush::new)),
                Tuple.of(1, Arbitraries.create(Step.Bye::new)));
    }

    @Property(tries = 100)
    void whatWaitsIsWhatTheModelSays(@ForAll List<@From("steps") Step> steps) {
        new Run().all(steps);
    }

    private static final class Run {
        private final Backlog backlog = new Backlog(rig.dispatcher, MOST, MOST_BYTES);
        private int left;

        // The model.
        private final Deque<Long> lengths = new ArrayDeque<>();
        private boolean leaving;
        private int taken;

        void all(List<Step> steps) {
            backlog.hold(); // a bye needs no room: so it waits, and the channel stays as it is
            for (Step step : steps) {
                switch (step) {
                    case Step.Offer offer -> offer(OpCode.SIGNAL, offer.bodyLength());
                    case Step.Bye _ -> offer(OpCode.BYE_REQUEST, 0);
                    case Step.DropOldest _ ->
                            assertThat(backlog.dropOldest()).isEqualTo(lengths.poll() != null);
                    case Step.Flush _ -> backlog.flush();
                }
                assertThat(backlog.size()).isEqualTo(lengths.size());
                assertThat(left).isEqualTo(taken - lengths.size());
            }
            backlog.end();
            assertThat(left).isEqualTo(taken);
            assertThat(backlog.size()).isZero();
            offer(OpCode.SIGNAL, 0, Backlog.Outcome.GONE);
        }

        private void offer(OpCode opCode, int bodyLength) {
            long length = 16L + bodyLength;
            boolean bye = opCode == OpCode.BYE_REQUEST;
            String lack = lack(length);
            assertThat(backlog.lack(length)).isEqualTo(lengths.isEmpty() ? null : lack);
            if (leaving) {
                offer(opCode, bodyLength, Backlog.Outcome.GONE);
            } else if (!bye && lack != null) {
                offer(opCode, bodyLength, Backlog.Outcome.FULL);
            } else {
                offer(opCode, bodyLength, Backlog.Outcome.TAKEN);
                lengths.add(length);
                taken++;
                leaving = bye;
            }
        }

        private @Nullable String lack(long length) {
            if (lengths.size() >= MOST) {
                return "no more than 5 messages that wait for one peer";
            }
            boolean room = lengths.stream().mapToLong(Long::longValue).sum() + length <= MOST_BYTES;
            return room ? null : "no more than 131086 bytes of messages that wait for one peer";
        }

        private void offer(OpCode opCode, int bodyLength, Backlog.Outcome expected) {
            try (Message message = rig.message().opCode(opCode).channel(channel)) {
                message.body().append(new byte[bodyLength]);
                assertThat(backlog.offer(message, () -> left++)).isEqualTo(expected);
                assertThat(message.isEmptied()).isEqualTo(expected == Backlog.Outcome.TAKEN);
            }
        }
    }
}
