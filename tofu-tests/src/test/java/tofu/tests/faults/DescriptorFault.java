package tofu.tests.faults;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Transport;

/// The figures of a process that runs out of descriptors; [DescriptorScenario] is the test.
class DescriptorFault {
    @ParameterizedTest
    @EnumSource
    @Tag("long")
    void itDoesNotSpinAndRecoversAtOnce(Transport transport) throws Exception {
        String arguments = transport.name();
        System.out.print(
                ChildProcess.run("ulimit -n 64", FewDescriptors.class, arguments, "figures")
                        .replaceFirst("ok\\R$", ""));
    }
}
