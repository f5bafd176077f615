package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Statistics.DeadlineName;

class DeadlinesTest {
    /// Times of 10 (connect), 20 (handshake), 30 (frame), 40 (bye), 50 (close) and 60 (send).
    private static final Limits LIMITS = new Limits(8, 100, 8, 100, 10, 20, 30, 40, 50, 60, 0);

    private final Deadlines deadlines = new Deadlines(LIMITS);

    private void checkDue(DeadlineName name, long nanos) {
        assertThat(deadlines.earliest()).isEqualTo(nanos);
        assertThat(deadlines.due(nanos - 1)).isNull();
        assertThat(deadlines.due(nanos)).isEqualTo(name);
    }

    private void checkNoneRuns() {
        assertThat(deadlines.earliest()).isEqualTo(Deadline.NONE);
        assertThat(deadlines.due(1_000_000)).isNull();
    }

    @Test
    void atFirstNothingIsAwaited() {
        checkNoneRuns();
        for (DeadlineName name : DeadlineName.values()) {
            assertThat(deadlines.awaits(name)).isFalse();
            deadlines.awaitAnew(name, 100);
        }
        checkNoneRuns();
    }

    // -- steps

    @ParameterizedTest
    @CsvSource({"CONNECT, 10", "HANDSHAKE, 20", "BYE, 40", "CLOSE, 50"})
    void everyStepHasItsTime(DeadlineName step, long nanos) {
        deadlines.await(step, 100);

        checkDue(step, 100 + nanos);
    }

    @ParameterizedTest
    @EnumSource(names = {"FRAME", "SEND"})
    void whatIsNoStepIsNotAwaitedAsOne(DeadlineName name) {
        assertThatThrownBy(() -> deadlines.await(name, 100))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theNextStepIsAwaitedInsteadOfTheLast() {
        deadlines.await(DeadlineName.CONNECT, 100);
        deadlines.await(DeadlineName.BYE, 100);

        assertThat(deadlines.awaits(DeadlineName.CONNECT)).isFalse();
        checkDue(DeadlineName.BYE, 140);
    }

    @Test
    void onlyTheStepThatIsAwaitedIsAwaitedAnewOrForgotten() {
        deadlines.await(DeadlineName.BYE, 100);
        deadlines.awaitAnew(DeadlineName.HANDSHAKE, 105);
        deadlines.forget(DeadlineName.CLOSE);
        checkDue(DeadlineName.BYE, 140);

        deadlines.awaitAnew(DeadlineName.BYE, 105);
        checkDue(DeadlineName.BYE, 145);

        deadlines.forget(DeadlineName.BYE);
        checkNoneRuns();
        deadlines.awaitAnew(DeadlineName.BYE, 110);
        checkNoneRuns();
    }

    // -- frames

    @Test
    void moreOfAFrameBuysNoTimeButAnotherFrameHasItsOwn() {
        deadlines.onFrames(true, false, 100);
        deadlines.onFrames(true, false, 110);
        checkDue(DeadlineName.FRAME, 130);
        assertThat(deadlines.frameAgeNanos(112)).isEqualTo(12);

        deadlines.onFrames(true, true, 115);
        checkDue(DeadlineName.FRAME, 145);

        deadlines.onFrames(false, true, 120);
        checkNoneRuns();
        assertThat(deadlines.frameAgeNanos(120)).isZero();
    }

    @Test
    void afterWeHaveHeldReadingTheTimeForAFrameBeginsAnew() {
        deadlines.onFrames(true, false, 100);
        deadlines.holdFrame();
        checkNoneRuns();

        deadlines.resumeFrame(200);
        deadlines.resumeFrame(210);
        checkDue(DeadlineName.FRAME, 230);
    }

    @Test
    void whileMemoryLacksTheTimeForAFrameStandsStill() {
        deadlines.onFrames(true, false, 100);
        deadlines.stopFrame(112);
        checkNoneRuns();
        deadlines.resumeFrame(500);
        checkNoneRuns();

        deadlines.continueFrame(1_000);
        deadlines.continueFrame(1_001);
        checkDue(DeadlineName.FRAME, 1_018);
    }

    @Test
    void aFrameThatIsLateWhenMemoryLacksIsLateWhenThereIsSome() {
        deadlines.onFrames(true, false, 100);
        deadlines.stopFrame(150);
        deadlines.continueFrame(1_000);

        checkDue(DeadlineName.FRAME, 1_001);
    }

    @Test
    void noTimeStandsStillThatDoesNotRun() {
        deadlines.stopFrame(100);
        deadlines.continueFrame(200);

        checkNoneRuns();
    }

    @Test
    void aFrameThatIsForgottenHasNoTimeLeft() {
        deadlines.onFrames(true, false, 100);
        deadlines.stopFrame(110);
        deadlines.forgetFrame();
        deadlines.continueFrame(200);

        checkNoneRuns();
    }

    // -- sending

    @Test
    void aPeerThatTakesNothingHasItsTimeOnce() {
        deadlines.onSendBlocked(100);
        deadlines.onSendBlocked(120);
        checkDue(DeadlineName.SEND, 160);

        deadlines.onSent();
        checkNoneRuns();
    }

    @Test
    void whoeverHasAskedForNoSuchThingWaitsForEver() {
        Deadlines patient = new Deadlines(StreamRig.LIMITS);
        patient.onSendBlocked(100);

        assertThat(patient.earliest()).isEqualTo(Deadline.NONE);
    }

    // -- all

    @Test
    void theFirstIsTheEarliestAndAStepIsNamedBeforeTheOthers() {
        deadlines.onSendBlocked(100);
        deadlines.onFrames(true, false, 125);
        deadlines.await(DeadlineName.CLOSE, 108);

        checkDue(DeadlineName.FRAME, 155);
        assertThat(deadlines.due(157)).isEqualTo(DeadlineName.FRAME);
        assertThat(deadlines.due(158)).isEqualTo(DeadlineName.CLOSE);
        deadlines.forgetFrame();
        deadlines.forget(DeadlineName.CLOSE);
        checkDue(DeadlineName.SEND, 160);
    }

    @Test
    void inTheEndNothingIsAwaited() {
        deadlines.await(DeadlineName.CLOSE, 100);
        deadlines.onFrames(true, false, 100);
        deadlines.stopFrame(110);
        deadlines.onSendBlocked(100);

        deadlines.clear();
        deadlines.continueFrame(120);

        checkNoneRuns();
    }
}
