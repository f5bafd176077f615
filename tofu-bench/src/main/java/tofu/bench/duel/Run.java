package tofu.bench.duel;

import org.jspecify.annotations.Nullable;

/// One run of one system, and what came out.
///
/// @param rotation which turn, from 1
/// @param receiver what the receiving side measured, `null` if the run failed
/// @param driver what the sending side measured, `null` if the run failed
/// @param failure why it failed, empty if it did not
record Run(
        String system,
        Task task,
        int rotation,
        @Nullable Outcome receiver,
        @Nullable Outcome driver,
        String failure) {

    /// The side whose clock counts: the receiver's one way, the driver's otherwise.
    @Nullable Outcome judge() {
        return task.isOneWay() ? receiver : driver;
    }

    /// A figure of the side whose clock counts.
    double figure(Figure figure) {
        Outcome judge = judge();
        return judge == null ? Double.NaN : figure.of(judge);
    }

    boolean hasFailed() {
        return !failure.isEmpty();
    }
}
