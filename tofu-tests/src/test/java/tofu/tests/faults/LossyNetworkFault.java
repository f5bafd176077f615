package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Two processes with a network between them that loses packets: nothing is lost, nothing comes out
/// of order. Skipped where no such network can be made.
class LossyNetworkFault {
    @Test
    void aFewEchoesOverAWireThatLosesPackets() throws Exception {
        run(500);
    }

    @Test
    @Tag("long")
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void aHundredThousandEchoesOverAWireThatLosesPackets() throws Exception {
        run(100_000);
    }

    private static void run(int count) throws Exception {
        try (BadWire wire = BadWire.open()) {
            Process server =
                    wire.start(0, FarPeer.class, "server", "tcp|" + wire.host(0) + "|7099");
            Process client = null;
            try {
                String address = server.inputReader().readLine();
                assertThat(address).isNotNull();
                client = wire.start(1, FarPeer.class, "client", address, "" + count);
                String result = client.inputReader().readLine();
                assertThat(result).as("what the client says").matches("ok \\d+");
                server.outputWriter().close();
                assertThat(client.waitFor()).isZero();
                assertThat(server.waitFor()).isZero();
                System.out.printf(
                        "LossyNetworkFault: %,d echoes over %s, %,d packets lost;"
                                + " no message lost, out"
                                + " of order or not as it was sent; %.1f s%n",
                        count, wire.kind(), wire.lost(), Long.parseLong(result.substring(3)) / 1e3);
            } finally {
                server.destroyForcibly();
                if (client != null) {
                    client.destroyForcibly();
                }
            }
        }
    }
}
