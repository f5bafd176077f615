package tofu.engine.loop;

import org.jspecify.annotations.Nullable;

/// A command that says what becomes of it.
///
/// Thread: as the loop's, or the test's.
final class Told implements Command {
    private final LoopRig rig;

    /// What running throws, each time.
    @Nullable Error runFailure;

    /// What dropping throws, once.
    @Nullable Error dropFailure;

    Told(LoopRig rig) {
        this.rig = rig;
    }

    @Override
    public void run(long nowNanos) {
        if (runFailure != null) {
            throw runFailure;
        }
        rig.note("command");
    }

    @Override
    public void drop() {
        Error planted = dropFailure;
        dropFailure = null;
        if (planted != null) {
            throw planted;
        }
        rig.note("drop");
    }
}
