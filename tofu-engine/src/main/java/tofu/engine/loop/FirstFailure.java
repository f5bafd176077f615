package tofu.engine.loop;

import org.jspecify.annotations.Nullable;

/// Why the loops of an engine do not go on, seen by all of them: failing begins with one store, as
/// there may be no memory or stack for more.
///
/// Threads: any.
public final class FirstFailure {
    private volatile @Nullable Throwable cause;

    /// None yet.
    public FirstFailure() {}

    /// Sets the cause, unless there is one.
    ///
    /// @param bug the cause
    public void set(Throwable bug) {
        if (cause == null) {
            cause = bug;
        }
    }

    /// The cause.
    ///
    /// @return `null` if nothing has failed
    public @Nullable Throwable cause() {
        return cause;
    }
}
