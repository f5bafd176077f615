package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import tofu.api.Ampe;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.api.Statistics;

/// Snippets of docs/guide/operations.md and docs/guide/performance.md. Alone in the process, as it
/// records the whole of it.
@Isolated
class OperationsTest {
    @Test
    void optionsSayWhatTheyAre() {
        // @start region="options"
        Options options =
                Options.builder()
                        .maxPoolBytes(512L << 20)
                        .maxChannels(10_000)
                        .closeTimeout(Duration.ofSeconds(1))
                        .build(); // an IllegalArgumentException names a value out of range
        IO.println(options); // every value that is in force, in one line
        Ampe ampe = Ampe.open(options);
        // @end
        ampe.close();
        assertThat(options.toString()).contains("maxChannels=10000", "closeTimeout=PT1S");
    }

    @Test
    void theReadmeSetsTwo() {
        // @start region="two"
        Options options =
                Options.builder()
                        .sendQueueMessages(256)
                        .closeTimeout(Duration.ofSeconds(1))
                        .build();
        Ampe ampe = Ampe.open(options);
        // @end
        ampe.close();
    }

    @Test
    void aFrugalEngine() {
        // @start region="frugal"
        Options frugal =
                Options.builder()
                        .initialPoolMessages(16)
                        .maxPoolMessages(2_000)
                        .maxPoolBytes(8 << 20)
                        .maxLogBytes(4 << 20)
                        .sendQueueBytes(1 << 20)
                        .receiveWindowBytes(1 << 20)
                        .leakDetection(LeakDetection.OFF)
                        .build();
        // @end
        Ampe.open(frugal).close();
    }

    @Test
    void theEngineTellsWhatItHasCounted() throws Exception {
        try (Visit visit = Visit.begin()) {
            Ampe ampe = visit.ampe;
            // @start region="statistics"
            Statistics before = ampe.statistics();
            talk(visit);
            Statistics since = ampe.statistics().since(before);
            double perSecond = since.traffic().sentMessages() * 1e9 / since.periodNanos();
            for (Statistics.PerChannel channel : since.channels()) {
                if (channel.stalls().sendQueueFull().count() > 0) {
                    IO.println("channel " + channel.number() + " does not keep up");
                }
            }
            // @end
            assertThat(perSecond).isPositive();
        }
    }

    @Test
    void theJdksOwnEventsShowTheSockets() throws Exception {
        Path file = Files.createTempFile("tofu", ".jfr");
        try (Visit visit = Visit.begin()) {
            // @start region="jfr"
            try (Recording recording = new Recording()) {
                for (String event : List.of("jdk.SocketWrite", "jdk.SocketRead")) {
                    recording.enable(event).withThreshold(Duration.ZERO).with("throttle", "off");
                }
                recording.start();
                talk(visit);
                recording.stop();
                recording.dump(file);
            }
            // @end
            List<String> names =
                    RecordingFile.readAllEvents(file).stream()
                            .map(event -> event.getEventType().getName())
                            .toList();
            assertThat(names).contains("jdk.SocketRead", "jdk.SocketWrite");
        } finally {
            Files.delete(file);
        }
    }

    private static void talk(Visit visit) throws InterruptedException {
        visit.group.enqueueToPeer(visit.request("seen?"));
        visit.expect("seen?");
    }
}
