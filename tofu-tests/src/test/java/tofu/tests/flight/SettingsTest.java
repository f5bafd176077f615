package tofu.tests.flight;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import jdk.jfr.Configuration;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.SettingDescriptor;
import jdk.jfr.ValueDescriptor;
import org.junit.jupiter.api.Test;
import tofu.api.Ampe;
import tofu.tests.rigs.ProjectRoot;

/// The settings for recordings say of each event what the event says of itself.
class SettingsTest {
    private static final List<String> SETTINGS = List.of("enabled", "threshold", "throttle");

    private static List<EventType> events() {
        FlightRecorder recorder = FlightRecorder.getFlightRecorder();
        Ampe.open().close(); // makes them known to it
        return recorder.getEventTypes().stream()
                .filter(type -> type.getName().startsWith("tofu."))
                .toList();
    }

    @Test
    void theyNameAllEventsWithTheirOwnDefaults() throws Exception {
        Map<String, String> defaults = new TreeMap<>();
        for (EventType type : events()) {
            for (SettingDescriptor setting : type.getSettingDescriptors()) {
                String value = setting.getDefaultValue();
                boolean says = !value.equals("0 ns") && !value.equals("off");
                if (SETTINGS.contains(setting.getName()) && says) {
                    defaults.put(type.getName() + "#" + setting.getName(), value);
                }
            }
        }
        assertThat(new TreeMap<>(Configuration.create(Settings.file()).getSettings()))
                .isEqualTo(defaults);
    }

    @Test
    void thereAreTheTenOfTheGuideAndAllFieldsSayWhatTheyAre() throws Exception {
        TreeSet<String> names = new TreeSet<>();
        String guide = Files.readString(ProjectRoot.find().resolve("docs/guide/operations.md"));
        for (EventType type : events()) {
            names.add(type.getName());
            assertThat(type.getLabel()).as(type.getName()).isNotBlank();
            assertThat(type.getDescription()).as(type.getName()).isNotBlank();
            assertThat(type.getCategoryNames()).first().isEqualTo("tofu");
            assertThat(guide).contains("`" + type.getName() + "`");
            for (ValueDescriptor field : type.getFields()) {
                assertThat(field.getLabel()).as(type + " " + field.getName()).isNotBlank();
            }
        }
        assertThat(names).containsExactlyElementsOf(Flight.EVENTS);
    }
}
