package tofu.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.UUID;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.Test;
import tofu.api.Ampe;
import tofu.fixtures.Counted;
import tofu.management.AmpeMXBean.Channel;
import tofu.management.AmpeMXBean.Group;
import tofu.management.AmpeMXBean.Loop;
import tofu.management.AmpeMXBean.Size;
import tofu.management.AmpeMXBean.Snapshot;
import tofu.management.TofuMXBeans.Registration;

/// What the platform's MBean server shows of an engine.
class TofuMXBeansTest {
    private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

    private final Counted counted = Counted.oneOfEach();
    private final String name = UUID.randomUUID().toString(); // nobody else has it

    private Registration registered() {
        return TofuMXBeans.register(counted.ampe(), name);
    }

    /// As somebody sees it who has the interface: through open types and back.
    private static AmpeMXBean proxy(ObjectName objectName) {
        return JMX.newMXBeanProxy(SERVER, objectName, AmpeMXBean.class);
    }

    @Test
    void everyFigureComesThrough() {
        try (Registration registration = registered()) {
            AmpeMXBean bean = proxy(registration.objectName());
            Snapshot seen = bean.getStatistics();
            assertThat(seen).isEqualTo(Snapshots.of(counted.ampe().statistics()));
            assertThat(seen.periodNanos()).isEqualTo(counted.figure("periodNanos"));
            assertThat(bean.getName()).isEqualTo(name);
            assertThat(bean.getTraffic()).isEqualTo(seen.traffic());
            assertThat(bean.getStalls()).isEqualTo(seen.stalls());
            assertThat(bean.getEvents()).isEqualTo(seen.events());
            assertThat(bean.getGroups()).isEqualTo(seen.groups()).hasSize(4);
            assertThat(bean.getChannels()).isEqualTo(seen.channels()).hasSize(5);
            assertThat(bean.getLoops()).isEqualTo(seen.loops()).hasSize(2);
            assertThat(bean.getPool()).isEqualTo(seen.pool());
        }
    }

    /// Each component is the figure of its own name: none is in the place of another one.
    @Test
    void everyFigureIsInItsPlace() throws ReflectiveOperationException {
        Snapshot seen = Snapshots.of(counted.ampe().statistics());
        int figures = checked(seen.traffic(), "traffic.");
        figures += checked(seen.stalls(), "stalls.");
        figures += checked(seen.events(), "events.");
        figures += checked(seen.pool(), "pool.");
        for (int i = 0; i < 2; i++) {
            Group group = seen.groups().get(i);
            Channel channel = seen.channels().get(i);
            Loop loop = seen.loops().get(i);
            Size size = seen.pool().sizes().get(i);
            figures += checked(group, "groups." + i + ".");
            figures += checked(channel, "channels." + i + ".");
            figures += checked(loop, "loops." + i + ".");
            figures += checked(size, "pool.sizes." + i + ".");
        }
        assertThat(figures).isGreaterThan(150);
    }

    /// @return how many figures were looked at
    private int checked(Record part, String path) throws ReflectiveOperationException {
        int figures = 0;
        for (var component : part.getClass().getRecordComponents()) {
            Object value = component.getAccessor().invoke(part);
            String figure = path + component.getName();
            if (value instanceof Number number) {
                assertThat(number.longValue()).as(figure).isEqualTo(counted.figure(figure));
                figures++;
            } else if (value instanceof Record inner) {
                figures += checked(inner, figure + ".");
            }
        }
        return figures;
    }

    @Test
    void reasonsAreNamed() {
        try (Registration registration = registered()) {
            var events = proxy(registration.objectName()).getEvents();
            assertThat(events.closes()).isEqualTo(Map.of("CHANNEL_CLOSED", 1L));
            assertThat(events.rejectedFrames()).isEqualTo(Map.of("INVALID_BODY_LEN", 1L));
            assertThat(events.deadlinesHit()).isEqualTo(Map.of("BYE", 1L));
        }
    }

    /// As a tool sees it that knows nothing of tofu.
    @Test
    void noClassOfTofuIsNeededToReadIt() throws Exception {
        counted.figure("traffic.sentMessages", 17);
        try (Registration registration = registered()) {
            ObjectName objectName = registration.objectName();
            var traffic = (CompositeData) SERVER.getAttribute(objectName, "Traffic");
            assertThat(traffic.get("sentMessages")).isEqualTo(17L);
            var events = (CompositeData) SERVER.getAttribute(objectName, "Events");
            assertThat(((TabularData) events.get("closes")).size()).isEqualTo(1);
            var channels = (CompositeData[]) SERVER.getAttribute(objectName, "Channels");
            assertThat(channels).hasSize(5);
        }
    }

    @Test
    void whatIsReadIsNew() {
        try (Registration registration = registered()) {
            AmpeMXBean bean = proxy(registration.objectName());
            counted.figure("traffic.sentMessages", 1);
            assertThat(bean.getTraffic().sentMessages()).isEqualTo(1);
            counted.figure("traffic.sentMessages", 2);
            assertThat(bean.getTraffic().sentMessages()).isEqualTo(2);
        }
    }

    @Test
    void anEngineIsShownAfterItWasClosed() {
        Ampe ampe = Ampe.open();
        try (Registration registration = TofuMXBeans.register(ampe, name)) {
            AmpeMXBean bean = proxy(registration.objectName());
            ampe.create();
            assertThat(bean.getGroups()).hasSize(1);
            ampe.close();
            assertThat(bean.getGroups()).isEmpty();
            assertThat(bean.getStatistics().periodNanos()).isPositive();
        } finally {
            ampe.close();
        }
    }

    @Test
    void closingTakesItOut() {
        Registration registration = registered();
        assertThat(SERVER.isRegistered(registration.objectName())).isTrue();
        registration.close();
        assertThat(SERVER.isRegistered(registration.objectName())).isFalse();
    }

    @Test
    void closingTwiceDoesNotTakeOutTheNextOfTheName() {
        Registration first = registered();
        first.close();
        try (Registration second = registered()) {
            first.close();
            assertThat(SERVER.isRegistered(second.objectName())).isTrue();
        }
    }

    @Test
    void whoeverElseTookItOutIsNoFailure() throws Exception {
        Registration registration = registered();
        SERVER.unregisterMBean(registration.objectName());
        registration.close();
    }

    @Test
    void aNameIsTakenOnce() {
        try (Registration first = registered()) {
            assertThatThrownBy(this::registered)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(name);
            assertThat(SERVER.isRegistered(first.objectName())).isTrue();
        }
    }

    @Test
    void aNameMayHaveAnyCharacters() {
        String odd = name + " a,b=c:\"d\"*?\n\\";
        try (Registration registration = TofuMXBeans.register(counted.ampe(), odd)) {
            assertThat(registration.objectName()).isEqualTo(TofuMXBeans.objectName(odd));
            assertThat(registration.objectName().isPattern()).isFalse();
            assertThat(proxy(registration.objectName()).getName()).isEqualTo(odd);
        }
    }
}
