package tofu.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is an object, and what is none.
class JsonTest {
    @Test
    void anObjectIsRead() throws Failure {
        assertThat(Json.parse("{\"a\":1}", "it")).containsEntry("a", 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", " null ", "[]", "1", "\"text\"", "", "{"})
    void whatIsNoneIsNamed(String line) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> Json.parse(line, "line 7"))
                .withMessageStartingWith("line 7 is no ");
    }
}
