package tofu.tests.sim;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an engine runs on, as far as it fails: calls end by whatever a virtual machine throws that
/// has no memory, no stack or half its classes, and by exceptions that nobody has declared.
///
/// A world decides whether its machines are sound. One that is not fails a few times, and only
/// until all is calm.
///
/// Thread: one.
final class Jvm {
    private static final int MOST = 3;
    private static final int[] RARITIES = {20, 100, 500, 2_500};

    private final Choices choices;
    private final List<Throwable> thrown = new ArrayList<>();
    private final int rarity;
    private int left;
    private boolean broken;

    private Jvm(Choices choices, int left) {
        this.choices = choices;
        this.left = left;
        this.rarity = left == 0 ? 1 : RARITIES[choices.below(RARITIES.length)];
    }

    /// Makes one that never fails.
    static Jvm sound() {
        return new Jvm(bound -> 0, 0);
    }

    /// Makes one that will fail.
    static Jvm failing(Choices choices) {
        return new Jvm(choices, 1 + choices.below(MOST));
    }

    /// Fails now and then, in a call that declares no exception.
    void mayFail() {
        if (!isDue()) {
            return;
        }
        broken = true;
        switch (choices.below(4)) {
            case 0 -> throw injected(new IllegalStateException("injected"));
            case 1 -> throw injected(new OutOfMemoryError("injected"));
            case 2 -> throw injected(new StackOverflowError("injected"));
            default -> throw injected(new NoClassDefFoundError("injected"));
        }
    }

    /// Fails now and then, in a call that declares [IOException].
    void mayFailToo() throws IOException {
        if (isDue()) {
            throw injected(new IOException("injected"));
        }
        mayFail();
    }

    /// Fails now and then where an [IOException], too, means that a loop cannot go on.
    void mayFailToWait() throws IOException {
        if (isDue()) {
            broken = true;
            throw injected(new IOException("injected"));
        }
        mayFail();
    }

    private boolean isDue() {
        if (left == 0 || !choices.oneIn(rarity)) {
            return false;
        }
        left--;
        return true;
    }

    private <T extends Throwable> T injected(T failure) {
        thrown.add(failure);
        return failure;
    }

    /// From now on it is sound.
    void recover() {
        left = 0;
    }

    /// Whether it is the kind that fails.
    boolean fails() {
        return rarity > 1;
    }

    /// Whether it has failed in a way that no engine has to survive.
    boolean isBroken() {
        return broken;
    }

    /// Whether a failure is of its making.
    boolean threw(@Nullable Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (thrown.contains(t)) {
                return true;
            }
        }
        return false;
    }
}
