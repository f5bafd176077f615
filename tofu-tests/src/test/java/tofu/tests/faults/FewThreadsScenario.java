package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tofu.tests.rigs.ChildProcess;

/// An engine that cannot be opened for want of threads, in a process of its own.
///
/// Root has as many threads as it likes, and becomes a user of whom there is no other process.
class FewThreadsScenario {
    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");

    @Test
    void anEngineThatCannotHaveAllItsThreadsLeavesNone() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
        assumeTrue(Files.isExecutable(SETPRIV), "needs setpriv");
        String user = Long.toString(100_000 + ProcessHandle.current().pid());
        String become =
                "prlimit --nproc=60 "
                        + SETPRIV
                        + " --reuid "
                        + user
                        + " --regid "
                        + user
                        + " --clear-groups";
        Path classes = ChildProcess.root(FewThreads.class);
        Process visible =
                new ProcessBuilder("/bin/sh", "-c", become + " ls " + classes)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assumeTrue(visible.waitFor() == 0, "a stranger must be able to read " + classes);

        String printed = ChildProcess.run("exec " + become + " \"$0\" \"$@\"", FewThreads.class);
        assertThat(printed.strip()).endsWith("ok");
    }
}
