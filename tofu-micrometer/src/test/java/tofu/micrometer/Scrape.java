package tofu.micrometer;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a Prometheus server would read.
///
/// @param text the whole of it
/// @param labels the labels of each metric that has a value, by its name
/// @param values each value, by metric and labels as they stand in the text
record Scrape(String text, Map<String, Set<String>> labels, Map<String, Double> values) {
    private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"[^\"]*\"");

    static Scrape of(PrometheusMeterRegistry registry) {
        String text = registry.scrape();
        Map<String, Set<String>> labels = new HashMap<>();
        Map<String, Double> values = new HashMap<>();
        for (String line : text.lines().filter(line -> !line.startsWith("#")).toList()) {
            Matcher sample = SAMPLE.matcher(line);
            if (!sample.matches()) {
                throw new AssertionError("no sample: " + line);
            }
            Set<String> own = labels.computeIfAbsent(sample.group(1), _ -> new TreeSet<>());
            if (sample.group(2) != null) {
                LABEL.matcher(sample.group(2)).results().forEach(label -> own.add(label.group(1)));
            }
            String series = line.substring(0, line.lastIndexOf(' '));
            values.put(series, Double.valueOf(sample.group(3)));
        }
        return new Scrape(text, labels, values);
    }
}
