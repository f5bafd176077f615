package tofu.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.fixtures.TestAddresses;

/// What Prometheus would read of two engines that have talked to each other.
class EngineScrapeTest {
    private static final int SIGNALS = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final AtomicLong nowNanos = new AtomicLong();

    private TofuMetrics bound(Ampe ampe, String name) {
        TofuMetrics metrics = new TofuMetrics(ampe, Tags.of("engine", name), nowNanos::get);
        metrics.bindTo(registry);
        return metrics;
    }

    private Map<String, Double> scraped() {
        nowNanos.addAndGet(Snapshots.FRESH_NANOS);
        return Scrape.of(registry).values();
    }

    /// What was not there before it was 1 is no rise: a rate of it is 0.
    @Test
    void everyReasonIsInTheScrapeBeforeItIsOne() {
        Ampe ampe = Ampe.open();
        try {
            bound(ampe, "quiet");
            assertThat(scraped())
                    .containsEntry(
                            "tofu_deadlines_hit_total{deadline=\"HANDSHAKE\",engine=\"quiet\"}",
                            0.0)
                    .containsEntry(
                            "tofu_closes_total{engine=\"quiet\",status=\"PEER_DISCONNECTED\"}", 0.0)
                    .containsEntry(
                            "tofu_frames_rejected_total{engine=\"quiet\","
                                    + "status=\"INVALID_BODY_LEN\"}",
                            0.0);
        } finally {
            ampe.close();
        }
    }

    @Test
    void whatEnginesHaveSaidIsInTheScrape() throws InterruptedException {
        Ampe client = Ampe.open();
        Ampe server = Ampe.open();
        try {
            TofuMetrics ofClient = bound(client, "client");
            TofuMetrics ofServer = bound(server, "server");
            talk(client.create(), client, server.create(), server);
            Map<String, Double> values = scraped();
            assertThat(values)
                    .containsEntry(
                            "tofu_messages_total{direction=\"sent\",engine=\"client\"}",
                            SIGNALS + 2.0) // its hello and bye
                    .containsEntry(
                            "tofu_messages_total{direction=\"received\",engine=\"server\"}",
                            SIGNALS + 2.0)
                    .containsEntry("tofu_connections_total{engine=\"client\",kind=\"made\"}", 1.0)
                    .containsEntry(
                            "tofu_connections_total{engine=\"server\",kind=\"accepted\"}", 1.0)
                    .containsEntry(
                            "tofu_closes_total{engine=\"client\",status=\"CHANNEL_CLOSED\"}", 1.0)
                    .containsEntry("tofu_channels{engine=\"client\",role=\"CLIENT\"}", 0.0)
                    .containsEntry("tofu_channels{engine=\"server\",role=\"LISTENER\"}", 1.0);
            assertThat(values)
                    .hasEntrySatisfying(
                            "tofu_loop_turns_total{engine=\"server\",loop=\"0\"}",
                            turns -> assertThat(turns).isPositive());

            client.close();
            server.close();
            assertThat(scraped())
                    .containsEntry(
                            "tofu_messages_total{direction=\"sent\",engine=\"client\"}",
                            SIGNALS + 2.0)
                    .containsEntry("tofu_channels{engine=\"server\",role=\"LISTENER\"}", 0.0)
                    .doesNotContainValue(Double.NaN);

            ofClient.close();
            assertThat(scraped().keySet())
                    .isNotEmpty()
                    .allMatch(series -> series.contains("engine=\"server\""));
            ofServer.close();
            assertThat(scraped()).isEmpty();
        } finally {
            client.close();
            server.close();
        }
    }

    /// The client says hello, signals and bye; the server answers, and hears all.
    private static void talk(ChannelGroup near, Ampe client, ChannelGroup far, Ampe server)
            throws InterruptedException {
        Address.Server where = new Address.UdsServer(TestAddresses.temporaryUdsPath());
        far.enqueueToPeer(server.get().listenOn(where));
        next(far, OpCode.WELCOME_RESPONSE).close();
        int channel = near.enqueueToPeer(client.get().connectTo(where.toClient())).channel();
        answer(far, OpCode.HELLO_REQUEST);
        next(near, OpCode.HELLO_RESPONSE).close();
        for (int i = 0; i < SIGNALS; i++) {
            near.enqueueToPeer(client.get().opCode(OpCode.SIGNAL).channel(channel));
        }
        near.enqueueToPeer(client.get().opCode(OpCode.BYE_REQUEST).channel(channel));
        answer(far, OpCode.BYE_REQUEST);
        for (ChannelGroup group : List.of(near, far)) {
            boolean open = true;
            while (open) {
                try (Message message = Objects.requireNonNull(group.waitReceive(PATIENCE))) {
                    open = !message.endsChannel();
                }
            }
        }
    }

    private static void answer(ChannelGroup group, OpCode request) throws InterruptedException {
        group.enqueueToPeer(next(group, request).opCode(request.echo()));
    }

    private static Message next(ChannelGroup group, OpCode wanted) throws InterruptedException {
        while (true) {
            Message message = Objects.requireNonNull(group.waitReceive(PATIENCE), "nothing came");
            if (message.opCode() == wanted) {
                return message;
            }
            assertThat(message.origin()).as(message.toString()).isEqualTo(Origin.APPLICATION);
            message.close();
        }
    }
}
