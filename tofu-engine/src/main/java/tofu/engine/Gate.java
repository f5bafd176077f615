package tofu.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import tofu.api.AmpeException;
import tofu.api.Status;
import tofu.engine.loop.FirstFailure;

/// What every call of a group is told: nothing, that the group is closing, or that the engine has
/// failed.
///
/// Threads: any.
final class Gate {
    private static final VarHandle REFUSAL;

    static {
        try {
            REFUSAL = MethodHandles.lookup().findVarHandle(Gate.class, "refusal", Status.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final FirstFailure failure;

    @SuppressWarnings("unused") // through REFUSAL
    private volatile @Nullable Status refusal;

    /// @param failure what is the cause, if the engine has failed
    Gate(FirstFailure failure) {
        this.failure = failure;
    }

    /// Refuses every call from now on; the first reason stays. Allocates nothing.
    void close(Status reason) {
        REFUSAL.compareAndSet(this, null, reason);
    }

    boolean isClosed() {
        return refusal != null;
    }

    /// @throws AmpeException with the reason, if calls are refused
    void check() {
        Status reason = refusal;
        if (reason == null) {
            return;
        }
        Throwable cause = failure.cause();
        throw reason == Status.SHUTDOWN_STARTED || cause == null
                ? new AmpeException(reason, "the group is closed")
                : new AmpeException(reason, "the engine has failed", cause);
    }
}
