package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UncountedTest {
    /// Else it would compare a build with itself.
    @Test
    void everyPlaceIsStillThere() throws Exception {
        Map<String, String> sources = Uncounted.changed(Path.of(".."));
        assertThat(sources).isNotEmpty();
        for (Uncounted.Change change : Uncounted.CHANGES) {
            assertThat(sources.get(change.file())).doesNotContain(change.place());
        }
    }
}
