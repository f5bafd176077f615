package tofu.cli.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.cli.Failure;

/// A recording that somebody has edited.
class StepTest {
    private static final String FRAME =
            "{\"time\":1,\"connection\":1,\"event\":\"frame\","
                    + "\"from\":\"client\",\"bytes\":\"%s\"}\n";

    @TempDir private Path folder;

    private Path recording(String bytes, String more) throws Exception {
        return Files.writeString(folder.resolve("r"), String.format(FRAME, bytes) + more);
    }

    @Test
    void aFrameIsAStep() throws Exception {
        assertThat(Step.read(recording("0007" + "00".repeat(14), ""), 1)).hasSize(1);
    }

    @Test
    void nullIsNamed() throws Exception {
        Path file = recording("0007" + "00".repeat(14), "null\n");
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> Step.read(file, 1))
                .withMessageContaining("r, line 2 is no object of JSON");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "0000000000000000000000000000000000",
                "00000000000000000000000000000001"
            })
    void bytesThatAreNoFrameAreNamed(String bytes) throws Exception {
        Path file = recording(bytes, "");
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> Step.read(file, 1))
                .withMessageContaining("r, line 1 is no recorded step");
    }
}
