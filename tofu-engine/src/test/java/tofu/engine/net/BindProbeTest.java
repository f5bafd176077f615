package tofu.engine.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// Why an address cannot be bound, whatever the language in which the system says so.
class BindProbeTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final BindException FAILURE = new BindException("geht nicht");

    @Test
    void whatIsInUseIsInUse() throws IOException {
        try (ServerSocketChannel other = ServerSocketChannel.open()) {
            other.bind(new InetSocketAddress(LOOPBACK, 0));
            InetSocketAddress taken = (InetSocketAddress) other.getLocalAddress();
            assertThat(BindProbe.explain(taken, FAILURE)).isSameAs(FAILURE);
        }
    }

    @Test
    void anAddressThatIsNotOursIsNotInUse() throws UnknownHostException {
        byte[] testNet = {(byte) 192, 0, 2, 1};
        InetSocketAddress foreign =
                new InetSocketAddress(InetAddress.getByAddress(testNet), 40_000);
        assertThat(BindProbe.explain(foreign, FAILURE))
                .isNotInstanceOf(BindException.class)
                .hasCause(FAILURE);
    }

    @Test
    void aPrivilegedPortIsNotInUse() throws IOException {
        Path start = Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");
        Assumptions.assumeTrue(Files.isReadable(start), "needs Linux");
        boolean mayBindAll = Integer.parseInt(Files.readString(start).strip()) < 1024;
        InetSocketAddress privileged = new InetSocketAddress(LOOPBACK, 1);
        if (mayBindAll || System.getProperty("user.name").equals("root")) {
            assertThat(BindProbe.explain(privileged, FAILURE)).isSameAs(FAILURE);
        } else {
            assertThat(BindProbe.explain(privileged, FAILURE))
                    .isNotInstanceOf(BindException.class)
                    .hasCause(FAILURE);
        }
    }
}
