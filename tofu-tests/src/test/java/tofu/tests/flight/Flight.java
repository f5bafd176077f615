package tofu.tests.flight;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import jdk.jfr.consumer.RecordingStream;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Link;

/// A recording of all events of tofu, however short they last, that is looked at while it goes on.
///
/// Thread: one; events come from another.
final class Flight implements AutoCloseable {
    static final List<String> EVENTS =
            List.of(
                    "tofu.Close",
                    "tofu.Connect",
                    "tofu.DeadlineHit",
                    "tofu.FrameRejected",
                    "tofu.Handshake",
                    "tofu.Leak",
                    "tofu.LoopStall",
                    "tofu.PoolEmpty",
                    "tofu.ReceiveStall",
                    "tofu.SendStall");

    private final RecordingStream stream = new RecordingStream();
    private final Queue<RecordedEvent> seen = new ConcurrentLinkedQueue<>();

    private Flight() {}

    static Flight record() {
        Flight flight = new Flight();
        for (String event : EVENTS) {
            flight.stream.enable(event).withThreshold(Duration.ZERO).with("throttle", "off");
        }
        flight.stream.setReuse(false);
        flight.stream.onEvent(flight.seen::add);
        flight.stream.startAsync();
        return flight;
    }

    /// Expects exactly one event of a kind that is so, now or soon.
    RecordedEvent expectOne(String name, Predicate<RecordedEvent> is) {
        Eventually.holds(name, () -> count(name, is) > 0);
        assertThat(count(name, is)).as(name).isOne();
        return first(name, is);
    }

    /// Expects at least one event of a kind that is so, now or soon.
    RecordedEvent expectSome(String name, Predicate<RecordedEvent> is) {
        Eventually.holds(name, () -> count(name, is) > 0);
        return first(name, is);
    }

    /// Does something again and again until there is an event of a kind.
    RecordedEvent expectOneAfter(Runnable cause, String name) {
        Eventually.holds(
                name,
                () -> {
                    cause.run();
                    return count(name, event -> true) > 0;
                });
        return expectOne(name, event -> true);
    }

    private RecordedEvent first(String name, Predicate<RecordedEvent> is) {
        return seen.stream()
                .filter(event -> isA(name, event) && is.test(event))
                .findFirst()
                .orElseThrow();
    }

    private long count(String name, Predicate<RecordedEvent> is) {
        return seen.stream().filter(event -> isA(name, event) && is.test(event)).count();
    }

    private static boolean isA(String name, RecordedEvent event) {
        return event.getEventType().getName().equals("tofu." + name);
    }

    /// All events of tofu in a recording that has ended.
    static List<RecordedEvent> read(Recording recording) throws IOException {
        Path file = Files.createTempFile("tofu", ".jfr");
        try {
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().startsWith("tofu."))
                    .toList();
        } finally {
            Files.delete(file);
        }
    }

    @Override
    public void close() {
        stream.close();
    }

    // ---- whose events

    static Predicate<RecordedEvent> ofClient(Link link) {
        return of("CLIENT", link.clientChannel());
    }

    static Predicate<RecordedEvent> ofServer(Link link) {
        return of("SERVER", link.serverChannel());
    }

    static Predicate<RecordedEvent> of(String role, int channel) {
        return event -> event.getString("role").equals(role) && event.getInt("channel") == channel;
    }

    static Predicate<RecordedEvent> with(String field, String value) {
        return event -> value.equals(event.getString(field));
    }
}
