package tofu.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tofu.fixtures.Counted;

/// The table of docs/guide/metrics.md has all meters, with their tags, units and types.
class MetricsPageTest {
    private static final Path PAGE = Path.of("..", "docs", "guide", "metrics.md");
    private static final Pattern ROW =
            Pattern.compile("\\| `(tofu[.a-z]+)` \\|([a-z, ]*)\\|([a-z ]*)\\| (counter: )?.*");

    private static Set<String> rows() throws IOException {
        Set<String> rows = new TreeSet<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                String type = row.group(4) == null ? "gauge" : "counter";
                String cells = row.group(2).strip() + " | " + row.group(3).strip();
                rows.add(row.group(1) + " | " + cells + " | " + type);
            }
        }
        return rows;
    }

    private static String row(Meter meter) {
        String unit = meter.getId().getBaseUnit();
        String type = meter instanceof FunctionCounter ? "counter" : "gauge";
        String tags =
                meter.getId().getTags().stream().map(Tag::getKey).collect(Collectors.joining(", "));
        String name = meter.getId().getName();
        return name + " | " + tags + " | " + (unit == null ? "" : unit) + " | " + type;
    }

    @Test
    void thePageHasAllMeters() throws IOException {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new TofuMetrics(new Counted().ampe()).bindTo(registry);
        Set<String> meters = new TreeSet<>();
        registry.forEachMeter(meter -> meters.add(row(meter)));
        assertThat(rows()).isEqualTo(meters);
    }
}
