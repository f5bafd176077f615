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

            assertThat(takeFromTheDepth(16)).isZero();

            assertThat(window.messagesLeft()).isEqualTo(before + 16);
            assertThat(window.isHeld()).isFalse();
            assertThat(outlet.scheduled()).isEqualTo(1);
        }
    }

    @Test
    void bytesOfWhatIsTakenAtTheEndOfTheStackCountOnce() {
        for (int round = 0; round < 50; round++) {
            deliver(16, 16);

            assertThat(takeFromTheDepth(16)).isZero();

            assertThat(window.messagesLeft()).isEqualTo(16);
            assertThat(window.bytesLeft()).isEqualTo(1_600);
        }
    }

    /// Takes frames one by one on the way back from a stack that was at its end.
    ///
    /// @return how many are left
    @SuppressWarnings("InfiniteRecursion") // so that the stack ends
    private int takeFromTheDepth(int frames) {
        int left;
        try {
            left = takeFromTheDepth(frames);
        } catch (StackOverflowError e) {
            left = frames;
        }
        if (left > 0) {
            try {
                window.taken(16);
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

        assertThat(takeFromTheDepth(16)).isZero();

        assertThat(outlet.scheduled()).isEqualTo(1);
    }

    @Test
    void aLoopThatIsFarAwayIsToldOfAPauseAtTheEndOfTheStack() {
        outlet.onSchedule = () -> descend(FRAMES_TO_TELL);
        for (boolean closed : new boolean[] {true, false}) {
            assertThat(pauseFromTheDepth(closed)).isTrue();

            assertThat(window.isPaused()).isEqualTo(closed);
            assertThat(outlet.scheduled()).isEqualTo(1);
        }
    }

    /// Pauses as soon as the stack is long enough for it, on the way back from its end.
    @SuppressWarnings("InfiniteRecursion") // so that the stack ends
    private boolean pauseFromTheDepth(boolean closed) {
        boolean done;
        try {
            done = pauseFromTheDepth(closed);
        } catch (StackOverflowError e) {
            done = false;
        }
        if (!done) {
            try {
                window.pause(closed);
                done = true;
            } catch (StackOverflowError e) {
                // Once more, further up.
            }
        }
        return done;
    }
}
