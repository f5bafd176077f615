package tofu.tests.flight;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;

/// Two engines that say hello to each other at a path, on the public API alone. Prints whether
/// there is a flight recorder, and "ok".
final class Talking {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Talking() {}

    public static void main(String[] args) throws InterruptedException {
        try (Ampe server = Ampe.open();
                Ampe client = Ampe.open()) {
            ChannelGroup listening = server.create();
            try (Message welcome = server.get()) {
                listening.enqueueToPeer(welcome.listenOn(new Address.UdsServer(args[0])));
            }
            expect(listening, OpCode.WELCOME_RESPONSE);
            ChannelGroup calling = client.create();
            try (Message hello = client.get()) {
                calling.enqueueToPeer(hello.connectTo(new Address.UdsClient(args[0])));
            }
            expect(listening, OpCode.HELLO_REQUEST);
        }
        boolean recorder = ModuleLayer.boot().findModule("jdk.jfr").isPresent();
        System.out.println(recorder ? "with a recorder: ok" : "without a recorder: ok");
    }

    private static void expect(ChannelGroup group, OpCode opCode) throws InterruptedException {
        try (@Nullable Message message = group.waitReceive(PATIENCE)) {
            if (message == null || message.opCode() != opCode) {
                throw new IllegalStateException("no " + opCode + " but " + message);
            }
        }
    }
}
