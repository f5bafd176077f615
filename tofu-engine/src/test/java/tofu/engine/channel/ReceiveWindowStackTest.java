package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// A window where the stack of who takes or pauses may end at any call.
class ReceiveWindowStackTest {
    /// As many as telling a loop may take.
    private static final int FRAMES_TO_TELL = 40;

    private final FakeOutlet outlet = new FakeOutlet();
    private final ReceiveWindow window = new ReceiveWindow(16, 1_600, outlet);

    private void deliver(int count, int length) {
        for (int i = 0; i < count; i++) {
            window.delivered(1, length);
        }
    }

    private static int descend(int frames) {
        return frames == 0 ? 0 : descend(frames - 1) + 1;
    }

    @Test
    void whatIsTakenAtTheEndOfTheStackCountsOnceAndTheLoopIsToldOfIt() {
        for (int round = 0; round < 10; round++) {
            deliver(16, 16);
            assertThat(window.hold()).isTrue();
            int before = window.messagesLeft();

            assertThat(fromTheDepth(16, () -> window.taken(16))).isZero();

            assertThat(window.messagesLeft()).isEqualTo(before + 16);
            assertThat(window.isHeld()).isFalse();
            assertThat(outlet.scheduled()).isEqualTo(1);
        }
    }

    @Test
    void bytesOfWhatIsTakenAtTheEndOfTheStackCountOnce() {
        for (int round = 0; round < 50; round++) {
            deliver(16, 16);

            assertThat(fromTheDepth(16, () -> window.taken(16))).isZero();

            assertThat(window.messagesLeft()).isEqualTo(16);
            assertThat(window.bytesLeft()).isEqualTo(1_600);
        }
    }

    /// Does a step several times on the way back from a stack that was at its end, each as soon as
    /// the stack is long enough for it.
    ///
    /// @return how many are left
    @SuppressWarnings("InfiniteRecursion") // so that the stack ends
    private static int fromTheDepth(int times, Runnable step) {
        int left;
        try {
            left = fromTheDepth(times, step);
        } catch (StackOverflowError e) {
            left = times;
        }
        if (left > 0) {
            try {
                step.run();
                left--;
            } catch (StackOverflowError e) {
                // Once more, further up.
            }
        }
        return left;
    }

    @Test
    void aLoopThatIsFarAwayIsToldOfWhatIsTakenAtTheEndOfTheStack() {
        outlet.onSchedule = () -> descend(FRAMES_TO_TELL);
        deliver(16, 16);
        assertThat(window.hold()).isTrue();

        assertThat(fromTheDepth(16, () -> window.taken(16))).isZero();

        assertThat(outlet.scheduled()).isEqualTo(1);
    }

    @Test
    void aLoopThatIsFarAwayIsToldOfAPauseAtTheEndOfTheStack() {
        outlet.onSchedule = () -> descend(FRAMES_TO_TELL);
        for (boolean closed : new boolean[] {true, false}) {
            assertThat(fromTheDepth(1, () -> window.pause(closed))).isZero();

            assertThat(window.isPaused()).isEqualTo(closed);
            assertThat(outlet.scheduled()).isEqualTo(1);
        }
    }
}
