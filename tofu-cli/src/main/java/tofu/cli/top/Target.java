package tofu.cli.top;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.rmi.NotBoundException;
import java.rmi.registry.LocateRegistry;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import javax.management.remote.rmi.RMIConnector;
import javax.management.remote.rmi.RMIServer;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import tofu.cli.ExitCode;
import tofu.cli.Failure;

/// A JVM: a process of this machine and user, or one that listens for JMX.
sealed interface Target {
    /// Connects to it.
    ///
    /// @throws Failure if it is not there, or lets nobody in
    JMXConnector connect() throws Failure;

    /// By number.
    record LocalProcess(long pid) implements Target {
        @Override
        @SuppressWarnings("BanJNDI") // no JNDI in it, and who runs top has chosen the JVM
        public JMXConnector connect() throws Failure {
            try {
                VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
                try {
                    String url = machine.startLocalManagementAgent();
                    return JMXConnectorFactory.connect(new JMXServiceURL(url));
                } finally {
                    machine.detach();
                }
            } catch (AttachNotSupportedException | IOException e) {
                throw unreachable(this, e);
            }
        }

        @Override
        public String toString() {
            return Long.toString(pid);
        }
    }

    /// By what `-Dcom.sun.management.jmxremote.port` says there.
    record Remote(String host, int port) implements Target {
        @Override
        @SuppressWarnings("BanJNDI") // no JNDI in it, and who runs top has chosen the JVM
        public JMXConnector connect() throws Failure {
            try { // not by a URL, which wants JNDI
                var registry = LocateRegistry.getRegistry(host, port);
                RMIConnector connector =
                        new RMIConnector((RMIServer) registry.lookup("jmxrmi"), null);
                connector.connect();
                return connector;
            } catch (IOException | NotBoundException | SecurityException e) {
                throw unreachable(this, e);
            }
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    private static Failure unreachable(Target target, Exception e) {
        String why = e.getMessage() == null ? e.toString() : e.getMessage();
        String line = why.lines().findFirst().orElse("");
        return new Failure(ExitCode.UNREACHABLE, "cannot connect to " + target + ": " + line);
    }

    /// Reads a target for picocli.
    final class Reader implements ITypeConverter<Target> {
        private static final Pattern PID = Pattern.compile("\\d{1,10}");
        private static final Pattern REMOTE = Pattern.compile("(\\S+):(\\d{1,5})");
        private static final int MAX_PORT = 65_535;

        @Override
        public Target convert(String text) {
            if (PID.matcher(text).matches()) {
                return new LocalProcess(Long.parseLong(text));
            }
            Matcher remote = REMOTE.matcher(text);
            if (remote.matches()) {
                int port = Integer.parseInt(remote.group(2));
                if (port >= 1 && port <= MAX_PORT) {
                    return new Remote(remote.group(1), port);
                }
            }
            throw new TypeConversionException(
                    "'" + text + "' is no JVM; the number of a process or HOST:PORT is");
        }
    }
}
