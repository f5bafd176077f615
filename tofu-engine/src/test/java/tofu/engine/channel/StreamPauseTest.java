package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import tofu.api.Status;

/// A stream whose application wants no more for now: nothing is read, nothing is lost, and the peer
/// is not blamed for it.
class StreamPauseTest {
    private static final Frame LONG = Frame.request(9).withBody(100);

    private static void pause(StreamRig rig) {
        rig.stream.pause(true);
        rig.turn();
    }

    private static void resume(StreamRig rig) {
        rig.stream.pause(false);
        rig.turn();
    }

    @Test
    void nothingIsReadUntilTheApplicationGoesOn() {
        try (StreamRig rig = StreamRig.client()) {
            pause(rig);
            assertThat(rig.stream.inflow().isWanted()).isFalse();
            assertThat(rig.readTarget()).isNull();
            assertThat(rig.receive(LONG.bytes())).isZero();

            resume(rig);

            assertThat(rig.stream.inflow().isWanted()).isTrue();
            rig.receive(LONG);
            assertThat(rig.outlet.takeAll()).containsExactly("REQUEST 9 +100");
        }
    }

    @Test
    void nothingIsReadEvenBeforeTheLoopHasHeardOfIt() {
        try (StreamRig rig = StreamRig.client()) {
            rig.stream.pause(true);
            assertThat(rig.readTarget()).isNull();
            rig.stream.pause(false);
            assertThat(rig.readTarget()).isNotNull();
        }
    }

    @Test
    void whatWasDeliveredBeforeCanBeTaken() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(Frame.signal(5), Frame.signal(6));
            pause(rig);
            assertThat(rig.stream.untaken()).isEqualTo(2);
            assertThat(rig.outlet.takeAll()).containsExactly("SIGNAL 5", "SIGNAL 6");
            assertThat(rig.stream.inflow().isWanted())
                    .as("still paused, though all is taken")
                    .isFalse();
            assertThat(rig.stream.untaken()).isZero();
            resume(rig);
        }
    }

    @Test
    void aFullWindowStaysClosedWhenTheApplicationGoesOn() {
        try (StreamRig rig = StreamRig.client()) {
            byte[] many = Frame.encode(IntStream.range(0, 100).mapToObj(Frame::signal).toList());
            rig.receive(many);
            assertThat(rig.stream.inflow().isWanted()).isFalse();
            pause(rig);
            resume(rig);
            assertThat(rig.stream.inflow().isWanted()).isFalse();
            rig.outlet.takeAll();
            rig.turn();
            assertThat(rig.stream.inflow().isWanted()).isTrue();
        }
    }

    @Test
    void theDeadlineOfAFrameStandsStill() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(Arrays.copyOf(LONG.bytes(), 60));
            rig.pass(20);
            pause(rig);
            assertThat(rig.timeLeft()).as("it does not run").isEqualTo(-1);
            assertThat(rig.stream.inflow().isHeld()).isTrue();
            rig.pass(1_000_000);
            assertThat(rig.state()).isEqualTo(State.OPEN);

            resume(rig);

            assertThat(rig.timeLeft()).as("it is the peer's turn again").isEqualTo(30);
            rig.pass(29);
            assertThat(rig.state()).isEqualTo(State.OPEN);
            rig.pass(1);
            rig.checkEnded(true, "notice FRAME_TIMEOUT 1", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aPauseThatTheLoopHasNotHeardOfCountsAtTheDeadline() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(Arrays.copyOf(LONG.bytes(), 60));
            rig.stream.pause(true);
            rig.pass(30);
            assertThat(rig.state()).isEqualTo(State.OPEN);
            resume(rig);
        }
    }

    @Test
    void theAnswerToOurByeIsNotLateWhileNobodyReads() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            pause(rig);
            for (int i = 0; i < 100; i++) {
                rig.pass(40);
            }
            assertThat(rig.state()).isEqualTo(State.BYE_SENT);
            resume(rig);
            assertThat(rig.timeLeft()).isEqualTo(40);
        }
    }

    /// It is read whatever the application wants.
    @Test
    void thePeersEndIsNotHeldByAPause() {
        try (StreamRig rig = StreamRig.in(State.BYE_RECEIVED)) {
            pause(rig);
            assertThat(rig.stream.inflow().isHeld()).isFalse();
            assertThat(rig.stream.inflow().isWanted()).isTrue();
        }
    }

    @Test
    void theEndOfTheGroupDoesNotWaitForTheApplication() {
        try (StreamRig rig = StreamRig.client()) {
            pause(rig);
            rig.stream.onGroupClosed(rig.now);
            assertThat(rig.stream.inflow().isWanted()).isTrue();
        }
    }

    @Test
    void aByeSignalEndsAPausedChannel() {
        try (StreamRig rig = StreamRig.client()) {
            pause(rig);
            rig.post(Frame.byeSignal(7));
            assertThat(rig.state()).isEqualTo(State.CLOSED);
            assertThat(rig.stream.endReason()).isEqualTo(Status.CHANNEL_CLOSED);
            resume(rig);
        }
    }

    /// What an application and its peer do.
    enum Step {
        PAUSE,
        RESUME,
        TAKE,
        RECEIVE,
        PASS
    }

    @Property(tries = 500)
    void inAnyOrderNothingIsLostAndNothingIsReadInBetween(
            @ForAll @Size(max = 60) List<Step> steps) {
        try (StreamRig rig = StreamRig.client()) {
            byte[] all = Frame.encode(IntStream.range(0, 40).mapToObj(Frame::signal).toList());
            int sent = 0;
            boolean paused = false;
            for (Step step : steps) {
                switch (step) {
                    case PAUSE -> pause(rig);
                    case RESUME -> resume(rig);
                    case TAKE -> {
                        rig.outlet.takeAll();
                        rig.turn();
                    }
                    case PASS -> rig.pass(25);
                    case RECEIVE -> {
                        int some = Math.min(all.length, sent + 50);
                        int read = rig.receive(Arrays.copyOfRange(all, sent, some));
                        assertThat(paused && read > 0).as("read while paused").isFalse();
                        sent += read;
                    }
                }
                paused = step == Step.PAUSE || (paused && step != Step.RESUME);
                assertThat(rig.stream.isPaused()).isEqualTo(paused);
                if (rig.state() == State.CLOSED) { // a frame that the peer has not ended in time
                    assertThat(rig.stream.endReason()).isEqualTo(Status.FRAME_TIMEOUT);
                    assertThat(paused).isFalse();
                    return;
                }
            }
            resume(rig);
            while (sent < all.length) {
                rig.outlet.takeAll();
                rig.turn();
                sent += rig.receive(Arrays.copyOfRange(all, sent, all.length));
            }
            assertThat(rig.outlet.fromPeer).hasSize(41);
        }
    }
}
