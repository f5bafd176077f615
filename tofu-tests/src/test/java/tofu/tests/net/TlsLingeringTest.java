package tofu.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.parallel.Isolated;
import tofu.api.TlsSettings;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NioNet;
import tofu.engine.net.TlsNet;
import tofu.tests.net.NetRig.Pair;
import tofu.tests.rigs.Descriptors;
import tofu.tests.rigs.Secured;

/// Closed streams whose peers do not close.
@Isolated // it counts descriptors
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class TlsLingeringTest {
    private static final int PAIRS = 300;

    /// What a net's closed streams may keep open.
    private static final int MOST = 256;

    private static Net openNet() throws IOException {
        return new TlsNet(
                NioNet.open(System::nanoTime),
                TlsSettings.of(Secured.files("server")),
                (work, then) -> {
                    work.run();
                    then.run();
                    return true;
                },
                System::nanoTime,
                Duration.ofHours(1).toNanos());
    }

    @Test
    void thereAreFewAndTheOldestGiveWay() throws IOException {
        try (NetRig rig = new NetRig(TlsLingeringTest::openNet)) {
            InetAddress here = InetAddress.getLoopbackAddress();
            NetAcceptor acceptor = rig.listen(new InetSocketAddress(here, 0), new NetEnd());
            List<Pair> pairs = new ArrayList<>();
            for (int i = 0; i < PAIRS; i++) {
                pairs.add(rig.connectTo(acceptor));
            }
            int open = Descriptors.count();
            for (Pair pair : pairs) {
                pair.server().close();
            }
            rig.until("given back", () -> open - Descriptors.count() == PAIRS - MOST);
            assertThat(rig.receiveEnd(pairs.getFirst().client())).as("a clean end").isNull();
            assertThat(rig.receiveEnd(pairs.getLast().client())).as("a clean end").isNull();

            for (Pair pair : pairs) {
                pair.client().close();
            }
            rig.until("all given back", () -> open - Descriptors.count() == 2 * PAIRS);
        }
    }
}
