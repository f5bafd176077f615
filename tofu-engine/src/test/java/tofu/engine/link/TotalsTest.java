package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.engine.channel.Tally;
import tofu.engine.channel.Tally.Figure;

class TotalsTest {
    private final Totals engine = Totals.ofEngine();
    private final Totals group = engine.ofGroup(7);

    /// A channel that has sent one message, and has one in its queue.
    private static final class Sent implements Totals.Part {
        long addition;

        @Override
        public void addTo(Tally sum, long nowNanos) {
            sum.add(Figure.SENT_MESSAGES, 1);
            sum.add(Figure.QUEUED_MESSAGES, 1);
        }

        @Override
        public boolean isAdded() {
            return addition != 0;
        }

        @Override
        public void onAdded(long number) {
            addition = number;
        }
    }

    private static void check(Totals totals, long additions, long sent) {
        Totals.Ended ended = totals.ended();
        assertThat(ended.additions()).isEqualTo(additions);
        assertThat(ended.tally().get(Figure.SENT_MESSAGES)).isEqualTo(sent);
        assertThat(ended.tally().get(Figure.QUEUED_MESSAGES)).as("has ended").isZero();
    }

    @Test
    void whatAGroupCountsItsEngineCountsToo() {
        group.count(Totals.Event.ACCEPT);
        group.countClose(Status.SEND_FAILED);
        group.countRejected(Status.INVALID_MESSAGE);
        group.countHit(DeadlineName.FRAME);
        engine.ofGroup(8).count(Totals.Event.ACCEPT);

        assertThat(group.counts()[Totals.indexOf(Totals.Event.ACCEPT)]).isOne();
        assertThat(engine.counts()[Totals.indexOf(Totals.Event.ACCEPT)]).isEqualTo(2);
        for (Totals each : new Totals[] {group, engine}) {
            long[] counts = each.counts();
            assertThat(counts[Totals.indexOfClose(Status.SEND_FAILED)]).isOne();
            assertThat(counts[Totals.indexOfRejected(Status.INVALID_MESSAGE)]).isOne();
            assertThat(counts[Totals.indexOfHit(DeadlineName.FRAME)]).isOne();
        }
        assertThat(group.serial()).isEqualTo(7);
    }

    @Test
    void aChannelIsAddedOnceToBothAndNumberedByTheEngine() {
        Sent first = new Sent();
        Sent other = new Sent();
        group.add(first, 0);
        group.add(first, 0);
        check(group, 1, 1);
        check(engine, 1, 1);
        engine.ofGroup(8).add(other, 0);
        check(group, 2, 1);
        check(engine, 2, 2);
        assertThat(first.addition).isEqualTo(1);
        assertThat(other.addition).isEqualTo(2);
    }

    @Test
    void channelsOfAnEngineAreTellableApart() {
        assertThat(group.nextChannel()).isZero();
        assertThat(engine.ofGroup(8).nextChannel()).isEqualTo(1);
    }
}
