package tofu.management;

import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanRegistrationException;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import tofu.api.Ampe;

/// Shows engines to JMX, each as an [AmpeMXBean] of the platform's MBean server, on demand.
///
/// Threads: any.
public final class TofuMXBeans {
    private TofuMXBeans() {}

    /// Registers an engine. It is shown until the registration is closed, with its last figures
    /// after it was closed itself.
    ///
    /// @param ampe the engine, open or closed; it stays the caller's
    /// @param name tells the engines of the process apart; any characters
    /// @return what takes it out again
    /// @throws IllegalStateException if the name is taken
    /// @throws UnsupportedOperationException if the engine does not count
    public static Registration register(Ampe ampe, String name) {
        CountedAmpe bean = new CountedAmpe(name, ampe);
        bean.getStatistics(); // refuses here what could not be read later
        ObjectName objectName = objectName(name);
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            server.registerMBean(bean, objectName);
        } catch (InstanceAlreadyExistsException e) {
            throw new IllegalStateException("an engine of this name is registered: " + name, e);
        } catch (JMException e) {
            throw new AssertionError(e);
        }
        return new Registration(server, objectName);
    }

    /// Which MBean an engine is.
    ///
    /// @param name as it was registered, or will be
    /// @return `tofu:type=Ampe,name="NAME"`
    public static ObjectName objectName(String name) {
        try {
            return new ObjectName("tofu:type=Ampe,name=" + ObjectName.quote(name));
        } catch (MalformedObjectNameException e) {
            throw new AssertionError(e); // anything may be quoted
        }
    }

    /// One engine that is shown.
    ///
    /// Threads: any.
    public static final class Registration implements AutoCloseable {
        private final MBeanServer server;
        private final ObjectName objectName;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Registration(MBeanServer server, ObjectName objectName) {
            this.server = server;
            this.objectName = objectName;
        }

        /// Which MBean it is.
        ///
        /// @return its name in the MBean server
        public ObjectName objectName() {
            return objectName;
        }

        /// Takes the MBean out of the server. The engine stays as it is. A second call does
        /// nothing.
        @Override
        public void close() {
            if (closed.getAndSet(true)) {
                return; // another engine may have the name by now
            }
            try {
                server.unregisterMBean(objectName);
            } catch (InstanceNotFoundException _) {
                // Somebody else has taken it out.
            } catch (MBeanRegistrationException e) {
                throw new AssertionError(e);
            }
        }
    }
}
