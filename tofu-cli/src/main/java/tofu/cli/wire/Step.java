package tofu.cli.wire;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tofu.cli.ExitCode;
import tofu.cli.Failure;
import tofu.cli.Json;

/// What one side of a recorded connection has done: it has sent a frame, or ended its direction.
final class Step {
    private final Side sender;
    private final double seconds;
    private final byte[] bytes;
    private final @Nullable End end;

    private Step(Side sender, double seconds, byte[] bytes, @Nullable End end) {
        this.sender = sender;
        this.seconds = seconds;
        this.bytes = bytes;
        this.end = end;
    }

    /// Reads what [Log] has recorded of a connection, in the order in which it came.
    ///
    /// @param connection which one, from 1 on
    /// @throws Failure if it is no recording, or has no such connection
    static List<Step> read(Path file, int connection) throws Failure, IOException {
        List<Step> steps = new ArrayList<>();
        int number = 0;
        for (String line : lines(file)) {
            String where = file + ", line " + ++number;
            Map<String, Object> event = Json.parse(line, where);
            boolean isOurs = event.get("connection") instanceof Integer n && n == connection;
            if (isOurs && event.get("from") instanceof String from && event.containsKey("bytes")) {
                try {
                    steps.add(step(Side.valueOf(from.toUpperCase(Locale.ROOT)), event));
                } catch (IllegalArgumentException e) {
                    throw new Failure(
                            ExitCode.FILE, where + " is no recorded step: " + e.getMessage());
                }
            }
        }
        if (steps.isEmpty()) {
            throw new Failure(ExitCode.FILE, file + " has no connection " + connection);
        }
        return steps;
    }

    private static List<String> lines(Path file) throws Failure, IOException {
        try {
            return Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            throw new Failure(ExitCode.FILE, "there is no file " + file);
        } catch (MalformedInputException e) {
            throw new Failure(ExitCode.FILE, file + " is no recording");
        }
    }

    private static Step step(Side sender, Map<String, Object> event) {
        byte[] bytes = HexFormat.of().parseHex(String.valueOf(event.get("bytes")));
        double seconds = new BigDecimal(String.valueOf(event.get("time"))).doubleValue();
        return new Step(sender, seconds, bytes, end(event, bytes));
    }

    private static @Nullable End end(Map<String, Object> event, byte[] bytes) {
        if ("frame".equals(event.get("event"))) {
            if (!Frame.isOne(bytes)) {
                throw new IllegalArgumentException("these bytes are no frame");
            }
            return null;
        }
        for (End end : End.values()) {
            if (end.toString().equals(event.get("how"))) {
                return end;
            }
        }
        throw new IllegalArgumentException("neither a frame nor an end");
    }

    Side sender() {
        return sender;
    }

    /// When it came, since the proxy began.
    double seconds() {
        return seconds;
    }

    /// A whole frame; at an end, what had come of one.
    byte[] bytes() {
        return bytes.clone();
    }

    /// How the direction ended; `null` for a frame.
    @Nullable End end() {
        return end;
    }
}
