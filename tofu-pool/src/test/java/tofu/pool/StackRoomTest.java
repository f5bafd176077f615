package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/// Whoever was told that there is room has it, whether the compilers have seen the code or not.
class StackRoomTest {
    /// Compiled, [StackRoom#ask()] has room for some five times as many.
    private static final int FRAMES = 40;

    private static final int STACK_BYTES = 512 * 1024;

    /// Where the stack is to end at the latest; the caller's.
    private boolean promised;

    private int levels;

    @RepeatedTest(3)
    void whereItReturnsThereIsRoomForManyFrames(RepetitionInfo repetition) throws Exception {
        if (repetition.getCurrentRepetition() > 1) {
            for (int i = 0; i < 20_000; i++) {
                StackRoom.ask();
                deep(FRAMES, 1, 2, 3, 4, 5, 6);
            }
        }
        Thread caller = new Thread(null, this::untilTheEnd, "caller", STACK_BYTES);
        caller.start();
        caller.join();

        assertThat(levels).as("levels of a recursion with room").isGreaterThan(FRAMES);
        assertThat(promised).as("the stack ended where there was to be room").isFalse();
    }

    private void untilTheEnd() {
        try {
            down();
        } catch (StackOverflowError expected) {
            return;
        }
        throw new AssertionError("a stack without end");
    }

    private void down() {
        StackRoom.ask();
        promised = true;
        if (deep(FRAMES, 1, 2, 3, 4, 5, 6) == 0) {
            throw new AssertionError("needed, so that the frames are");
        }
        promised = false;
        if (++levels < Integer.MAX_VALUE) {
            down();
        }
        levels = Math.max(levels, 1); // a call in the last place needs no frame
    }

    private static long deep(int left, long a, long b, long c, long d, long e, long f) {
        if (left == 0) {
            return 1;
        }
        long deeper = deep(left - 1, a + left, b ^ left, c + a, d ^ b, e + c, f ^ d);
        return (deeper + (a ^ b) + (c ^ d) + (e ^ f)) | 1;
    }
}
