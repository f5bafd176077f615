package tofu.pool;

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

    /// Zeroes, which only we know.
    private static final long[] NOTHING = new long[VALUES];

    private static final Depth DEPTH = Depth.of(VALUES);

    /// How often somebody has asked, up to [#MOST_ASKED]; roughly, as several threads may do so at
    /// once.
    private static int asked;

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
        if (DEPTH.go(NOTHING, frames, times & (CALLS - 1)) != 0) {
            throw new AssertionError("a sum of nothing is not 0"); // so that the sum is needed
        }
    }
}
