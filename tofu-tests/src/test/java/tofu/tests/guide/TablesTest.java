package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tofu.api.Admission;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;

/// The tables of the guide have all that the code has, and the same values.
class TablesTest {
    private static final Pattern ROW = Pattern.compile("^\\| `([A-Za-z_]+)` \\| ([^|]*) \\|.*$");

    /// The rows of a page whose first cell is a name, with their second cell.
    private static Map<String, String> rows(String page) {
        Map<String, String> rows = new LinkedHashMap<>();
        for (String line : lines(page)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                String before = rows.put(row.group(1), row.group(2).strip());
                assertThat(before).as(row.group(1) + " stands twice in " + page).isNull();
            }
        }
        return rows;
    }

    private static List<String> lines(String page) {
        try {
            return Files.readAllLines(Page.of(page).path());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void operationsHasEveryOptionWithItsDefault() throws ReflectiveOperationException {
        Map<String, String> expected = new LinkedHashMap<>();
        Options defaults = Options.defaults();
        for (Method option : Options.Builder.class.getMethods()) {
            if (option.getReturnType() != Options.Builder.class) {
                continue;
            }
            Object value = Options.class.getMethod(option.getName()).invoke(defaults);
            expected.put(option.getName(), written(option.getName(), value));
        }
        assertThat(rows("docs/guide/operations.md")).isEqualTo(expected);
    }

    /// A value as the page writes it. What the machine may change from outside is left as it is
    /// without that.
    private static String written(String name, @Nullable Object value) {
        return switch (name) {
            case "loops" -> "1";
            case "directFlush", "leader" -> "`true`";
            case "spin" -> "50 µs";
            case "tls" -> "none";
            case "admission" -> isEverybody(value) ? "everybody" : "somebody";
            case "maxPoolBytes", "maxLogBytes" -> (number(value) >> 20) + " MiB";
            case "sendQueueBytes", "receiveWindowBytes" -> (number(value) >> 20) + " MiB";
            default ->
                    switch (Objects.requireNonNull(value, name)) {
                        case Duration duration -> duration.toSeconds() + " s";
                        case Integer number -> String.format("%,d", number);
                        case Set<?> mode -> "`" + PosixFilePermissions.toString(cast(mode)) + "`";
                        default -> "`" + value + "`";
                    };
        };
    }

    private static boolean isEverybody(@Nullable Object value) {
        return Admission.everybody().equals(value);
    }

    private static long number(@Nullable Object value) {
        return ((Number) Objects.requireNonNull(value)).longValue();
    }

    @SuppressWarnings("unchecked")
    private static Set<PosixFilePermission> cast(Set<?> mode) {
        return (Set<PosixFilePermission>) mode;
    }

    @Test
    void errorsHasEveryStatusWithItsCode() {
        Map<String, String> expected = new LinkedHashMap<>();
        for (Status status : Status.values()) {
            expected.put(status.name(), Integer.toString(status.code()));
        }
        assertThat(rows("docs/guide/errors.md")).isEqualTo(expected);
    }

    @Test
    void messagesHasEveryOpCodeWithItsCode() {
        Map<String, String> expected = new LinkedHashMap<>();
        for (OpCode opCode : OpCode.values()) {
            expected.put(opCode.name(), Integer.toString(opCode.code()));
        }
        Map<String, String> written = rows("docs/guide/messages.md");
        written.keySet().removeIf(name -> !name.equals(name.toUpperCase(Locale.ROOT)));
        assertThat(written).isEqualTo(expected);
    }

    @Test
    void fromZigHasEveryStatusThatIsNotOfTheOriginal() {
        String page = String.join("\n", lines("docs/guide/from-zig.md"));
        assertThat(page)
                .contains(
                        Arrays.stream(Status.values())
                                .filter(status -> status.code() >= 128)
                                .map(status -> "`" + status + "`")
                                .toList());
    }
}
