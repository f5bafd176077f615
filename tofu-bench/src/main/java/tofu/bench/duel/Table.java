package tofu.bench.duel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The systems in one [Cell], each with its figures.
record Table(Cell cell, List<Row> rows) {
    /// Sums up runs, in the order in which cells and systems first appear.
    static List<Table> of(List<Run> runs) {
        Map<Cell, Map<String, List<Run>>> groups = new LinkedHashMap<>();
        for (Run run : runs) {
            groups.computeIfAbsent(Cell.of(run.task()), key -> new LinkedHashMap<>())
                    .computeIfAbsent(run.system(), key -> new ArrayList<>())
                    .add(run);
        }
        List<Table> tables = new ArrayList<>();
        groups.forEach(
                (cell, systems) ->
                        tables.add(new Table(cell, Row.of(Figure.of(cell.mode()), systems))));
        return tables;
    }

    Figure figure() {
        return Figure.of(cell.mode());
    }

    /// Whether there are times of round trips.
    boolean hasTrips() {
        return rows.stream().anyMatch(row -> !Double.isNaN(row.p99()));
    }

    /// One system's figures, if it was measured here.
    Optional<Row> row(String system) {
        return rows.stream().filter(row -> row.system().equals(system)).findFirst();
    }
}
