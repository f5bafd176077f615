package tofu.pool;

/// Lets a stack overflow strike before something is begun that must not stop half-way.
///
/// An application may call from the depth of a recursion, and its stack may end at any call of
/// ours. What changes several things one after the other, such as a lock and what it guards, first
/// asks for room; whoever has none is told by a [StackOverflowError], and nothing has changed.
///
/// Threads: any.
public final class StackRoom {
    /// With some hundred bytes each: more than the deepest way from a lock of the pool to the
    /// system's memory, or from a message to its socket, even while those are interpreted.
    private static final int FRAMES = 40;

    /// More than the way back to the pool for a piece of its memory.
    private static final int FEW_FRAMES = 12;

    /// One in so many calls fills one of its frames, a power of two. Seldom, as it takes long; but
    /// compilers make no room for what they have never seen.
    private static final int CALLS = 512;

    /// Zeroes, which only we know.
    private static final long[] NOTHING = new long[48];

    /// How often somebody has asked; roughly, as several threads may do so at once.
    private static int asked;

    private StackRoom() {}

    /// Returns when there is room for some hundred frames; costs about as much as handing a message
    /// to another thread.
    ///
    /// @throws StackOverflowError if there is not
    public static void ask() {
        ask(FRAMES);
    }

    /// Returns when there is room for some thirty frames: enough to give memory back, for a third
    /// of what [#ask()] costs.
    ///
    /// @throws StackOverflowError if there is not
    public static void askForLittle() {
        ask(FEW_FRAMES);
    }

    private static void ask(int frames) {
        int filled = asked++ & (CALLS - 1);
        if (deep(NOTHING, frames, filled) != 0) {
            throw new AssertionError("a sum of nothing is not 0"); // so that the sum is needed
        }
    }

    /// A frame has the size that its way with most numbers needs, whichever way is gone: here
    /// those that are read before the call, and needed behind it.
    private static long deep(long[] f, int left, int filled) {
        if (left == 0) {
            return 0;
        }
        if (left != filled) {
            return deep(f, left - 1, filled);
        }
        long k0 = f[0];
        long k1 = f[1];
        long k2 = f[2];
        long k3 = f[3];
        long k4 = f[4];
        long k5 = f[5];
        long k6 = f[6];
        long k7 = f[7];
        long k8 = f[8];
        long k9 = f[9];
        long k10 = f[10];
        long k11 = f[11];
        long k12 = f[12];
        long k13 = f[13];
        long k14 = f[14];
        long k15 = f[15];
        long k16 = f[16];
        long k17 = f[17];
        long k18 = f[18];
        long k19 = f[19];
        long k20 = f[20];
        long k21 = f[21];
        long k22 = f[22];
        long k23 = f[23];
        long k24 = f[24];
        long k25 = f[25];
        long k26 = f[26];
        long k27 = f[27];
        long k28 = f[28];
        long k29 = f[29];
        long k30 = f[30];
        long k31 = f[31];
        long k32 = f[32];
        long k33 = f[33];
        long k34 = f[34];
        long k35 = f[35];
        long k36 = f[36];
        long k37 = f[37];
        long k38 = f[38];
        long k39 = f[39];
        long k40 = f[40];
        long k41 = f[41];
        long k42 = f[42];
        long k43 = f[43];
        long k44 = f[44];
        long k45 = f[45];
        long k46 = f[46];
        long k47 = f[47];
        return deep(f, left - 1, filled)
                + (k0 ^ k1 ^ k2 ^ k3 ^ k4 ^ k5 ^ k6 ^ k7 ^ k8 ^ k9 ^ k10 ^ k11)
                + (k12 ^ k13 ^ k14 ^ k15 ^ k16 ^ k17 ^ k18 ^ k19 ^ k20 ^ k21 ^ k22 ^ k23)
                + (k24 ^ k25 ^ k26 ^ k27 ^ k28 ^ k29 ^ k30 ^ k31 ^ k32 ^ k33 ^ k34 ^ k35)
                + (k36 ^ k37 ^ k38 ^ k39 ^ k40 ^ k41 ^ k42 ^ k43 ^ k44 ^ k45 ^ k46 ^ k47);
    }
}
