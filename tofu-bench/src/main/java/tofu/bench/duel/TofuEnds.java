package tofu.bench.duel;

import java.util.Objects;
import java.util.function.Consumer;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.Channel;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.PeerIdentity;
import tofu.api.TlsSettings;

/// This library, used through its public API only.
record TofuEnds(Options options) implements Ends {
    /// Of an end that listens.
    private static final TofuEnd.Connector NEVER =
            () -> {
                throw new UnsupportedOperationException("it does not connect");
            };

    @Override
    public End listen(Task task, Consumer<String> listening) throws InterruptedException {
        Ampe ampe = open(task);
        ChannelGroup group = ampe.create();
        group.enqueueToPeer(ampe.get().listenOn(address(task)));
        try (Message welcome = group.waitReceive()) {
            if (welcome.opCode() != OpCode.WELCOME_RESPONSE) {
                throw new IllegalStateException("cannot listen: " + welcome);
            }
            listening.accept(Address.parse(welcome).toString());
        }
        return new TofuEnd(ampe, group, OpCode.SIGNAL, NEVER);
    }

    @Override
    public End connect(Task task, String place) throws InterruptedException {
        Ampe ampe = open(task);
        ChannelGroup group = ampe.create();
        for (int i = 0; i < task.idle(); i++) {
            connect(ampe, group, place);
        }
        int[] channels = new int[task.channels()];
        for (int i = 0; i < channels.length; i++) {
            channels[i] = connect(ampe, group, place);
        }
        OpCode opCode = task.isOneWay() ? OpCode.SIGNAL : OpCode.REQUEST;
        return new TofuEnd(ampe, group, opCode, () -> connect(ampe, group, place), channels);
    }

    private Ampe open(Task task) {
        if (!task.isSecure()) {
            return Ampe.open(options);
        }
        TlsSettings tls =
                TlsSettings.builder(Certificates.ofProperty().files())
                        .cipherSuites(Certificates.CIPHER_SUITE)
                        .build();
        return Ampe.open(options.toBuilder().tls(tls).build());
    }

    private static Address.Server address(Task task) {
        if (task.isSecure()) {
            return new Address.TlsServer("127.0.0.1", 0);
        }
        return task.isTcp()
                ? new Address.TcpServer("127.0.0.1", 0)
                : new Address.UdsServer(task.socketFile().toString());
    }

    private static int connect(Ampe ampe, ChannelGroup group, String place)
            throws InterruptedException {
        int channel = group.enqueueToPeer(ampe.get().connectTo(Address.connectTo(place))).channel();
        try (Message hello = group.waitReceive()) {
            if (hello.opCode() != OpCode.HELLO_RESPONSE || hello.origin() == Origin.ENGINE) {
                throw new IllegalStateException("cannot connect: " + hello);
            }
        }
        Channel view = Objects.requireNonNull(group.channel(channel));
        if (view.peer().credentials() instanceof PeerIdentity.Tls tls) {
            Certificates.check(tls.protocol(), tls.cipherSuite());
        }
        return channel;
    }
}
