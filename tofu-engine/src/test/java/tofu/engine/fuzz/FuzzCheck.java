package tofu.engine.fuzz;

import java.util.function.Supplier;

/// Checks that cost nothing when they pass: a fuzzer makes many of them.
public final class FuzzCheck {
    private FuzzCheck() {}

    public static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    public static void check(boolean holds, Supplier<String> what) {
        if (!holds) {
            throw new AssertionError(what.get());
        }
    }
}
