package tofu.bench.duel;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A bar chart as SVG: groups of horizontal bars on a logarithmic scale, with their values beside
/// them. Reads on light and on dark ground.
///
/// Thread: one.
final class BarChart {
    private static final int WIDTH = 760;
    private static final int LABELS = 150;
    private static final int VALUES = 110;
    private static final int BAR = 14;
    private static final int GAP = 4;
    private static final int HEADING = 30;

    private static final String STYLE =
            """
            <style>
            text { font: 12px sans-serif; fill: #24292f }
            .title { font-size: 15px; font-weight: bold }
            .group { font-weight: bold }
            .name { text-anchor: end }
            .rival { fill: #8c959f }
            .own { fill: #1a7f37 }
            @media (prefers-color-scheme: dark) {
              text { fill: #e6edf3 }
              .rival { fill: #6e7681 }
              .own { fill: #3fb950 }
            }
            </style>
            """;

    private final String title;
    private final List<Group> groups = new ArrayList<>();

    /// A named bar.
    ///
    /// @param text the value as it is written beside the bar
    /// @param own whether it stands out
    record Bar(String name, double value, String text, boolean own) {}

    private record Group(String name, List<Bar> bars) {}

    BarChart(String title) {
        this.title = title;
    }

    void add(String name, List<Bar> bars) {
        groups.add(new Group(name, bars.stream().filter(bar -> bar.value() > 0).toList()));
    }

    String toSvg() {
        int bars = groups.stream().mapToInt(group -> group.bars().size()).sum();
        int height = HEADING * (groups.size() + 1) + (BAR + GAP) * bars + GAP;
        StringBuilder svg = new StringBuilder();
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                                + " width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%s\">%n",
                        WIDTH,
                        height,
                        WIDTH,
                        height,
                        escaped(title)));
        svg.append(STYLE);
        svg.append(text("title", 4, 18, title));
        int y = HEADING;
        for (Group group : groups) {
            svg.append(text("group", 4, y + 18, group.name()));
            y += HEADING;
            for (Bar bar : group.bars()) {
                svg.append(bar(bar, y));
                y += BAR + GAP;
            }
        }
        return svg.append("</svg>\n").toString();
    }

    private String bar(Bar bar, int y) {
        double length = length(bar.value());
        String rectangle =
                String.format(
                        Locale.ROOT,
                        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>%n",
                        bar.own() ? "own" : "rival",
                        LABELS,
                        y,
                        length,
                        BAR);
        return text("name", LABELS - 6, y + 11, bar.name())
                + rectangle
                + text("value", LABELS + 6 + (int) length, y + 11, bar.text());
    }

    /// The length of a bar: by the logarithm, over all groups, from half of the least value.
    private double length(double value) {
        double least = Double.MAX_VALUE;
        double greatest = 0;
        for (Group group : groups) {
            for (Bar bar : group.bars()) {
                least = Math.min(least, bar.value());
                greatest = Math.max(greatest, bar.value());
            }
        }
        double from = Math.log(least / 2);
        return (WIDTH - LABELS - VALUES) * (Math.log(value) - from) / (Math.log(greatest) - from);
    }

    private static String text(String kind, int x, int y, String text) {
        return "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>%n"
                .formatted(kind, x, y, escaped(text));
    }

    /// The text as it must stand in XML.
    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
