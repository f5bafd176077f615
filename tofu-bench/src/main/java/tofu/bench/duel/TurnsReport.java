package tofu.bench.duel;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// What the windows of [Turns] say about two builds: medians and quartiles of each, the ratio of
/// the medians, and the quartiles of the ratios of windows that followed each other.
final class TurnsReport {
    private static final String LINE = "%-24s %34s %34s %20s  %s%n";

    private final Cell cell;
    private final String base;
    private final String other;
    private final List<Turns.Window> windows;

    TurnsReport(Cell cell, String base, String other, List<Turns.Window> windows) {
        this.cell = cell;
        this.base = base;
        this.other = other;
        this.windows = windows;
    }

    /// One line of the report.
    ///
    /// @param ratio of the other build's median to the base's
    /// @param ratios quartiles of that ratio in each rotation
    record Line(Quartiles base, Quartiles other, double ratio, Quartiles ratios) {}

    Line line(ToDoubleFunction<Turns.Window> figure) {
        double[] ours = figures(base, figure);
        double[] theirs = figures(other, figure);
        double[] ratios = new double[Math.min(ours.length, theirs.length)];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = theirs[i] / ours[i];
        }
        Quartiles before = Quartiles.of(ours);
        Quartiles after = Quartiles.of(theirs);
        return new Line(before, after, after.median() / before.median(), Quartiles.of(ratios));
    }

    private double[] figures(String build, ToDoubleFunction<Turns.Window> figure) {
        return windows.stream()
                .filter(window -> window.build().equals(build))
                .mapToDouble(figure)
                .toArray();
    }

    /// For a terminal.
    String text() {
        Line rate = line(Turns.Window::rate);
        Line cpu = line(Turns.Window::cpu);
        return String.format(Locale.ROOT, "%n" + LINE, cell, base, other, "ratio", "quartiles")
                + text("messages/s", "%,.0f", rate)
                + text("cpu ns, sender", "%.1f", line(Turns.Window::senderCpu))
                + text("cpu ns, receiver", "%.1f", line(Turns.Window::receiverCpu))
                + text("cpu ns, both", "%.1f", cpu)
                + Targets.ofTurns(cell, rate.ratio(), cpu.ratio());
    }

    private static String text(String name, String format, Line line) {
        return String.format(
                Locale.ROOT,
                LINE,
                name,
                text(format, line.base()),
                text(format, line.other()),
                Texts.number("%.3f", line.ratio()),
                Texts.number("%.3f", line.ratios().lower())
                        + " to "
                        + Texts.number("%.3f", line.ratios().upper()));
    }

    private static String text(String format, Quartiles figures) {
        return Texts.number(format, figures.median())
                + " ("
                + Texts.number(format, figures.lower())
                + " to "
                + Texts.number(format, figures.upper())
                + ")";
    }
}
