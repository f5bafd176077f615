package tofu.recipes.patterns;

import java.io.PrintStream;
import java.time.Duration;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.recipes.first.Failure;
import tofu.recipes.first.Steps;

/// Back-pressure, seen live: who sends faster than the peer takes is told so, by an offer that is
/// refused, keeps its message, and is told when there is room again, by `SEND_QUEUE_READY`.
///
/// `enqueueToPeer(message, timeout)` does all this waiting by itself. The long way is for those who
/// have something better to do meanwhile.
public final class BackPressure {
    private static final int MESSAGES = 10_000;
    private static final int BODY_LENGTH = 1_000;
    private static final Options SMALL =
            Options.builder().sendQueueMessages(100).receiveWindowMessages(100).build();

    private BackPressure() {}

    /// Runs the recipe.
    public static String run(PrintStream out, Address.Server where) throws InterruptedException {
        try (Ampe ampe = Ampe.open(SMALL);
                ChannelGroup server = ampe.create();
                ChannelGroup client = ampe.create()) {
            Address.Client address = Steps.listen(ampe, server, where);
            int channel = Steps.hello(ampe, client, address);
            try (Message hello = Steps.receive(server, OpCode.HELLO_REQUEST)) {
                Steps.answer(server, hello);
            }
            Steps.receive(client, OpCode.HELLO_RESPONSE).close();

            int received = 0;
            int full = 0;
            int sent = 0;
            while (sent < MESSAGES) {
                if (send(ampe, client, channel, sent + 1)) {
                    sent++;
                    continue;
                }
                full++;
                out.println("full after " + sent + " messages; the peer has taken " + received);
                received += takeUntilReady(server, client, received);
            }
            while (received < MESSAGES) {
                try (Message message = Steps.next(server)) {
                    received++;
                    check(message, received);
                }
            }
            return received
                    + " of "
                    + sent
                    + " in order, "
                    + (full > 0 ? "full at times" : "no wait");
        }
    }

    /// Sends without waiting.
    ///
    /// @return false if there is no room
    private static boolean send(Ampe ampe, ChannelGroup group, int channel, long id) {
        try (Message message = ampe.get()) {
            message.opCode(OpCode.SIGNAL).channel(channel).id(id);
            message.body().append(new byte[BODY_LENGTH]);
            return group.offerToPeer(message); // false: it is still ours, and closed here
        }
    }

    /// The slow side takes messages, one by one, until the fast side is told that there is room.
    private static int takeUntilReady(ChannelGroup server, ChannelGroup client, int before)
            throws InterruptedException {
        int taken = 0;
        boolean ready = false;
        while (!ready) {
            try (Message message = server.waitReceive(Duration.ofMillis(1))) {
                if (message != null) {
                    taken++;
                    check(message, before + taken);
                }
            }
            try (Message notice = client.waitReceive(Duration.ZERO)) {
                ready = notice != null && notice.status() == Status.SEND_QUEUE_READY;
            }
        }
        return taken;
    }

    private static void check(Message message, long expectedId) {
        if (message.opCode() != OpCode.SIGNAL || message.id() != expectedId) {
            throw new Failure(message.header() + " instead of " + expectedId);
        }
    }
}
