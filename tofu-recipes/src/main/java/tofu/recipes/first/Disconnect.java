package tofu.recipes.first;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;

/// Leaves without a word: a ByeSignal closes the own side at once, and the peer finds out.
///
/// It is what a ByeRequest is not: nothing travels, and what was under way may be lost. The signal
/// itself comes back to its sender, as all that was not sent; then both ends get their last notice.
public final class Disconnect {
    private Disconnect() {}

    /// Runs the recipe.
    public static String run(PrintStream out, Address.Server where) throws InterruptedException {
        try (Ampe ampe = Ampe.open();
                ChannelGroup server = ampe.create();
                ChannelGroup client = ampe.create()) {
            Address.Client address = Steps.listen(ampe, server, where);
            int channel = Steps.hello(ampe, client, address);
            try (Message hello = Steps.receive(server, OpCode.HELLO_REQUEST)) {
                Steps.answer(server, hello);
            }
            Steps.receive(client, OpCode.HELLO_RESPONSE).close();
            try (Message bye = ampe.get()) {
                client.enqueueToPeer(bye.opCode(OpCode.BYE_SIGNAL).channel(channel));
            }
            String ofClient = lastStatuses(out, "client", client);
            return ofClient + "; " + lastStatuses(out, "server", server);
        }
    }

    private static String lastStatuses(PrintStream out, String who, ChannelGroup group)
            throws InterruptedException {
        List<String> statuses = new ArrayList<>();
        boolean ended = false;
        while (!ended) {
            try (Message message = Steps.next(group)) {
                statuses.add(message.status().toString());
                ended = message.endsChannel();
            }
        }
        out.println(who + ": " + statuses);
        return who + ": " + String.join(", ", statuses);
    }
}
