package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tofu.tests.rigs.ChildProcess;

/// A process in a locale that cannot spell everything.
class LocaleScenario {
    @Test
    void peersWhosePathCannotBeSpeltAreToldOfAndNobodyElseWaits() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "needs a shell");
        String printed = ChildProcess.run("export LC_ALL=C", UnspeltPeers.class);
        assertThat(printed.strip()).endsWith("ok");
        assertThat(printed).containsOnlyOnce("LC_ALL=C.UTF-8");
    }
}
