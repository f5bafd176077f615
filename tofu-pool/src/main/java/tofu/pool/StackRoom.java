package tofu.pool;

import org.jspecify.annotations.Nullable;

/// Lets a stack overflow strike before something is begun that must not stop half-way.
///
/// An application may call from the depth of a recursion, and its stack may end at any call of
/// ours. What changes several things one after the other, such as a lock and what it guards, first
/// asks for room; whoever has none is told by a [StackOverflowError], and nothing has changed.
///
/// Some calls of a method with a large frame show that there is room, see [Depth]. Few with large
/// frames rather than many with small ones: each touches two lines of memory that nobody else uses.
///
/// Threads: any.
public final class StackRoom {
    /// With 4 KiB each: more than the deepest way from a lock of the pool to the system's memory,
    /// or from a message to its socket, even while those are interpreted.
    private static final int FRAMES = 5;

    /// More than the way back to the pool for a piece of its memory.
    private static final int FEW_FRAMES = 2;

    /// How many values a frame has. With more its method had 8,000 bytes of code, HotSpot's
    /// `HugeMethodLimit`, and would be interpreted for ever.
    static final int VALUES = 512;

    /// One in so many calls fills one of its frames, a power of two. Seldom, as it takes long; but
    /// compilers make no room for what they have never seen.
    private static final int CALLS = 512;

    /// By then the compilers have seen it.
    private static final int MOST_ASKED = 1 << 20;

    /// More than it takes to make a [Depth], with a hundred bytes each while it is interpreted.
    private static final int SMALL_FRAMES = 640;

    /// Made when first needed. Not by an initialiser: one that fails, for want of stack or memory,
    /// leaves a class that is broken for as long as the process lives.
    private static @Nullable Pit pit;

    /// How often somebody has asked, up to [#MOST_ASKED]; roughly, as several threads may do so at
    /// once.
    private static int asked;

    /// Where to go down.
    private static final class Pit {
        private final Depth depth = Depth.of(VALUES);

        /// Which only we know.
        private final long[] zeroes = new long[VALUES];
    }

    private StackRoom() {}

    /// Returns when there is room for some hundred frames.
    ///
    /// @throws StackOverflowError if there is not
    public static void ask() {
        ask(FRAMES);
    }

    /// Returns when there is room for some thirty frames: enough to give memory back.
    ///
    /// @throws StackOverflowError if there is not
    public static void askForLittle() {
        ask(FEW_FRAMES);
    }

    private static void ask(int frames) {
        int times = asked;
        if (times < MOST_ASKED) {
            asked = times + 1;
        }
        Pit known = pit;
        if (known == null) {
            known = dig();
        }
        if (known.depth.go(known.zeroes, frames, times & (CALLS - 1)) != 0) {
            throw new AssertionError("a sum of nothing is not 0"); // so that the sum is needed
        }
    }

    /// Several threads may do so at once, which does no harm.
    private static Pit dig() {
        // First this, or the stack might end in an initialiser of the JDK's.
        if (down(SMALL_FRAMES) != SMALL_FRAMES) {
            throw new AssertionError("not as deep as asked for");
        }
        Pit made = new Pit();
        pit = made;
        return made;
    }

    private static int down(int frames) {
        return frames == 0 ? 0 : down(frames - 1) + 1;
    }
}
