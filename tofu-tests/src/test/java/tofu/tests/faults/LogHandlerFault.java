package tofu.tests.faults;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.tests.rigs.ChildProcess;

/// What listens to the log of an engine that fails may do anything: in a JVM of its own, as it may
/// end it.
class LogHandlerFault {
    @ParameterizedTest
    @EnumSource
    void whateverALogHandlerDoesNobodyWaitsForEver(RudeLogHandler.Rudeness rudeness)
            throws Exception {
        ChildProcess.expectOk("true", RudeLogHandler.class, rudeness.name());
    }
}
