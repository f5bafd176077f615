package tofu.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is an object, and what is none.
class JsonTest {
    @Test
    void anObjectIsRead() throws Failure {
        assertThat(Json.parse("{\"a\":1}", "it")).containsEntry("a", 1);
    }

    /// DEL, CSI as one character, an override of direction, a tag: each of them acts on terminals.
    @Test
    void noLineOfItDrawsOnATerminal() throws Failure {
        String text = "\u007f\u009b31m\u202e\udb40\udc41 ü 😀\n";
        String line = Json.line(Map.of("a", text));
        assertThat(line).isEqualTo("{\"a\":\"\\u007F\\u009B31m\\u202E\\uDB40\\uDC41 ü 😀\\n\"}");
        assertThat(Json.parse(line, "it")).containsEntry("a", text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", " null ", "[]", "1", "\"text\"", "", "{"})
    void whatIsNoneIsNamed(String line) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> Json.parse(line, "line 7"))
                .withMessageStartingWith("line 7 is no ");
    }
}
