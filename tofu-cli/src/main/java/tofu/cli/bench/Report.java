package tofu.cli.bench;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import tofu.cli.Json;

/// All results of one run, as files: a table, JSON, and a page that needs nothing but itself.
///
/// @param address of the server
/// @param at when the run began, by ISO 8601
/// @param warmUp before each measurement
/// @param results in the order in which they were measured
record Report(String address, String at, Duration warmUp, List<Result> results) {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};
    private static final int TICKS_PER_HALF = 5;

    Report {
        results = List.copyOf(results);
    }

    /// One row for each result; times in microseconds.
    String csv() {
        StringWriter text = new StringWriter();
        try (CsvWriter csv = CsvWriter.builder().build(text)) {
            List<String> head =
                    new ArrayList<>(
                            List.of(
                                    "mode",
                                    "size",
                                    "connections",
                                    "window",
                                    "seconds",
                                    "messages",
                                    "messages_per_second",
                                    "bytes_per_second",
                                    "min_us",
                                    "mean_us"));
            for (double percentile : PERCENTILES) {
                head.add("p" + percentile(percentile) + "_us");
            }
            head.add("max_us");
            csv.writeRecord(head);
            results.forEach(result -> csv.writeRecord(row(result)));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is no file
        }
        return text.toString();
    }

    private static List<String> row(Result result) {
        Cell cell = result.cell();
        List<String> row =
                new ArrayList<>(
                        List.of(
                                cell.mode().toString(),
                                "" + cell.size(),
                                "" + cell.connections(),
                                "" + cell.window(),
                                number(result.seconds()),
                                "" + result.messages(),
                                number(result.messagesPerSecond()),
                                number(result.bytesPerSecond())));
        Histogram times = result.times();
        List<Double> nanos = new ArrayList<>();
        nanos.add((double) times.getMinNonZeroValue());
        nanos.add(times.getMean());
        for (double percentile : PERCENTILES) {
            nanos.add((double) times.getValueAtPercentile(percentile));
        }
        nanos.add((double) times.getMaxValue());
        nanos.forEach(value -> row.add(result.hasTimes() ? number(value / 1000) : ""));
        return row;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }

    private static String percentile(double value) {
        return value % 1 == 0 ? "" + (int) value : "" + value;
    }

    /// Everything: also each step of time, and the whole distribution of the round trips.
    String json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("at", at);
        json.put("address", address);
        json.put("java", System.getProperty("java.vm.version"));
        json.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        json.put("processors", Runtime.getRuntime().availableProcessors());
        json.put("warmUpSeconds", warmUp.toNanos() / 1e9);
        json.put("results", results.stream().map(Report::json).toList());
        return Json.line(json);
    }

    private static Map<String, Object> json(Result result) {
        Cell cell = result.cell();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", cell.toString());
        json.put("mode", cell.mode().toString());
        json.put("size", cell.size());
        json.put("connections", cell.connections());
        json.put("window", cell.window());
        json.put("seconds", result.seconds());
        json.put("messages", result.messages());
        json.put("messagesPerSecond", result.messagesPerSecond());
        json.put("bytesPerSecond", result.bytesPerSecond());
        json.put(
                "samples",
                result.samples().stream()
                        .map(sample -> List.of(sample.seconds(), sample.messagesPerSecond()))
                        .toList());
        if (result.hasTimes()) {
            json.put("nanos", nanos(result.times()));
            json.put("distribution", distribution(result.times()));
        }
        return json;
    }

    private static Map<String, Object> nanos(Histogram times) {
        Map<String, Object> nanos = new LinkedHashMap<>();
        nanos.put("min", times.getMinNonZeroValue());
        nanos.put("mean", times.getMean());
        for (double percentile : PERCENTILES) {
            nanos.put("p" + percentile(percentile), times.getValueAtPercentile(percentile));
        }
        nanos.put("max", times.getMaxValue());
        return nanos;
    }

    /// Pairs of a percentile, 0 to 100, and the nanoseconds that it took at most.
    private static List<List<Double>> distribution(Histogram times) {
        List<List<Double>> pairs = new ArrayList<>();
        for (HistogramIterationValue value : times.percentiles(TICKS_PER_HALF)) {
            pairs.add(
                    List.of(
                            value.getPercentileLevelIteratedTo(),
                            (double) value.getValueIteratedTo()));
        }
        return pairs;
    }

    /// A page with tables and plots; style, scripts and data are in it.
    String html() {
        // No text of the data ends a script, or begins a comment: in JSON both may be escaped.
        String data = json().replace("</", "<\\/").replace("<!--", "<\\u0021--");
        return resource("report.html")
                .replace("/*uplot.css*/", resource("uPlot.min.css"))
                .replace("/*uplot.js*/", resource("uPlot.iife.min.js"))
                .replace("/*uplot.licence*/", resource("uPlot.LICENSE"))
                .replace("/*data*/", data);
    }

    private static String resource(String name) {
        try (InputStream in = Report.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
