package tofu.tests.faults;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Transport;

/// A process that runs out of descriptors, in a process of its own.
///
/// Rows of the wire spec's section 5:
/// - "EMFILE on accept": `withoutDescriptorsAcceptingPausesAndTheExistingChannelsGoOn`
class DescriptorScenario {
    @ParameterizedTest
    @EnumSource
    void withoutDescriptorsAcceptingPausesAndTheExistingChannelsGoOn(Transport transport)
            throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "needs a shell's ulimit");
        ChildProcess.expectOk("ulimit -n 64", FewDescriptors.class, transport.name());
    }

    @ParameterizedTest
    @CsvSource({
        "CONNECT_TCP, 0",
        "CONNECT_TCP, 1",
        "CONNECT_UDS, 1",
        "CONNECT_NAME, 1",
        "LISTEN_TCP, 1",
        "LISTEN_UDS, 1",
        "OPEN, 12"
    })
    void whatFailsAtFirstForWantOfDescriptorsWorksWhenThereAreSome(String use, String left)
            throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "needs a shell's ulimit");
        ChildProcess.expectOk("ulimit -n 80", FewAtFirst.class, use, left);
    }
}
