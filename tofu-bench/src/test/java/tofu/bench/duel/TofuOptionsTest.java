package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import tofu.api.LeakDetection;
import tofu.api.Options;

class TofuOptionsTest {
    @Test
    void noTextMeansDefaults() {
        assertThat(TofuOptions.of("")).isEqualTo(Options.defaults());
    }

    @Test
    void everyKindOfValueCanBeSet() {
        Options options =
                TofuOptions.of(
                        "loops=2,maxPoolBytes=2000000,closeTimeout=PT1S,leakDetection=PARANOID");
        assertThat(options.loops()).isEqualTo(2);
        assertThat(options.maxPoolBytes()).isEqualTo(2_000_000);
        assertThat(options.closeTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(options.leakDetection()).isEqualTo(LeakDetection.PARANOID);
    }

    @Test
    void anUnknownOptionIsRefused() {
        assertThatThrownBy(() -> TofuOptions.of("lops=2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lops");
    }
}
