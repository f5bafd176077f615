package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is counted of turns, and who is told when a loop is busy. The time wraps around.
class TurnsTest {
    private static final long START = Long.MAX_VALUE - 50;

    private final Listener listener = new Listener();
    private final Turns turns = new Turns(listener);

    private static long at(long nanos) {
        return START + nanos;
    }

    /// Hears only when the loop is busy.
    private static final class Listener implements Turn {
        private final List<String> heard = new ArrayList<>();

        /// What was heard since the last time.
        List<String> heard() {
            List<String> last = List.copyOf(heard);
            heard.clear();
            return last;
        }

        @Override
        public void onBusy() {
            heard.add("busy");
        }

        @Override
        public void onIdle() {
            heard.add("idle");
        }

        @Override
        public void onRefill(long nowNanos) {
            throw new AssertionError("nothing is done in these turns");
        }

        @Override
        public void publish() {
            throw new AssertionError("nothing is done in these turns");
        }

        @Override
        public void endOfTurn(long nowNanos) {
            throw new AssertionError("nothing is done in these turns");
        }

        @Override
        public boolean abandon() {
            throw new AssertionError("the loop does not end");
        }

        @Override
        public void fail(Throwable bug) {
            throw new AssertionError(bug);
        }
    }

    @Test
    void aTurnWithoutAWaitIsBusyFromItsBeginningToItsEnd() {
        turns.begin(at(0), false);
        assertThat(listener.heard()).containsExactly("busy");
        assertThat(turns.isWaiting()).isFalse();

        turns.end(at(100), 7);

        assertThat(listener.heard()).containsExactly("idle");
        assertThat(turns.busyNanos()).isEqualTo(100);
        assertThat(turns.longestNanos()).isEqualTo(100);
        assertThat(turns.events()).isEqualTo(7);
    }

    @Test
    void theWaitOfATurnIsNotBusy() {
        turns.begin(at(0), false);
        turns.await(at(30));
        assertThat(turns.isWaiting()).isTrue();
        assertThat(listener.heard()).containsExactly("busy", "idle");

        turns.goOn(at(1_000));
        assertThat(turns.isWaiting()).isFalse();
        assertThat(listener.heard()).containsExactly("busy");

        turns.await(at(1_005));
        turns.goOn(at(2_000));
        turns.end(at(2_200), 0);

        assertThat(listener.heard()).containsExactly("idle", "busy", "idle");
        assertThat(turns.busyNanos()).isEqualTo(30 + 5 + 200);
    }

    @Test
    void aTurnThatEndsWithItsWaitIsIdleOnce() {
        turns.begin(at(0), false);
        turns.await(at(30));
        turns.end(at(1_000), 0);
        assertThat(listener.heard()).containsExactly("busy", "idle");
        assertThat(turns.busyNanos()).isEqualTo(30);

        turns.begin(at(2_000), false);
        assertThat(turns.isWaiting()).isFalse();
        turns.end(at(2_004), 0);

        assertThat(turns.busyNanos()).isEqualTo(34);
    }

    @Test
    void theLongestTurnStaysSo() {
        long[] lengths = {20, 90, 50};
        for (long nanos : lengths) {
            turns.begin(at(0), false);
            turns.end(at(nanos), 1);
        }

        assertThat(turns.longestNanos()).isEqualTo(90);
        assertThat(turns.busyNanos()).isEqualTo(160);
        assertThat(turns.events()).isEqualTo(3);
    }

    @Test
    void countsTurnsThoseOfReceiversAndWhatSendersDo() {
        boolean[] led = {false, true, true, false, true};
        for (boolean each : led) {
            turns.begin(at(0), each);
        }
        turns.flushed();
        turns.flushed();

        assertThat(turns.turns()).isEqualTo(5);
        assertThat(turns.led()).isEqualTo(3);
        assertThat(turns.flushes()).isEqualTo(2);
    }
}
