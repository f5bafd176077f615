package tofu.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tofu.fixtures.Counted;

/// Each query of docs/grafana/tofu.json finds what a scrape has.
class DashboardTest {
    private static final Path DASHBOARD = Path.of("..", "docs", "grafana", "tofu.json");
    private static final Pattern METRIC = Pattern.compile("\\b(tofu_\\w+)(?:\\{([^}]*)})?");
    private static final Pattern MATCHER = Pattern.compile("(\\w+) *(?:=|!=|=~|!~) *\"");
    private static final Pattern BY = Pattern.compile("\\bby \\(([^)]*)\\)");
    private static final Pattern LEGEND = Pattern.compile("\\{\\{(\\w+)}}");

    /// What the Prometheus server adds by itself.
    private static final Set<String> OF_THE_SERVER = Set.of("job", "instance");

    private static Scrape scrape() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new TofuMetrics(new Counted().ampe(), Tags.of("engine", "orders")).bindTo(registry);
        return Scrape.of(registry);
    }

    /// All objects of the dashboard that have a query.
    private static List<Map<?, ?>> queries() throws IOException {
        List<Map<?, ?>> found = new ArrayList<>();
        collect(JSON.std.anyFrom(Files.readString(DASHBOARD)), found);
        return found;
    }

    private static void collect(Object part, List<Map<?, ?>> found) {
        if (part instanceof Map<?, ?> object) {
            if (object.containsKey("expr") || object.get("query") instanceof Map) {
                found.add(object);
            }
            object.values().forEach(value -> collect(value, found));
        } else if (part instanceof List<?> list) {
            list.forEach(element -> collect(element, found));
        }
    }

    private static String text(Map<?, ?> query) {
        return String.valueOf(query.containsKey("expr") ? query.get("expr") : query.get("query"));
    }

    private static List<MatchResult> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().toList();
    }

    @Test
    void everyQueryNamesAMetricThatAScrapeHas() throws IOException {
        Set<String> there = scrape().labels().keySet();
        assertThat(queries()).hasSizeGreaterThan(20);
        for (Map<?, ?> query : queries()) {
            List<MatchResult> named = all(METRIC, text(query));
            assertThat(named).as(text(query)).isNotEmpty();
            assertThat(named).extracting(metric -> metric.group(1)).isSubsetOf(there);
        }
    }

    /// Each engine of a process has a loop 0.
    @Test
    void loopsOfDifferentEnginesAreNotAddedUp() throws IOException {
        List<MatchResult> groupings = new ArrayList<>();
        for (Map<?, ?> query : queries()) {
            groupings.addAll(all(BY, text(query)));
        }
        assertThat(groupings)
                .extracting(by -> List.of(by.group(1).split(", *")))
                .filteredOn(labels -> labels.contains("loop"))
                .isNotEmpty()
                .allMatch(labels -> labels.contains("engine"));
    }

    @Test
    void everyQueryUsesLabelsThatTheMetricHas() throws IOException {
        Map<String, Set<String>> there = scrape().labels();
        for (Map<?, ?> query : queries()) {
            Set<String> used = new TreeSet<>();
            Set<String> had = new TreeSet<>(OF_THE_SERVER);
            for (MatchResult metric : all(METRIC, text(query))) {
                had.addAll(there.getOrDefault(metric.group(1), Set.of()));
                String matchers = metric.group(2) == null ? "" : metric.group(2);
                all(MATCHER, matchers).forEach(label -> used.add(label.group(1)));
            }
            for (MatchResult by : all(BY, text(query))) {
                used.addAll(List.of(by.group(1).split(", *")));
            }
            all(LEGEND, String.valueOf(query.get("legendFormat")))
                    .forEach(label -> used.add(label.group(1)));
            assertThat(had).as(text(query)).containsAll(used);
        }
    }
}
