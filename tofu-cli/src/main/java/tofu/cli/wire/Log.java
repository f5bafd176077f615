package tofu.cli.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tofu.cli.Escapes;
import tofu.cli.Json;
import tofu.cli.Terminal;

/// What the proxy saw: printed, as lines for people or as JSON, and recorded.
///
/// The recording is JSON, too, an object in a line, with the bytes of each frame as they came; see
/// [Step], which reads it.
///
/// Threads: any; events are in the order in which they are told.
/// Errors: what cannot be written ends the proxy, by [#failure()].
final class Log {
    /// What is printed.
    enum Format {
        LINES,
        JSON,
        NOTHING
    }

    private static final int MICRO_DIGITS = 6;

    private final Terminal terminal;
    private final Format format;
    private final int preview;
    private final @Nullable Writer record;
    private final long startNanos = System.nanoTime();
    private final CompletableFuture<Void> failure = new CompletableFuture<>();

    /// Begins.
    ///
    /// @param preview how many characters of a body are printed
    /// @param record takes the recording; stays the caller's
    Log(Terminal terminal, Format format, int preview, @Nullable Writer record) {
        this.terminal = terminal;
        this.format = format;
        this.preview = preview;
        this.record = record;
    }

    /// Ends with the first failure to print or record.
    CompletableFuture<Void> failure() {
        return failure;
    }

    void opened(Wire wire) {
        Map<String, Object> event = event(wire.number(), "open");
        event.put("at", Instant.now().toString());
        tell(event, "connected", null, null);
    }

    /// A whole frame has come.
    void frame(Wire wire, Side sender, Frame frame, boolean dropped) {
        Map<String, Object> event = event(wire.number(), "frame");
        event.put("from", sender.toString());
        event.put("length", frame.length());
        event.put("dropped", dropped);
        event.putAll(frame.content().json());
        String line = frame.content().line(preview);
        tell(event, dropped ? line + " [dropped]" : line, sender, frame);
    }

    /// A direction has ended, maybe within a frame.
    void ended(Wire wire, Side sender, End end, Frame rest, long frames, long bytes) {
        Map<String, Object> event = event(wire.number(), "end");
        event.put("from", sender.toString());
        event.put("how", end.toString());
        event.put("frames", frames);
        event.put("length", bytes);
        boolean within = rest.filled() > 0;
        String line = end + (within ? " " + rest.progress() : "");
        if (within) {
            event.put("within", rest.progress());
        }
        String coloured = within || end != End.FIN ? terminal.in(Terminal.Colour.RED, line) : line;
        tell(event, coloured, sender, rest);
    }

    /// What one side has sent does not reach the other one any more.
    void undelivered(Wire wire, Side sender) {
        Map<String, Object> event = event(wire.number(), "undelivered");
        event.put("from", sender.toString());
        String line = "not delivered: the " + sender.other() + " is gone";
        tell(event, terminal.in(Terminal.Colour.RED, line), sender, null);
    }

    /// The proxy has cut a connection when its time had come.
    void cut(Wire wire) {
        tell(event(wire.number(), "cut"), terminal.in(Terminal.Colour.RED, "cut"), null, null);
    }

    /// Something of the proxy's own went wrong.
    void trouble(int connection, String what) {
        Map<String, Object> event = event(connection, "trouble");
        event.put("what", what);
        tell(event, terminal.in(Terminal.Colour.RED, Escapes.plain(what)), null, null);
    }

    private Map<String, Object> event(int connection, String name) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put(
                "time", BigDecimal.valueOf((System.nanoTime() - startNanos) / 1_000, MICRO_DIGITS));
        event.put("connection", connection);
        event.put("event", name);
        return event;
    }

    private synchronized void tell(
            Map<String, Object> event, String line, @Nullable Side sender, @Nullable Frame frame) {
        try {
            switch (format) {
                case LINES -> terminal.println(prefix(event, sender) + line);
                case JSON -> terminal.println(Json.line(event));
                case NOTHING -> {}
            }
            if (record != null) {
                if (frame != null) {
                    event.put("bytes", HexFormat.of().formatHex(frame.copy(0)));
                }
                record.write(Json.line(event) + "\n");
                record.flush();
            }
        } catch (UncheckedIOException | IOException e) {
            failure.completeExceptionally(e);
        }
    }

    private String prefix(Map<String, Object> event, @Nullable Side sender) {
        String time = String.format(Locale.ROOT, "%11s", event.get("time"));
        String arrow = sender == null ? "---" : terminal.in(sender.colour(), sender.arrow());
        return terminal.in(Terminal.Colour.DIM, time)
                + " #"
                + event.get("connection")
                + " "
                + arrow
                + " ";
    }
}
