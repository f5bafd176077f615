package tofu.bench.duel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// All that was measured, and where: what a page is made from. Lives in a folder between runs.
///
/// Thread: one.
///
/// @param runs all systems beside each other
/// @param scale the same with more channels, see [Scale]
/// @param clients servers, see [Clients]
/// @param tls connections over TLS, see [Tls]
/// @param facts what was measured on, and how
record Results(
        List<Run> runs,
        List<Run> scale,
        List<Run> clients,
        List<Run> tls,
        Map<String, String> facts) {
    private static final String RUNS = "runs.csv";
    private static final String SCALE = "scale.csv";
    private static final String CLIENTS = "clients.csv";
    private static final String TLS = "tls.csv";
    private static final String FACTS = "environment.csv";

    Results() {
        this(
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new LinkedHashMap<>());
    }

    /// Reads what [#write] wrote; a file that is not there counts as empty.
    static Results read(Path folder) throws IOException {
        Results results = new Results();
        results.runs.addAll(Csv.parse(text(folder.resolve(RUNS))));
        results.scale.addAll(Csv.parse(text(folder.resolve(SCALE))));
        results.clients.addAll(Csv.parse(text(folder.resolve(CLIENTS))));
        results.tls.addAll(Csv.parse(text(folder.resolve(TLS))));
        results.facts.putAll(Csv.parseFacts(text(folder.resolve(FACTS))));
        return results;
    }

    /// Writes the runs, a summary of them, and the facts.
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(RUNS), Csv.of(runs));
        Files.writeString(folder.resolve("summary.json"), Json.of(Table.of(runs)));
        if (!scale.isEmpty()) {
            Files.writeString(folder.resolve(SCALE), Csv.of(scale));
        }
        if (!clients.isEmpty()) {
            Files.writeString(folder.resolve(CLIENTS), Csv.of(clients));
        }
        if (!tls.isEmpty()) {
            Files.writeString(folder.resolve(TLS), Csv.of(tls));
        }
        Files.writeString(folder.resolve(FACTS), Csv.of(facts));
    }

    /// One line for each system and cell in which runs failed, in Markdown; says so if none did.
    String failures() {
        Map<String, List<Run>> failed = new LinkedHashMap<>();
        List<Run> all = new ArrayList<>(runs);
        all.addAll(scale);
        all.addAll(clients);
        all.addAll(tls);
        for (Run run : all) {
            if (run.hasFailed()) {
                String where = "**" + run.system() + "**, " + Cell.of(run.task());
                failed.computeIfAbsent(where, name -> new ArrayList<>()).add(run);
            }
        }
        if (failed.isEmpty()) {
            return "None of the " + all.size() + " runs failed.";
        }
        StringBuilder text = new StringBuilder();
        failed.forEach(
                (where, list) -> {
                    String why = list.getFirst().failure().lines().findFirst().orElse("");
                    text.append("- " + where + ": " + list.size() + " failed (" + why + ")\n");
                });
        return text.toString().strip();
    }

    /// How often and how long was measured, for each part that was; more than one length if not
    /// all runs are alike.
    Map<String, String> windowFacts() {
        Map<String, String> facts = new LinkedHashMap<>();
        Map<String, List<Run>> parts = new LinkedHashMap<>();
        parts.put("measured", runs);
        parts.put("measured, scale", scale);
        parts.put("measured, clients", clients);
        parts.put("measured, TLS", tls);
        parts.forEach(
                (part, measured) -> {
                    if (!measured.isEmpty()) {
                        facts.put(part, windows(measured));
                    }
                });
        return facts;
    }

    private static String windows(List<Run> runs) {
        int rotations = runs.stream().mapToInt(Run::rotation).max().orElse(0);
        return Texts.number("%.0f rotations; ", rotations)
                + runs.stream()
                        .map(Run::task)
                        .map(task -> window(task.measureNanos() / 1e9, task.warmUpNanos() / 1e9))
                        .distinct()
                        .collect(Collectors.joining("; "));
    }

    private static String window(double seconds, double warmUpSeconds) {
        return Texts.number("%.1f s", seconds)
                + Texts.number(", after %.1f s of warm-up", warmUpSeconds);
    }

    private static String text(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file) : "";
    }
}
