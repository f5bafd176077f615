package tofu.pool;

/// Lets a stack overflow strike before something is begun that must not stop half-way.
///
/// An application may call from the depth of a recursion, and its stack may end at any call of
/// ours. What changes several things one after the other, such as a lock and what it guards, first
/// asks for room; whoever has none is told by a [StackOverflowError], and nothing has changed.
///
/// Threads: any.
public final class StackRoom {
    /// At least a hundred bytes each once compiled, twice that before: more than the deepest way
    /// from a lock of the pool to the system's memory.
    private static final int FRAMES = 160;

    /// Enough for what calls nothing that calls much.
    private static final int FEW_FRAMES = 12;

    private StackRoom() {}

    /// Returns when there is room for some hundred frames; costs about as much as an allocation
    /// from the system.
    ///
    /// @throws StackOverflowError if there is not
    public static void ask() {
        if (deep(FRAMES, 1, 2, 3, 4, 5, 6) == 0) {
            throw new AssertionError("a sum of what is not 0"); // so that the sum is needed
        }
    }

    /// Returns when there is room for a dozen frames; costs about as much as taking a message.
    ///
    /// @throws StackOverflowError if there is not
    public static void askLittle() {
        if (deep(FEW_FRAMES, 1, 2, 3, 4, 5, 6) == 0) {
            throw new AssertionError("a sum of what is not 0"); // so that the sum is needed
        }
    }

    /// All numbers are needed behind the call, so that each frame keeps them.
    private static long deep(int left, long a, long b, long c, long d, long e, long f) {
        if (left == 0) {
            return 1;
        }
        long deeper = deep(left - 1, a + left, b ^ left, c + a, d ^ b, e + c, f ^ d);
        return (deeper + (a ^ b) + (c ^ d) + (e ^ f)) | 1;
    }
}
