package tofu.cli.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.TypeConversionException;
import tofu.api.OpCode;

/// The rules of the proxy's schedule: what they mean, and what is none.
class FaultTest {
    private static final int REQUEST = OpCode.REQUEST.code();
    private static final int SIGNAL = OpCode.SIGNAL.code();

    private static boolean drops(String rule, Side sender, long number, int op, long millis) {
        List<Fault> rules = List.of(Fault.parse(rule));
        return Fault.judge(rules, sender, number, op, millis * 1_000_000).isDropped();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "drop; CLIENT; 1; 0; 0; true",
                "drop,to=server; CLIENT; 1; 0; 0; true",
                "drop,to=server; SERVER; 1; 0; 0; false",
                "drop,to=client; SERVER; 1; 0; 0; true",
                "drop,frames=3; CLIENT; 2; 0; 0; false",
                "drop,frames=3; CLIENT; 3; 0; 0; true",
                "drop,frames=3; CLIENT; 4; 0; 0; false",
                "drop,frames=3-; CLIENT; 1000; 0; 0; true",
                "drop,frames=3-5; CLIENT; 5; 0; 0; true",
                "drop,frames=3-5; CLIENT; 6; 0; 0; false",
                "drop,every=10; CLIENT; 9; 0; 0; false",
                "drop,every=10; CLIENT; 20; 0; 0; true",
                "drop,from=1s; CLIENT; 1; 0; 999; false",
                "drop,from=1s; CLIENT; 1; 0; 1000; true",
                "drop,until=1s; CLIENT; 1; 0; 999; true",
                "drop,until=1s; CLIENT; 1; 0; 1000; false",
                "drop,op=signal; CLIENT; 1; 2; 0; true",
                "drop,op=signal; CLIENT; 1; 0; 0; false"
            })
    void allConditionsHaveToHold(
            String rule, Side sender, long number, int op, long millis, boolean dropped) {
        assertThat(drops(rule, sender, number, op, millis)).isEqualTo(dropped);
    }

    @Test
    void rulesAddUp() {
        List<Fault> rules =
                List.of(
                        Fault.parse("delay=5ms"),
                        Fault.parse("delay=20ms,op=signal"),
                        Fault.parse("throttle=64k"),
                        Fault.parse("throttle=1k,op=signal"),
                        Fault.parse("cut=20,op=signal"),
                        Fault.parse("cut=17,op=signal"));

        assertThat(Fault.judge(rules, Side.CLIENT, 1, REQUEST, 0))
                .isEqualTo(new Fault.Verdict(false, -1, 5_000_000, 65_536));
        assertThat(Fault.judge(rules, Side.CLIENT, 1, SIGNAL, 0))
                .isEqualTo(new Fault.Verdict(false, 17, 25_000_000, 1_024));
    }

    @Test
    void aCutThatWaitsForATimeOnlyNeedsNoFrame() {
        assertThat(Fault.parse("cut,from=1s").isTimedCut()).isTrue();
        assertThat(Fault.parse("cut,from=1s,frames=2").isTimedCut()).isFalse();
        assertThat(Fault.parse("cut=100,from=1s").isTimedCut()).as("within a frame").isFalse();
        assertThat(Fault.parse("cut").isTimedCut()).isFalse();
        assertThat(Fault.parse("drop,from=1s").isTimedCut()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "explode; begins with delay=",
                "drop,often; 'often' is no condition",
                "drop,to=me; to= takes client or server",
                "drop,frames=0; no number from 1 on",
                "drop,frames=x; frames= takes",
                "drop,every=0; no number from 1 on",
                "drop,op=shout; there is no op code shout",
                "drop,when=1s; there is no condition when",
                "delay=5; '5' is no duration",
                "throttle=0; a byte a second at least"
            })
    void whatMakesNoSenseIsSaid(String rule, String why) {
        assertThatThrownBy(() -> Fault.parse(rule))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining(why.replace("''", "'"));
    }
}
