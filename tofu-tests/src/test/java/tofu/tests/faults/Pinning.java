package tofu.tests.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;

/// Records virtual threads that keep their carrier while they wait.
///
/// Thread: one at a time. Owns a flight recording.
final class Pinning implements AutoCloseable {
    private static final Pattern PRODUCT = Pattern.compile("tofu\\.(api|spi|pool|engine)\\..*");

    private final Recording recording = new Recording();

    private Pinning() {}

    /// Begins to record every pinning, however short.
    static Pinning record() {
        Pinning pinning = new Pinning();
        pinning.recording
                .enable("jdk.VirtualThreadPinned")
                .withThreshold(Duration.ZERO)
                .withStackTrace();
        pinning.recording.start();
        return pinning;
    }

    /// Ends the recording.
    ///
    /// @return what was recorded
    List<RecordedEvent> stop() throws IOException {
        recording.stop();
        Path file = Files.createTempFile("tofu", ".jfr");
        try {
            recording.dump(file);
            return RecordingFile.readAllEvents(file);
        } finally {
            Files.delete(file);
        }
    }

    /// Whether the product was at work.
    static boolean isOurs(RecordedEvent event) {
        RecordedStackTrace stack = event.getStackTrace();
        return stack != null
                && stack.getFrames().stream()
                        .map(frame -> frame.getMethod().getType().getName())
                        .anyMatch(name -> PRODUCT.matcher(name).matches());
    }

    @Override
    public void close() {
        recording.close();
    }
}
