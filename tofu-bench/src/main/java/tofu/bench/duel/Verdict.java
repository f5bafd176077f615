package tofu.bench.duel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the ratios say, for better or worse: one line for each rival.
final class Verdict {
    /// Less than that is no difference on a machine that is not idle.
    private static final double NOTICEABLE = 0.05;

    private Verdict() {}

    /// How many times better our own system is than the one in this row; empty for itself.
    static String ratio(String own, Row row, Table table) {
        double ratio = ratioOf(own, row, table);
        return row.system().equals(own) ? "" : Texts.number("%.2f", ratio);
    }

    /// A list with one item for each rival: where it is behind, level and ahead.
    static String of(String own, List<Table> tables) {
        Map<String, List<String>> behind = new LinkedHashMap<>();
        Map<String, List<String>> level = new LinkedHashMap<>();
        Map<String, List<String>> ahead = new LinkedHashMap<>();
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Table table : tables) {
            for (Row row : table.rows()) {
                double ratio = ratioOf(own, row, table);
                if (row.system().equals(own) || Double.isNaN(ratio)) {
                    continue;
                }
                Map<String, List<String>> side =
                        ratio > 1 + NOTICEABLE ? behind : ratio < 1 - NOTICEABLE ? ahead : level;
                String text = table.cell() + " (" + Texts.number("%.2f", ratio) + ")";
                side.computeIfAbsent(row.system(), name -> new ArrayList<>()).add(text);
                counts.merge(row.system(), 1, Integer::sum);
            }
        }
        StringBuilder text = new StringBuilder();
        for (String rival : counts.keySet()) {
            text.append("- **").append(rival).append("**: ");
            text.append(clause(own + " is better in ", behind.get(rival)));
            text.append(clause("Level in ", level.get(rival)));
            text.append(clause(rival + " is better in ", ahead.get(rival)));
            text.setCharAt(text.length() - 1, '\n');
        }
        return text.toString().strip();
    }

    private static String clause(String start, @Nullable List<String> cells) {
        return cells == null ? "" : start + String.join("; ", cells) + ". ";
    }

    /// Above 1 our own system is better; NaN if one of them was not measured.
    private static double ratioOf(String own, Row row, Table table) {
        double other = row.figure().median();
        double ours = table.row(own).map(it -> it.figure().median()).orElse(Double.NaN);
        return table.figure().moreIsBetter() ? ours / other : other / ours;
    }
}
