package tofu.tests.net;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestWatcher;
import tofu.engine.net.Net;
import tofu.engine.net.NioNet;
import tofu.tests.rigs.Throttle;
import tofu.tests.rigs.ThrottledNet;

/// TLS over sockets that cut its records into pieces of a few bytes.
class TlsCutNetTest extends TlsNetTest {
    private final List<Throttle> throttles = new ArrayList<>();

    @RegisterExtension
    final TestWatcher seeds =
            new TestWatcher() {
                @Override
                public void testFailed(ExtensionContext context, Throwable cause) {
                    System.err.println(context.getDisplayName() + " failed with " + throttles);
                }
            };

    /// One in so many calls is not cut, or 8 MiB would take too long.
    private static final int ONE_IN_FREE = 4;

    @Override
    Net openBelow() throws IOException {
        Throttle throttle = Throttle.withNewSeed(ONE_IN_FREE);
        throttles.add(throttle);
        return ThrottledNet.over(NioNet.open(System::nanoTime), throttle);
    }
}
