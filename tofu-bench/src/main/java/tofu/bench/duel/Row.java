package tofu.bench.duel;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// One system's figures in one [Cell]: medians of all rotations, per message. What was not measured
/// is NaN.
///
/// @param figure what the mode is judged by
/// @param p50 round trips, in microseconds, as p99 and p999
/// @param receiverCpu processor time of the receiving side, in nanoseconds
/// @param receiverHeap bytes that the receiving side allocated
record Row(
        String system,
        Spread figure,
        double p50,
        double p99,
        double p999,
        double receiverCpu,
        double driverCpu,
        double receiverHeap,
        double driverHeap) {

    /// The median of a figure.
    double median(Figure wanted) {
        return switch (wanted) {
            case RATE -> figure.median();
            case P50 -> p50;
            case P99 -> p99;
            case P999 -> p999;
        };
    }

    static List<Row> of(Figure figure, Map<String, List<Run>> systems) {
        return systems.entrySet().stream()
                .map(entry -> of(entry.getKey(), figure, entry.getValue()))
                .toList();
    }

    private static Row of(String system, Figure figure, List<Run> runs) {
        return new Row(
                system,
                spread(runs, run -> run.figure(figure)),
                spread(runs, run -> run.figure(Figure.P50)).median(),
                spread(runs, run -> run.figure(Figure.P99)).median(),
                spread(runs, run -> run.figure(Figure.P999)).median(),
                side(runs, Run::receiver, Outcome::cpuPerMessage),
                side(runs, Run::driver, Outcome::cpuPerMessage),
                side(runs, Run::receiver, Outcome::allocatedPerMessage),
                side(runs, Run::driver, Outcome::allocatedPerMessage));
    }

    private static double side(
            List<Run> runs,
            Function<Run, @Nullable Outcome> side,
            ToDoubleFunction<Outcome> value) {
        return spread(
                        runs,
                        run -> {
                            Outcome outcome = side.apply(run);
                            return outcome == null ? Double.NaN : value.applyAsDouble(outcome);
                        })
                .median();
    }

    private static Spread spread(List<Run> runs, ToDoubleFunction<Run> value) {
        return Spread.of(runs.stream().map(value::applyAsDouble).toList());
    }
}
