package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import tofu.tests.faults.FailingJvm.Want;
import tofu.tests.rigs.ChildProcess;

/// A JVM that has too little of something, in a process of its own: see [FailingJvm].
@Timeout(value = 180, threadMode = ThreadMode.SEPARATE_THREAD)
class FailingJvmFault {
    private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"ADDRESSES", "THREADS"})
    void itGoesOnOrSaysAStatus(Want want) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "needs a shell");
        expectOk(want, ChildProcess.command(FailingJvm.class, want.name()));
    }

    /// It limits itself, once it knows how many addresses a JVM has before anybody wants more.
    @Test
    void itGoesOnWithoutAddresses() throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/self/status")), "needs Linux");
        assumeTrue(Files.isExecutable(PRLIMIT), "needs prlimit");
        itGoesOnOrSaysAStatus(Want.ADDRESSES);
    }

    /// Root may have as many threads as it likes; and root alone can become somebody else.
    @Test
    void itGoesOnWithoutThreads(@TempDir Path folder) throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "needs setpriv");
        assumeTrue(Files.isExecutable(PRLIMIT), "needs prlimit");
        List<String> command = ChildProcess.command(FailingJvm.class, Want.THREADS.name());
        expectOk(Want.THREADS, ChildProcess.readableByAll(command, folder));
    }

    @RepeatedTest(25)
    @Tag("long")
    void itGoesOnWithLittleHeap() throws Exception {
        itGoesOnOrSaysAStatus(Want.HEAP);
    }

    @RepeatedTest(25)
    @Tag("long")
    void itGoesOnWithDeepStacks() throws Exception {
        itGoesOnOrSaysAStatus(Want.STACK);
    }

    /// What it logs comes first.
    private static void expectOk(Want want, List<String> command) throws Exception {
        assertThat(ChildProcess.run(want.shell, command)).matches("(?s)(.*\\R)?ok\\R");
    }
}
