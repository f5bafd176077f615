package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import tofu.api.LeakDetection;
import tofu.tests.rigs.Descriptors;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Pulse;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Traffic at 70 % of what is possible, over both transports, with connects and byes in between,
/// for `-Dtofu.soak.minutes` minutes: nothing grows. Alone in the process, as it measures.
@Isolated
class SoakFault {
    private static final long TRIAL_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final double LOAD = 0.7;

    @RegisterExtension final Stage stage = new Stage();

    private final List<PacedClient> clients = new ArrayList<>();

    @Test
    @Tag("long")
    @Timeout(value = 2, unit = TimeUnit.DAYS)
    void nothingGrows() throws Exception {
        int minutes = Integer.getInteger("tofu.soak.minutes", 30);
        List<Peer> servers = new ArrayList<>();
        List<Running<Long>> echoes = new ArrayList<>();
        for (Transport transport : Transport.values()) {
            Peer server = stage.peer(o -> o.leakDetection(LeakDetection.SAMPLED));
            Peer client = stage.peer(o -> o.leakDetection(LeakDetection.SAMPLED));
            String address = server.listen(transport).address();
            clients.add(new PacedClient(Link.open(client, server, address), address));
            echoes.add(Echo.start(server));
            servers.add(server);
        }
        int descriptors = Descriptors.count();
        int threads = Pulse.engineThreads();
        runAll(Double.POSITIVE_INFINITY, TRIAL_NANOS);
        long before = answered();
        runAll(Double.POSITIVE_INFINITY, TRIAL_NANOS);
        double best = (answered() - before) * 1e9 / TRIAL_NANOS / clients.size();
        List<Pulse> pulses = new ArrayList<>();
        before = answered();
        for (int minute = 1; minute <= minutes; minute++) {
            runAll(best * LOAD, TimeUnit.MINUTES.toNanos(1));
            Eventually.holds("as few descriptors", () -> Descriptors.count() <= descriptors);
            pulses.add(Pulse.take(minute));
            System.out.println(pulses.getLast());
        }
        report(best, pulses, answered() - before);
        assertThat(pulses).allMatch(pulse -> pulse.descriptors() == descriptors);
        assertThat(pulses).allMatch(pulse -> pulse.threads() == threads);
        clients.forEach(PacedClient::close);
        servers.forEach(server -> server.group().close());
        echoes.forEach(Running::result);
    }

    private long answered() {
        return clients.stream().mapToLong(PacedClient::answered).sum();
    }

    private void runAll(double perSecond, long nanos) throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (PacedClient client : clients) {
            Thread thread =
                    Thread.ofPlatform()
                            .unstarted(
                                    () -> {
                                        try {
                                            client.run(perSecond, nanos);
                                        } catch (InterruptedException
                                                | RuntimeException
                                                | Error e) {
                                            synchronized (failures) {
                                                failures.add(e);
                                            }
                                        }
                                    });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    private void report(double best, List<Pulse> pulses, long answers) {
        // Before half of the time is over it is warm for certain.
        List<Pulse> warm = pulses.subList(pulses.size() / 2, pulses.size());
        System.out.printf(
                Locale.ROOT,
                "soak: %d min at %,.0f requests/s for each transport, %,d answers, %,d visits;"
                        + " slopes of the second half: heap %+,.0f KiB/h, resident %+,.0f KiB/h,"
                        + " descriptors %+.1f/h, threads %+.1f/h%n",
                pulses.size(),
                best * LOAD,
                answers,
                clients.stream().mapToLong(PacedClient::visits).sum(),
                Pulse.slopePerHour(warm, Pulse::heapKiB),
                Pulse.slopePerHour(warm, Pulse::residentKiB),
                Pulse.slopePerHour(warm, Pulse::descriptors),
                Pulse.slopePerHour(warm, Pulse::threads));
    }
}
