package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/// Whoever was told that there is room has it, whether the compilers have seen the code or not.
class StackRoomTest {
    /// HotSpot compiles no method with as many bytes of code (`HugeMethodLimit`).
    private static final int HUGE = 8_000;

    /// Compiled, [StackRoom#ask()] has room for some five times as many.
    private static final int FRAMES = 40;

    /// Likewise for [StackRoom#askForLittle()].
    private static final int FEW_FRAMES = 12;

    private static final int STACK_BYTES = 512 * 1024;

    /// Where the stack is to end at the latest; the caller's.
    private boolean promised;

    private int levels;
    private Runnable asking = StackRoom::ask;
    private int frames = FRAMES;

    @Test
    void theLargeFrameIsOneThatIsCompiled() {
        int length =
                ClassFile.of().parse(Depth.classFile(StackRoom.VALUES)).methods().stream()
                        .map(method -> method.findAttribute(Attributes.code()).orElseThrow())
                        .mapToInt(CodeAttribute::codeLength)
                        .max()
                        .orElseThrow();

        assertThat(length).as("bytes of code").isBetween(HUGE / 2, HUGE - 1);
    }

    @RepeatedTest(3)
    void whereItReturnsThereIsRoomForManyFrames(RepetitionInfo repetition) throws Exception {
        checkRoom(StackRoom::ask, FRAMES, repetition);
    }

    @RepeatedTest(3)
    void whereItReturnsThereIsRoomForAFewFrames(RepetitionInfo repetition) throws Exception {
        checkRoom(StackRoom::askForLittle, FEW_FRAMES, repetition);
    }

    /// Initialisers that fail, ours or the JDK's, leave classes that are broken for ever.
    @Test
    void whoAsksFirstAtTheEndOfAStackBreaksNothing() throws Exception {
        URL[] place = {StackRoom.class.getProtectionDomain().getCodeSource().getLocation()};
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        MethodType type = MethodType.methodType(void.class);
        List<Throwable> thrown = new ArrayList<>();
        AtomicBoolean answered = new AtomicBoolean();
        try (URLClassLoader loader = new URLClassLoader(place, null)) {
            MethodHandle first =
                    lookup.findStatic(loader.loadClass(StackRoom.class.getName()), "ask", type);
            MethodHandle warm = MethodHandles.lookup().findStatic(StackRoom.class, "ask", type);
            askUntilAnswered(warm, thrown); // links what calls by a handle
            Thread caller =
                    new Thread(
                            null,
                            () -> answered.set(askFromTheEnd(first, thrown)),
                            "caller",
                            STACK_BYTES);
            caller.start();
            caller.join();
        }

        assertThat(answered).isTrue();
        assertThat(thrown).isNotEmpty().allMatch(StackOverflowError.class::isInstance);
    }

    /// Asks at the end of the stack, and again from each level above, until there is an answer.
    @SuppressWarnings("InfiniteRecursion") // to the end of the stack
    private static boolean askFromTheEnd(MethodHandle ask, List<Throwable> thrown) {
        try {
            return askFromTheEnd(ask, thrown);
        } catch (StackOverflowError end) {
            return askUntilAnswered(ask, thrown);
        }
    }

    private static boolean askUntilAnswered(MethodHandle ask, List<Throwable> thrown) {
        try {
            ask.invokeExact();
            return true;
        } catch (StackOverflowError none) {
            thrown.add(none);
            throw none;
        } catch (Throwable broken) {
            thrown.add(broken);
            return false;
        }
    }

    private void checkRoom(Runnable ask, int most, RepetitionInfo repetition) throws Exception {
        asking = ask;
        frames = most;
        if (repetition.getCurrentRepetition() > 1) {
            for (int i = 0; i < 20_000; i++) {
                ask.run();
                deep(frames, 1, 2, 3, 4, 5, 6);
            }
        }
        Thread caller = new Thread(null, this::untilTheEnd, "caller", STACK_BYTES);
        caller.start();
        caller.join();

        assertThat(levels).as("levels of a recursion with room").isGreaterThan(frames);
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
        asking.run();
        promised = true;
        if (deep(frames, 1, 2, 3, 4, 5, 6) == 0) {
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
