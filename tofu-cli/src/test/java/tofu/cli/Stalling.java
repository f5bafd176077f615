package tofu.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.fixtures.TestAddresses;
import tofu.management.TofuMXBeans;

/// A program whose engine `front` has some channels to its engine `back`, one of which is flooded,
/// as the group at its other end takes nothing. It says the number of that channel, and ends with
/// its standard input.
///
/// Its argument is the number of channels; with 0 it registers no engine.
final class Stalling {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Stalling() {}

    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[0]);
        if (count == 0) {
            say("ready 0");
            return;
        }
        try (Ampe front = Ampe.open();
                Ampe back = Ampe.open();
                var _ = TofuMXBeans.register(front, "front");
                var _ = TofuMXBeans.register(back, "back")) {
            ChannelGroup group = front.create();
            List<Integer> channels = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                channels.add(connect(front, group, back));
            }
            int stalled = channels.get(count / 2);
            flood(front, group, stalled);
            say("ready " + stalled);
        }
    }

    private static void say(String line) throws Exception {
        IO.println(line);
        while (System.in.read() >= 0) {} // until its end
    }

    private static int connect(Ampe front, ChannelGroup near, Ampe back)
            throws InterruptedException {
        ChannelGroup far = back.create();
        Address.Server where = new Address.UdsServer(TestAddresses.temporaryUdsPath());
        far.enqueueToPeer(back.get().listenOn(where));
        next(far, OpCode.WELCOME_RESPONSE).close();
        int channel = near.enqueueToPeer(front.get().connectTo(where.toClient())).channel();
        Message hello = next(far, OpCode.HELLO_REQUEST);
        far.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
        next(near, OpCode.HELLO_RESPONSE).close();
        return channel;
    }

    private static Message next(ChannelGroup group, OpCode wanted) throws InterruptedException {
        Message message = Objects.requireNonNull(group.waitReceive(PATIENCE));
        if (message.opCode() != wanted) {
            throw new IllegalStateException(message.toString());
        }
        return message;
    }

    /// Sends until the channel has been full for a while.
    private static void flood(Ampe ampe, ChannelGroup group, int channel)
            throws InterruptedException {
        byte[] body = new byte[60_000];
        boolean room = true;
        while (room) {
            try (Message message = ampe.get()) {
                message.opCode(OpCode.SIGNAL).channel(channel).body().append(body);
                room = group.offerToPeer(message);
            }
        }
    }
}
