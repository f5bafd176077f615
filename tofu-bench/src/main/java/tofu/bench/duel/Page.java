package tofu.bench.duel;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/// The page about a measurement: a template in Markdown with the figures put in, and its plots.
final class Page {
    private static final String OWN = "tofu";
    private static final String CLIENT_RUNS =
            "The runs are in [clients.csv](benchmarks/clients.csv).";

    private static final String TLS_RUNS = "\n\nThe runs are in [tls.csv](benchmarks/tls.csv).\n\n";

    private Page() {}

    /// Writes the page, and the plots into a folder.
    ///
    /// @param folder where the results are
    static void write(Path page, Path folder, Results results) throws IOException {
        List<Table> tables = Table.of(results.runs());
        List<Table> scale = Table.of(results.scale());
        List<Table> clients = Table.of(results.clients());
        List<Table> tls = Table.of(results.tls());
        Map<String, String> plots = plots(tables);
        addPlot(plots, "scale", "one-way, tcp, 64 B: messages/s", scale);
        for (int size : List.of(64, 1_024)) {
            List<Table> some = clients.stream().filter(it -> it.cell().size() == size).toList();
            addPlot(plots, "clients-" + size, "servers, tcp, " + size + " B: messages/s", some);
        }
        Path home = Objects.requireNonNull(page.toAbsolutePath().getParent());
        StringBuilder links = new StringBuilder();
        for (Map.Entry<String, String> plot : plots.entrySet()) {
            Path file = folder.resolve(plot.getKey() + ".svg").toAbsolutePath();
            Files.writeString(file, plot.getValue());
            links.append("![" + plot.getKey() + "](" + home.relativize(file) + ")\n\n");
        }
        String text =
                template()
                        .replace("{{facts}}", facts(results.facts()))
                        .replace("{{failures}}", results.failures())
                        .replace("{{targets}}", targets(Targets.of(tables, scale, clients, tls)))
                        .replace("{{scale}}", scale(scale))
                        .replace("{{clients}}", clients(clients))
                        .replace("{{tls}}", tls(tls))
                        .replace("{{verdict}}", Verdict.of(OWN, tables))
                        .replace("{{plots}}", links.toString().strip())
                        .replace("{{tables}}", tables(tables));
        Files.writeString(page, text);
    }

    private static String template() throws IOException {
        try (InputStream template = Page.class.getResourceAsStream("/duel/page.md")) {
            if (template == null) {
                throw new FileNotFoundException("no template");
            }
            return new String(template.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String facts(Map<String, String> facts) {
        return facts.entrySet().stream()
                .map(fact -> "| " + fact.getKey() + " | " + fact.getValue() + " |")
                .collect(Collectors.joining("\n", "| | |\n|---|---|\n", ""));
    }

    private static String targets(List<Targets.Result> targets) {
        return targets.stream()
                .map(
                        it ->
                                String.join(" | ", "| " + it.target(), it.measured(), it.verdict())
                                        + " |")
                .collect(
                        Collectors.joining(
                                "\n", "| target | measured (rotations) | |\n|---|---|---|\n", ""));
    }

    private static String scale(List<Table> tables) {
        if (tables.isEmpty()) {
            return "Not measured.";
        }
        String head =
                """
                | channels | system | messages/s | least to greatest | to one channel \
                | tofu is better by | target |
                |---|---|---:|---:|---:|---:|---|
                """;
        return Scale.of(OWN, tables).stream()
                .map(
                        line ->
                                String.join(
                                                " | ",
                                                "| " + line.channels(),
                                                line.system(),
                                                Texts.figure(Figure.RATE, line.figure().median()),
                                                Texts.spread(Figure.RATE, line.figure()),
                                                Texts.number("%.2f", line.ratio()),
                                                line.system().equals(OWN)
                                                        ? ""
                                                        : Texts.number("%.2f", line.better()),
                                                line.verdict())
                                        + " |")
                .collect(Collectors.joining("\n", head, ""));
    }

    private static String clients(List<Table> tables) {
        if (tables.isEmpty()) {
            return "Not measured.";
        }
        String head =
                """
                | size | connections | under way, each | system | messages/s | least to greatest \
                | tofu is better by | p50 us | p99 us | p99.9 us | server's CPU ns |
                |---:|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|
                """;
        return tables.stream()
                .flatMap(table -> table.rows().stream().map(row -> client(table, row)))
                .collect(Collectors.joining("\n", head, "\n\n" + CLIENT_RUNS));
    }

    private static String client(Table table, Row row) {
        Cell cell = table.cell();
        return String.join(
                        " | ",
                        "| " + cell.size(),
                        Texts.number("%,.0f", cell.channels()),
                        Integer.toString(cell.mode().window()),
                        row.system(),
                        Texts.figure(Figure.RATE, row.figure().median()),
                        Texts.spread(Figure.RATE, row.figure()),
                        Verdict.ratio(OWN, row, table),
                        Texts.number("%.1f", row.p50()),
                        Texts.number("%.1f", row.p99()),
                        Texts.number("%.1f", row.p999()),
                        Texts.number("%.0f", row.receiverCpu()))
                + " |";
    }

    private static String tls(List<Table> tables) {
        return tables.isEmpty()
                ? "Not measured."
                : Verdict.of(OWN, tables) + TLS_RUNS + tables(tables);
    }

    private static String tables(List<Table> tables) {
        return tables.stream().map(Page::table).collect(Collectors.joining("\n"));
    }

    private static String table(Table table) {
        Figure figure = table.figure();
        boolean trips = table.hasTrips();
        StringBuilder text = new StringBuilder("### " + table.cell() + "\n\n");
        text.append("| system | ").append(figure).append(" | least to greatest |");
        text.append(trips ? " p99 us | p99.9 us |" : "");
        text.append(" tofu is better by | CPU ns | heap B |\n|---|---:|---:|---:|---:|---:|");
        text.append(trips ? "---:|---:|\n" : "\n");
        for (Row row : table.rows()) {
            text.append("| ").append(row.system());
            text.append(" | ").append(Texts.figure(figure, row.figure().median()));
            text.append(" | ").append(Texts.spread(figure, row.figure()));
            if (trips) {
                text.append(" | ").append(Texts.number("%.1f", row.p99()));
                text.append(" | ").append(Texts.number("%.1f", row.p999()));
            }
            text.append(" | ").append(Verdict.ratio(OWN, row, table));
            text.append(" | ").append(Texts.sides("%.0f", row.receiverCpu(), row.driverCpu()));
            text.append(" | ").append(Texts.sides("%.1f", row.receiverHeap(), row.driverHeap()));
            text.append(" |\n");
        }
        return text.toString();
    }

    /// A plot for each mode and transport with one busy channel: a group of bars for each size.
    private static Map<String, String> plots(List<Table> tables) {
        Map<String, BarChart> charts = new LinkedHashMap<>();
        for (Table table : tables) {
            Cell cell = table.cell();
            if (!cell.isAboutScale() && table.row(OWN).isPresent()) {
                String title = cell.mode() + ", " + cell.transport() + ": " + table.figure();
                charts.computeIfAbsent(
                                cell.mode() + "-" + cell.transport(), name -> new BarChart(title))
                        .add(cell.size() + " B", bars(table));
            }
        }
        Map<String, String> plots = new LinkedHashMap<>();
        charts.forEach((name, chart) -> plots.put(name, chart.toSvg()));
        return plots;
    }

    /// A plot of cells of one size, if there are any: a group of bars for each.
    private static void addPlot(
            Map<String, String> plots, String name, String title, List<Table> tables) {
        if (!tables.isEmpty()) {
            BarChart chart = new BarChart(title);
            tables.forEach(table -> chart.add(group(table.cell()), bars(table)));
            plots.put(name, chart.toSvg());
        }
    }

    private static String group(Cell cell) {
        String channels = Texts.number("%,.0f", cell.channels());
        return cell.mode().isServer()
                ? channels + " connections, " + cell.mode().window() + " under way each"
                : Scale.channels(cell);
    }

    private static List<BarChart.Bar> bars(Table table) {
        return table.rows().stream()
                .map(
                        row -> {
                            double value = row.figure().median();
                            String text = Texts.figure(table.figure(), value);
                            return new BarChart.Bar(
                                    row.system(), value, text, row.system().startsWith(OWN));
                        })
                .toList();
    }
}
