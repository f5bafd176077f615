package tofu.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What system properties say to options. Alone in the process: nothing else may make options
/// meanwhile.
@Isolated
class SystemPropertyTest {
    @ParameterizedTest
    @CsvSource({
        "tofu.loops, abc",
        "tofu.loops, ''",
        "tofu.loops, 0",
        "tofu.loops, 65",
        "tofu.loops, -1",
        "tofu.loops, 1.5",
        "tofu.loops, 0x2",
        "tofu.loops, ' 2'",
        "tofu.loops, 99999999999",
        "tofu.directFlush, ''",
        "tofu.directFlush, yes",
        "tofu.directFlush, 1",
        "tofu.leader, ''",
        "tofu.leader, off",
        "tofu.leader, 'false '",
        "tofu.spin, abc",
        "tofu.spin, ''",
        "tofu.spin, 20us",
        "tofu.spin, 50000",
        "tofu.spin, -PT0.00001S",
        "tofu.spin, PT0.002S",
        "tofu.spin, PT99999999999999999999S",
    })
    void aPropertyThatCannotBeUnderstoodIsNamed(String property, String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> optionsWith(property, value))
                .withMessageContaining(property + " is \"" + value + "\", must be ");
    }

    @ParameterizedTest
    @CsvSource({
        "tofu.loops, 1, loops, 1",
        "tofu.loops, 64, loops, 64",
        "tofu.directFlush, false, directFlush, false",
        "tofu.directFlush, TRUE, directFlush, true",
        "tofu.leader, False, leader, false",
        "tofu.leader, true, leader, true",
        "tofu.spin, PT0S, spin, PT0S",
        "tofu.spin, PT0.001S, spin, PT0.001S",
        "tofu.spin, PT0.00002S, spin, PT0.00002S",
    })
    void aPropertySaysTheDefault(String property, String value, String name, String expected) {
        assertThat(optionsWith(property, value).toString())
                .containsPattern("[\\[ ]" + name + "=" + expected + "[,\\]]");
    }

    private static Options optionsWith(String property, String value) {
        String before = System.setProperty(property, value);
        try {
            return Options.defaults();
        } finally {
            if (before == null) {
                System.clearProperty(property);
            } else {
                System.setProperty(property, before);
            }
        }
    }
}
