package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Status;

/// Two processes in two network namespaces, whose path swallows everything from one moment on:
/// nobody is refused, nothing comes back. Each way to learn of it works by itself, and without
/// them nobody learns of it. Skipped where no such network can be made.
@Tag("long")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DeadPathFault {
    /// What somebody was told.
    ///
    /// @param millis after the path was cut
    private record Told(Status status, long millis) {
        static Told parse(String line) {
            String[] words = line.split(" ", -1);
            return new Told(Status.valueOf(words[0]), Long.parseLong(words[1]));
        }
    }

    private static List<Told> toldBy(String way) throws Exception {
        try (BadWire wire = BadWire.uncut()) {
            Process server =
                    wire.start(0, FarPeer.class, "server", "tcp|" + wire.host(0) + "|7099");
            Process client = null;
            try {
                String address = server.inputReader().readLine();
                assertThat(address).isNotNull();
                client = wire.start(1, LonelyPeer.class, address, way);
                assertThat(client.inputReader().readLine()).isEqualTo("open");
                wire.cut();
                client.outputWriter().write("\n");
                client.outputWriter().flush();
                List<Told> told = new ArrayList<>();
                client.inputReader().lines().map(Told::parse).forEach(told::add);
                assertThat(client.waitFor()).isZero();
                System.out.println("DeadPathFault: " + way + " " + told);
                return told;
            } finally {
                server.destroyForcibly();
                if (client != null) {
                    client.destroyForcibly();
                }
            }
        }
    }

    @Test
    void keepAliveEndsAQuietChannel() throws Exception {
        assertThat(toldBy("keepAlive"))
                .extracting(Told::status)
                .containsExactly(Status.CHANNEL_CLOSED);
    }

    @Test
    void keepAliveAsItIsIfNobodySaysOtherwiseDoesSo() throws Exception {
        assertThat(toldBy("defaults"))
                .extracting(Told::status)
                .containsExactly(Status.CHANNEL_CLOSED);
    }

    @Test
    void sendTimeoutEndsAChannelThatHasMuchToSend() throws Exception {
        List<Told> told = toldBy("sendTimeout");
        assertThat(told.getLast().status()).isEqualTo(Status.CHANNEL_CLOSED);
        assertThat(told.subList(0, told.size() - 1))
                .as("what was not sent comes back")
                .hasSizeGreaterThan(1)
                .allMatch(each -> each.status() == Status.SEND_TIMEOUT);
    }

    @Test
    void theIdleNoticeLetsTheApplicationEndIt() throws Exception {
        List<Told> told = toldBy("idleNotice");
        assertThat(told.getFirst().status()).isEqualTo(Status.CHANNEL_IDLE);
        assertThat(told.getLast().status()).isEqualTo(Status.CHANNEL_CLOSED);
    }

    @Test
    void withoutThemNobodyLearnsOfItSoSoon() throws Exception {
        assertThat(toldBy("nothing")).isEmpty();
    }
}
