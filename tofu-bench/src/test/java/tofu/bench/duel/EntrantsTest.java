package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tofu.api.Ampe;

class EntrantsTest {
    /// So that one build can take turns with itself, with a flag and without.
    @Test
    void aVariantWithTheLabelOfABuildIsThatBuilds() throws Exception {
        String here =
                Path.of(Ampe.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                        .toString();
        DuelArguments arguments =
                DuelArguments.of(
                        "--turns",
                        "off=" + here,
                        "on=" + here,
                        "--variant",
                        "on=loops=2,-Dsome=flag",
                        "--variant",
                        "other=loops=3",
                        "--systems",
                        "tofu");
        Map<String, String> commands;
        try (CPrograms programs = new CPrograms()) {
            commands =
                    Entrants.of(arguments, programs).found().stream()
                            .collect(
                                    Collectors.toMap(
                                            Entrant::name,
                                            entrant -> String.join(" ", entrant.command())));
        }
        assertThat(commands).containsOnlyKeys("tofu", "tofu@off", "tofu@on", "tofu+other");
        assertThat(commands.get("tofu@on")).contains("-Dsome=flag").contains("loops=2");
        assertThat(commands.get("tofu@off")).doesNotContain("-Dsome=flag").doesNotContain("loops=");
    }
}
