package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import tofu.api.Ampe;
import tofu.management.TofuMXBeans;
import tofu.micrometer.TofuMetrics;

/// Snippets of docs/guide/metrics.md.
class MetricsTest {
    @Test
    void anEngineHasMeters() throws InterruptedException {
        MeterRegistry registry = new SimpleMeterRegistry();
        try (Visit visit = Visit.begin()) {
            Ampe ampe = visit.ampe;
            // @start region="bind"
            TofuMetrics metrics = new TofuMetrics(ampe, Tags.of("engine", "orders"));
            metrics.bindTo(registry); // any number of registries
            // @end
            assertThat(registry.get("tofu.connections").tag("kind", "made").meter().measure())
                    .singleElement()
                    .satisfies(made -> assertThat(made.getValue()).isOne());
            metrics.close();
            assertThat(registry.getMeters()).isEmpty();
        }
    }

    @Test
    void anEngineIsAnMBean() throws InterruptedException {
        var server = ManagementFactory.getPlatformMBeanServer();
        try (Visit visit = Visit.begin()) {
            Ampe ampe = visit.ampe;
            // @start region="register"
            TofuMXBeans.Registration shown = TofuMXBeans.register(ampe, "orders");
            // @end
            assertThat(server.isRegistered(TofuMXBeans.objectName("orders"))).isTrue();
            shown.close();
            assertThat(server.isRegistered(shown.objectName())).isFalse();
        }
    }
}
