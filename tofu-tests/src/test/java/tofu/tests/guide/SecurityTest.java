package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tofu.api.Address;
import tofu.api.Admission;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Channel;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.PeerIdentity;
import tofu.api.PemFiles;
import tofu.api.Status;
import tofu.api.TlsSettings;
import tofu.api.TlsSettings.ClientAuthentication;
import tofu.fixtures.TestCertificates;
import tofu.kit.Connector;
import tofu.kit.Dispatcher;
import tofu.kit.Doorman;
import tofu.kit.Server;
import tofu.tests.rigs.Eventually;

/// Snippets of docs/guide/security.md: each step works, and keeps out whom it says.
class SecurityTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String ANY_PORT = "tls|127.0.0.1|0";
    private static final TestCertificates FILES = TestCertificates.shared();

    static Options serverOptions(Path key, Path chain) {
        // @start region="server"
        Options options =
                Options.builder().tls(TlsSettings.of(PemFiles.identity(key, chain))).build();
        // @end
        return options;
    }

    static Options clientOptions(Path authorities) {
        // @start region="client"
        Options options =
                Options.builder().tls(TlsSettings.of(PemFiles.trust(authorities))).build();
        // @end
        return options;
    }

    static Options mutualServer(Path key, Path chain, Path authorities) {
        // @start region="mutual-server"
        TlsSettings mutual =
                TlsSettings.builder(PemFiles.of(key, chain, authorities))
                        .clientAuthentication(ClientAuthentication.NEEDED)
                        .build();
        Options options = Options.builder().tls(mutual).build();
        // @end
        return options;
    }

    static Options mutualClient(Path key, Path chain, Path authorities) {
        // @start region="mutual-client"
        Options options =
                Options.builder().tls(TlsSettings.of(PemFiles.of(key, chain, authorities))).build();
        // @end
        return options;
    }

    private static Options admission() {
        // @start region="admission"
        Admission admission =
                Admission.builder()
                        .allowNetworks("10.0.0.0/8", "fd00::/8")
                        .denyNetworks("10.66.0.0/16")
                        .connectionsPerAddress(20)
                        .connectionsPerSecond(200)
                        .allowUsers("alice", "1000")
                        .allowGroups("staff")
                        .build();
        Options options = Options.builder().admission(admission).build();
        // @end
        return options;
    }

    @Test
    void rulesSayWhoMayConnect() {
        Admission admission = admission().admission();
        assertThat(admission.admits(InetAddress.ofLiteral("10.1.2.3"))).isTrue();
        assertThat(admission.admits(InetAddress.ofLiteral("10.66.2.3"))).isFalse();
        assertThat(admission.admits(InetAddress.ofLiteral("192.168.1.1"))).isFalse();
    }

    private static Options server() {
        return serverOptions(FILES.key("server"), FILES.chain("server"));
    }

    private static Options mutualServer() {
        return mutualServer(FILES.key("server"), FILES.chain("server"), FILES.authorities());
    }

    private static Options mutualClient(String name) {
        return mutualClient(FILES.key(name), FILES.chain(name), FILES.authorities());
    }

    // @start region="known"
    /// Whether a channel's peer is somebody whom we know by name.
    static boolean isKnown(Channel channel, Set<String> names) {
        return channel.peer().credentials() instanceof PeerIdentity.Tls tls
                && names.stream().anyMatch(tls::isFor);
    }

    // @end

    /// What becomes of a client's hello: its op code, its status, and a reason if there is one.
    static String hello(Options server, Options client, Set<String> names)
            throws InterruptedException {
        try (Listening serving = listen(server, ANY_PORT);
                Ampe asking = Ampe.open(client);
                ChannelGroup peers = asking.create()) {
            ChannelGroup group = serving.group();
            Address.Client there = serving.address();
            try (Message hello = asking.get()) {
                peers.enqueueToPeer(hello.connectTo(there));
            }
            Thread answering = Thread.ofPlatform().start(() -> answer(group, names));
            String told = "";
            try (Message answer = peers.waitReceive()) {
                String reason = answer.headers().first("reason");
                told = answer.opCode() + " " + answer.status();
                told += reason == null ? "" : ", " + reason;
            }
            group.close();
            answering.join();
            return told;
        }
    }

    /// An engine that listens.
    record Listening(Ampe ampe, ChannelGroup group, Address.Client address)
            implements AutoCloseable {
        @Override
        public void close() {
            ampe.close();
        }
    }

    static Listening listen(Options options, String address) throws InterruptedException {
        // @start region="listen"
        Ampe ampe = Ampe.open(options);
        ChannelGroup group = ampe.create();
        try (Message welcome = ampe.get()) {
            group.enqueueToPeer(welcome.listenOn(Address.listenOn(address)));
        }
        // @end
        try (Message welcome = group.waitReceive()) {
            Address.Server bound = (Address.Server) Address.parse(welcome);
            return new Listening(ampe, group, bound.toClient());
        }
    }

    private static void answer(ChannelGroup group, Set<String> names) {
        try {
            while (true) {
                try (Message message = group.waitReceive()) {
                    if (message.opCode() != OpCode.HELLO_REQUEST) {
                        continue;
                    }
                    if (names.isEmpty()) {
                        group.enqueueToPeer(message.opCode(OpCode.HELLO_RESPONSE));
                    } else {
                        greet(group, message, names);
                    }
                }
            }
        } catch (AmpeException closed) {
            assertThat(closed.status()).isEqualTo(Status.SHUTDOWN_STARTED);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void greet(ChannelGroup group, Message hello, Set<String> names) {
        // @start region="greet"
        Channel channel = group.channel(hello.channel());
        boolean welcome = channel != null && isKnown(channel, names);
        if (welcome) {
            group.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
        } else {
            hello.headers().clear().append("reason", "nobody I know");
            group.enqueueToPeer(hello.opCode(OpCode.BYE_RESPONSE));
        }
        // @end
    }

    @Test
    void whoTrustsTheAuthorityIsServed() throws InterruptedException {
        assertThat(hello(server(), clientOptions(FILES.authorities()), Set.of()))
                .isEqualTo("HELLO_RESPONSE SUCCESS");
    }

    @Test
    void whoTrustsAnotherAuthorityIsNot() throws InterruptedException {
        assertThat(hello(server(), clientOptions(FILES.chain("stranger")), Set.of()))
                .isEqualTo("HELLO_REQUEST TLS_CERTIFICATE_UNKNOWN");
    }

    @Test
    void whereBothShowWhoTheyAreNobodyElseIsServed() throws InterruptedException {
        assertThat(hello(mutualServer(), mutualClient("client"), Set.of()))
                .isEqualTo("HELLO_RESPONSE SUCCESS");
        assertThat(hello(mutualServer(), clientOptions(FILES.authorities()), Set.of()))
                .endsWith("TLS_CLIENT_CERTIFICATE_MISSING");
    }

    @Test
    void whoIsKnownByNameIsServed() throws InterruptedException {
        assertThat(hello(mutualServer(), mutualClient("client"), Set.of("alice.tofu.test")))
                .isEqualTo("HELLO_RESPONSE SUCCESS");
        assertThat(hello(mutualServer(), mutualClient("renewed"), Set.of("alice.tofu.test")))
                .isEqualTo("BYE_RESPONSE SUCCESS, nobody I know");
    }

    @Test
    void theKitHasARuleForIt() throws InterruptedException {
        Set<String> names = Set.of("alice.tofu.test");
        String address = ANY_PORT;
        try (Ampe ampe = Ampe.open(mutualServer());
                Ampe alice = Ampe.open(mutualClient("client"));
                Ampe bob = Ampe.open(mutualClient("renewed"));
                Dispatcher dispatcher = new Dispatcher(ampe).start();
                Dispatcher alices = new Dispatcher(alice).start();
                Dispatcher bobs = new Dispatcher(bob).start()) {
            // @start region="kit"
            Server server =
                    Server.builder(dispatcher)
                            .listenOn(Address.listenOn(address))
                            .refuse(Doorman.unless(dispatcher, channel -> isKnown(channel, names)))
                            .sessions((peer, hello) -> request -> peer.answer(request))
                            .start();
            // @end
            Address.Client there = server.listening().join().getFirst();
            try (Connector connector = Connector.to(alices, there);
                    Message answer =
                            connector.askAndWait(
                                    request -> request.body().append("hello"), PATIENCE)) {
                assertThat(answer.body().text()).isEqualTo("hello");
            }
            try (Connector refused = Connector.to(bobs, there)) {
                Eventually.holds("refused", () -> refused.refusals() > 0);
            }
        }
    }

    @Test
    void anErrorSaysWhatIsWrong() throws InterruptedException {
        try (Listening serving = listen(mutualServer(), ANY_PORT);
                Ampe asking = Ampe.open(clientOptions(FILES.chain("stranger")));
                ChannelGroup peers = asking.create()) {
            try (Message hello = asking.get()) {
                peers.enqueueToPeer(hello.connectTo(serving.address()));
            }
            Message hello = peers.waitReceive(); // comes back
            hello.close();
            Message notice = peers.waitReceive();
            // @start region="cause"
            String cause = notice.headers().first(Status.CAUSE);
            IO.println(notice.status() + ": " + cause);
            // @end
            assertThat(notice.status()).isEqualTo(Status.TLS_CERTIFICATE_UNKNOWN);
            assertThat(cause).contains("unable to find valid certification path");
            notice.close();
        }
    }
}
