package tofu.api;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// Where to connect to, or where to listen: the first text header of a HelloRequest or
/// WelcomeRequest.
///
/// As text an address is `tcp|host|port` or `uds|/absolute/path` (wire spec, section 1), or
/// `tls|host|port`, which is TCP inside of TLS. A host is a name, an IPv4 address of four decimal
/// numbers, or an IPv6 address with or without brackets. Without a port it is 7099.
///
/// There may be more transports one day: a `switch` over addresses needs a `default`.
///
/// Immutable.
///
/// Somewhat long: each transport is two records, and what they have in common is checks.
public sealed interface Address {
    /// The port of an address that names none.
    int DEFAULT_PORT = 7099;

    /// The host of a client address that names none.
    String DEFAULT_HOST = "127.0.0.1";

    /// The text header that carries a client's address.
    String CONNECT_TO = "~connect_to";

    /// The text header that carries a listener's address.
    String LISTEN_ON = "~listen_on";

    /// The longest path of a Unix domain socket, in bytes: one less than Linux takes, because JDK
    /// 25 does not take that one.
    int MAX_UDS_PATH_BYTES = 106;

    /// Where to connect to.
    sealed interface Client extends Address permits TcpClient, TlsClient, UdsClient {
        @Override
        default Client toClient() {
            return this;
        }
    }

    /// Where to listen.
    sealed interface Server extends Address permits TcpServer, TlsServer, UdsServer {
        /// Where a client connects to that knows this machine by a name or address of its own.
        ///
        /// @param host name or address of this machine; a Unix domain socket has none, so that it
        ///     does not count there
        /// @return the address
        /// @throws AmpeException with [Status#INVALID_ADDRESS] for what is no host, or for port 0
        Client toClient(String host);
    }

    /// Connects over TCP.
    ///
    /// @param host name or address; empty means [#DEFAULT_HOST]
    /// @param port 1 to 65,535
    record TcpClient(String host, int port) implements Client {
        /// Checks the values.
        ///
        /// @throws AmpeException with [Status#INVALID_ADDRESS]
        public TcpClient {
            host = host.isEmpty() ? DEFAULT_HOST : Host.checked(host);
            checkPort(port, 1);
        }

        /// An address with the default port.
        ///
        /// @param host name or address
        /// @throws AmpeException with [Status#INVALID_ADDRESS]
        public TcpClient(String host) {
            this(host, DEFAULT_PORT);
        }

        @Override
        public InetSocketAddress unresolved() {
            return Host.socketAddress(host, port);
        }

        @Override
        public String toString() {
            return "tcp|" + host + "|" + port;
        }
    }

    /// Listens over TCP.
    ///
    /// @param host name or address of one interface; empty means all
    /// @param port 1 to 65,535, or 0: the system chooses one, and the WelcomeResponse names it
    record TcpServer(String host, int port) implements Server {
        /// Checks the values.
        ///
        /// @throws AmpeException with [Status#INVALID_ADDRESS]
        public TcpServer {
            host = host.isEmpty() ? host : Host.checked(host);
            checkPort(port, 0);
        }

        /// An address with the default port.
        ///
        /// @param host name or address of one interface; empty means all
        /// @throws AmpeException with [Status#INVALID_ADDRESS]
        public TcpServer(String host) {
            this(host, DEFAULT_PORT);
        }

        @Override
        public InetSocketAddress unresolved() {
            return host.isEmpty() ? new InetSocketAddress(port) : Host.socketAddress(host, port);
        }

        @Override
        public TcpClient toClient() {
            return new TcpClient(loopbackHost(host, unresolved()), port);
        }

        @Override
        public TcpClient toClient(String host) {
            return new TcpClient(host, port);
        }

        @Override
        public String toString() {
            return "tcp|" + host + "|" + port;
        }
    }

    /// Connects over TLS, as [Options#tls()] says.
    ///
    /// @param host name or address, which the server's certificate must be for; empty means
    ///     [#DEFAULT_HOST]
    /// @param port 1 to 65,535
    record TlsClient(String host, int port) implements Client {
        /// Checks the values.
        ///
        /// @throws AmpeException with [Status#INVALID_ADDRESS]
        public TlsClient {
            host = host.isEmpty() ? DEFAULT_HOST : Host.checked(host);
            checkPort(port, 1);
        }

        /// An address with the default port.
        ///
        /// @param host name or address
        /// @throws AmpeException with [Status#INVALID_ADDRESS]
        public TlsClient(String host) {
            this(host, DEFAULT_PORT);
        }

        @Override
        public InetSocketAddress unresolved() {
            return Host.socketAddress(host, port);
        }

        @Override
        public String toString() {
            return "tls|" + host + "|" + port;
        }
    }

    /// Listens over TLS, as [Options#tls()] says.
    ///
    /// @param host name or address of one interface; empty means all
    /// @param port 1 to 65,535, or 0: the system chooses one, and the WelcomeResponse names it
    record TlsServer(String host, int port) implements Server {
        /// Checks the values.
        ///
        /// @throws AmpeException with [Status#INVALID_ADDRESS]
        public TlsServer {
            host = host.isEmpty() ? host : Host.checked(host);
            checkPort(port, 0);
        }

        /// An address with the default port.
        ///
        /// @param host name or address of one interface; empty means all
        /// @throws AmpeException with [Status#INVALID_ADDRESS]
        public TlsServer(String host) {
            this(host, DEFAULT_PORT);
        }

        @Override
        public InetSocketAddress unresolved() {
            return host.isEmpty() ? new InetSocketAddress(port) : Host.socketAddress(host, port);
        }

        @Override
        public TlsClient toClient() {
            return new TlsClient(loopbackHost(host, unresolved()), port);
        }

        @Override
        public TlsClient toClient(String host) {
            return new TlsClient(host, port);
        }

        @Override
        public String toString() {
            return "tls|" + host + "|" + port;
        }
    }

    /// Connects to a Unix domain socket.
    ///
    /// @param path absolute, at most 106 bytes in UTF-8
    record UdsClient(String path) implements Client {
        /// Checks the path.
        ///
        /// @throws AmpeException with [Status#INVALID_ADDRESS]
        public UdsClient {
            checkPath(path);
        }

        @Override
        public UnixDomainSocketAddress unresolved() {
            return UnixDomainSocketAddress.of(path);
        }

        @Override
        public String toString() {
            return "uds|" + path;
        }
    }

    /// Listens on a Unix domain socket.
    ///
    /// @param path absolute, at most 106 bytes in UTF-8
    record UdsServer(String path) implements Server {
        /// Checks the path.
        ///
        /// @throws AmpeException with [Status#INVALID_ADDRESS]
        public UdsServer {
            checkPath(path);
        }

        @Override
        public UnixDomainSocketAddress unresolved() {
            return UnixDomainSocketAddress.of(path);
        }

        @Override
        public UdsClient toClient() {
            return new UdsClient(path);
        }

        @Override
        public UdsClient toClient(String host) {
            return new UdsClient(path);
        }

        @Override
        public String toString() {
            return "uds|" + path;
        }
    }

    /// Understands where to connect to.
    ///
    /// @param text `tcp|host|port`, `tls|host|port` or `uds|path`
    /// @return the address
    /// @throws AmpeException with [Status#INVALID_ADDRESS]
    static Client connectTo(String text) {
        String[] parts = parts(text);
        return switch (parts[0]) {
            case "uds" -> new UdsClient(parts[1]);
            case "tls" -> new TlsClient(parts[1], port(text, parts));
            default -> new TcpClient(parts[1], port(text, parts));
        };
    }

    /// Understands where to listen.
    ///
    /// @param text `tcp|host|port`, `tls|host|port` or `uds|path`
    /// @return the address
    /// @throws AmpeException with [Status#INVALID_ADDRESS]
    static Server listenOn(String text) {
        String[] parts = parts(text);
        return switch (parts[0]) {
            case "uds" -> new UdsServer(parts[1]);
            case "tls" -> new TlsServer(parts[1], port(text, parts));
            default -> new TcpServer(parts[1], port(text, parts));
        };
    }

    /// Understands the address of a hello or welcome message.
    ///
    /// @param message a message with `~connect_to` or `~listen_on` as its first text header
    /// @return the address
    /// @throws AmpeException with [Status#INVALID_ADDRESS]
    static Address parse(Message message) {
        TextHeaders.Cursor first = message.headers().cursor();
        boolean any = first.next();
        return switch (message.opCode()) {
            case HELLO_REQUEST, HELLO_RESPONSE -> connectTo(required(any, first, CONNECT_TO));
            case WELCOME_REQUEST, WELCOME_RESPONSE -> listenOn(required(any, first, LISTEN_ON));
            case REQUEST, RESPONSE, SIGNAL, BYE_REQUEST, BYE_RESPONSE, BYE_SIGNAL ->
                    throw invalid("a " + message.opCode() + " carries no address");
        };
    }

    /// The address of a peer that listens there, as the JDK knows it.
    ///
    /// @param address an [InetSocketAddress] or [UnixDomainSocketAddress]
    /// @return the address to connect to
    /// @throws AmpeException with [Status#INVALID_ADDRESS] for any other kind
    static Client connectTo(SocketAddress address) {
        return switch (address) {
            case InetSocketAddress inet -> new TcpClient(inet.getHostString(), inet.getPort());
            case UnixDomainSocketAddress uds -> new UdsClient(uds.getPath().toString());
            default -> throw invalid("neither TCP nor Unix domain: " + address);
        };
    }

    /// The address to listen on, as the JDK knows it.
    ///
    /// @param address an [InetSocketAddress] or [UnixDomainSocketAddress]
    /// @return the address to listen on
    /// @throws AmpeException with [Status#INVALID_ADDRESS] for any other kind
    static Server listenOn(SocketAddress address) {
        return switch (address) {
            case InetSocketAddress inet -> new TcpServer(listeningHost(inet), inet.getPort());
            case UnixDomainSocketAddress uds -> new UdsServer(uds.getPath().toString());
            default -> throw invalid("neither TCP nor Unix domain: " + address);
        };
    }

    /// Where a client on the same machine connects to: to a listener on all interfaces by the
    /// loopback interface. A client's address is that already.
    ///
    /// @return the address
    /// @throws AmpeException with [Status#INVALID_ADDRESS] for port 0, which the system is yet to
    ///     choose: the WelcomeResponse names the port
    Client toClient();

    /// This address as the JDK knows it; looks up no name.
    ///
    /// @return an address whose host is unresolved if it is a name
    SocketAddress unresolved();

    /// The host by which a listener's own machine reaches it.
    private static String loopbackHost(String host, InetSocketAddress listening) {
        InetAddress address = listening.getAddress();
        if (address == null || !address.isAnyLocalAddress()) {
            return host;
        }
        return host.indexOf(':') >= 0 ? "::1" : DEFAULT_HOST;
    }

    private static String[] parts(String text) {
        String[] parts = text.split("\\|", -1);
        boolean tcp = (parts[0].equals("tcp") || parts[0].equals("tls")) && parts.length <= 3;
        boolean uds = parts[0].equals("uds") && parts.length == 2;
        if (!tcp && !uds) {
            throw invalid("must be tcp|host|port, tls|host|port or uds|path, is '" + text + "'");
        }
        return parts.length == 1 ? new String[] {parts[0], ""} : parts;
    }

    private static int port(String text, String[] parts) {
        if (parts.length < 3 || parts[2].isEmpty()) {
            return DEFAULT_PORT;
        }
        String digits = parts[2];
        if (digits.length() > 5 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw invalid("the port is not a number in '" + text + "'");
        }
        return Integer.parseInt(digits);
    }

    private static String required(boolean any, TextHeaders.Cursor header, String name) {
        if (!any || !header.nameIs(name)) {
            throw invalid("the first text header must be " + name);
        }
        return header.value();
    }

    private static void checkPort(int port, int min) {
        if (port < min || port > 65_535) {
            throw invalid("port " + port + " is not " + min + " to 65535");
        }
    }

    private static void checkPath(String path) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(path)) {
            throw invalid("the path has half a surrogate pair: '" + path + "'");
        }
        int length = path.getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_UDS_PATH_BYTES) {
            throw invalid(
                    "the path has "
                            + length
                            + " bytes, at most "
                            + MAX_UDS_PATH_BYTES
                            + " are allowed: "
                            + path);
        }
        // A text header's value loses blanks at its end when it is read.
        boolean bad = path.endsWith(" ") || path.chars().anyMatch(c -> c < ' ' || c == '|');
        if (bad || !isAbsolute(path)) {
            throw invalid("the path is not absolute or has a bad character: '" + path + "'");
        }
    }

    private static boolean isAbsolute(String path) {
        try {
            return Path.of(path).isAbsolute();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static String listeningHost(InetSocketAddress inet) {
        InetAddress address = inet.getAddress();
        return address != null && address.isAnyLocalAddress() ? "" : inet.getHostString();
    }

    private static AmpeException invalid(String detail) {
        return new AmpeException(Status.INVALID_ADDRESS, detail);
    }
}
