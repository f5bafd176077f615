package tofu.bench;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.PemFiles;
import tofu.api.Status;
import tofu.api.TlsSettings;
import tofu.fixtures.TestAddresses;
import tofu.fixtures.TestCertificates;

/// Two engines in this process: a server whose own thread answers everything, and a client for the
/// measuring thread.
final class Pair implements AutoCloseable {
    /// What the two speak over, on this machine.
    enum Transport {
        TCP,
        UDS,
        TLS
    }

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Ampe server;
    private final Ampe client;
    private final ChannelGroup serving;
    private final ChannelGroup talking;
    private final Address.Client address;

    /// Starts both.
    Pair(Transport transport, Options options) throws InterruptedException {
        Options all = transport == Transport.TLS ? secured(options) : options;
        server = Ampe.open(all);
        client = Ampe.open(all);
        serving = server.create();
        talking = client.create();
        address = listen(transport);
        Thread.ofPlatform().name("bench-server").start(this::serve);
    }

    /// With a certificate for the server, and none for the client.
    private static Options secured(Options options) {
        TestCertificates files = TestCertificates.shared();
        PemFiles server =
                PemFiles.of(files.key("server"), files.chain("server"), files.authorities());
        return options.toBuilder().tls(TlsSettings.of(server)).build();
    }

    ChannelGroup talking() {
        return talking;
    }

    /// Gets an empty message of the client's.
    Message message() {
        return client.get();
    }

    /// Sends a HelloRequest.
    ///
    /// @return the new channel's number
    int hello() {
        return talking.enqueueToPeer(message().connectTo(address)).channel();
    }

    /// Sends an empty message.
    void say(OpCode opCode, int channel) {
        talking.enqueueToPeer(message().opCode(opCode).channel(channel));
    }

    /// Receives the client's next message.
    Message receive() throws InterruptedException {
        Message message = talking.waitReceive(PATIENCE);
        if (message == null) {
            throw new IllegalStateException("nothing came within " + PATIENCE);
        }
        return message;
    }

    private Address.Client listen(Transport transport) throws InterruptedException {
        Address.Server listener =
                switch (transport) {
                    case TCP -> new Address.TcpServer("127.0.0.1", 0);
                    case UDS -> new Address.UdsServer(TestAddresses.temporaryUdsPath());
                    case TLS -> new Address.TlsServer("127.0.0.1", 0);
                };
        Message welcome = server.get();
        serving.enqueueToPeer(welcome.listenOn(listener));
        try (Message answer = serving.waitReceive(PATIENCE)) {
            if (answer == null || answer.status() != Status.SUCCESS) {
                throw new IllegalStateException("cannot listen: " + answer);
            }
            String where = answer.headers().first(Address.LISTEN_ON);
            return Address.connectTo(where == null ? "" : where);
        }
    }

    private void serve() {
        try {
            while (true) {
                @Nullable Message message = serving.waitReceive(PATIENCE);
                if (message != null) {
                    answer(message);
                }
            }
        } catch (AmpeException e) {
            if (e.status() != Status.SHUTDOWN_STARTED) {
                throw e;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(Message message) {
        try (message) {
            if (message.origin() == Origin.APPLICATION) {
                message.opCode(message.opCode().echo());
                serving.enqueueToPeer(message);
            }
        } catch (AmpeException e) {
            if (e.status() != Status.CHANNEL_CLOSED) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        client.close();
        // The server's thread ends on SHUTDOWN_STARTED.
        server.close();
    }
}
