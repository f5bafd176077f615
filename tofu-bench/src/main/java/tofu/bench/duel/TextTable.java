package tofu.bench.duel;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// The runs of one mode, size and transport as a table for people.
final class TextTable {
    private TextTable() {}

    static String of(List<Run> runs) {
        Task task = runs.getFirst().task();
        Figure figure = Figure.of(task.mode());
        StringBuilder text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%n%s, %s, %,d B%n%-18s %12s %25s %9s %9s %11s %11s%n",
                        task.mode(),
                        task.transport(),
                        task.size(),
                        "",
                        figure,
                        "min..max",
                        task.mode() == Mode.PING_PONG ? "p99 us" : "",
                        task.mode() == Mode.PING_PONG ? "p99.9 us" : "",
                        "cpu ns/msg",
                        "heap B/msg"));
        runs.stream()
                .map(Run::system)
                .distinct()
                .forEach(system -> text.append(row(system, figure, runs)));
        return text.toString();
    }

    private static String row(String system, Figure figure, List<Run> all) {
        List<Run> runs = all.stream().filter(run -> run.system().equals(system)).toList();
        Spread spread = spread(runs, run -> run.figure(figure));
        String format = figure == Figure.RATE ? "%,.0f" : "%.1f";
        return String.format(
                Locale.ROOT,
                "%-18s %12s %25s %9s %9s %11s %11s%n",
                system,
                number(format, spread.median()),
                number(format, spread.min()) + ".." + number(format, spread.max()),
                number("%.1f", spread(runs, run -> run.figure(Figure.P99)).median()),
                number("%.1f", spread(runs, run -> run.figure(Figure.P999)).median()),
                sides("%.0f", runs, Outcome::cpuPerMessage),
                sides("%.1f", runs, Outcome::allocatedPerMessage));
    }

    /// Receiver and driver.
    private static String sides(String format, List<Run> runs, ToDoubleFunction<Outcome> value) {
        return number(format, side(runs, Run::receiver, value))
                + "/"
                + number(format, side(runs, Run::driver, value));
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

    private static String number(String format, double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
    }
}
