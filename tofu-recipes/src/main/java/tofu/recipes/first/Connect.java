package tofu.recipes.first;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.BinaryHeader;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;

/// Connects, talks and disconnects, message by message: the whole life of a connection.
///
/// For once, client and server share one group and one thread, so that their conversation stands
/// here from top to bottom. There are three channels: the listener, the client's end of the
/// connection, and the server's end.
public final class Connect {
    private final PrintStream out;
    private final Ampe ampe;
    private final ChannelGroup group;
    private final List<String> received = new ArrayList<>();

    private Connect(PrintStream out, Ampe ampe, ChannelGroup group) {
        this.out = out;
        this.ampe = ampe;
        this.group = group;
    }

    /// Runs the recipe.
    public static String run(PrintStream out, Address.Server where) throws InterruptedException {
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            return new Connect(out, ampe, group).converse(where);
        }
    }

    private String converse(Address.Server where) throws InterruptedException {
        // To listen, enqueue a WelcomeRequest. Its header, with the new channel's number and the
        // message's id, stays with us; the message itself has moved.
        BinaryHeader listener;
        try (Message welcome = ampe.get()) {
            listener = group.enqueueToPeer(welcome.listenOn(where));
        }
        Address.Client address;
        try (Message welcome = next()) {
            address = Address.parse(welcome).toClient();
        }

        // To connect, enqueue a HelloRequest. The server sees it on a channel of its own.
        BinaryHeader client;
        try (Message hello = ampe.get()) {
            client = group.enqueueToPeer(hello.connectTo(address));
        }
        // A received message is ours: turn it round in place, and it is the answer.
        try (Message hello = next()) {
            group.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
        }
        next().close(); // the HelloResponse, on the client's channel

        // Now both are peers, and either may send whatever it likes.
        try (Message request = ampe.get()) {
            request.opCode(OpCode.REQUEST).channel(client.channel());
            request.headers().append("language", "en");
            request.body().append("How are you?");
            group.enqueueToPeer(request);
        }
        try (Message request = next()) {
            request.opCode(OpCode.RESPONSE).body().clear().append("As good as you cook.");
            group.enqueueToPeer(request);
        }
        try (Message response = next()) {
            out.println("the answer: " + response.body().text());
        }

        // To leave in good order, send a ByeRequest. Then each end has one last message.
        try (Message bye = ampe.get()) {
            group.enqueueToPeer(bye.opCode(OpCode.BYE_REQUEST).channel(client.channel()));
        }
        try (Message bye = next()) {
            group.enqueueToPeer(bye.opCode(OpCode.BYE_RESPONSE));
        }
        next().close(); // the ByeResponse
        next().close(); // CHANNEL_CLOSED of one end
        next().close(); // and of the other

        // The listener is still there. A ByeSignal ends a channel at once.
        try (Message bye = ampe.get()) {
            group.enqueueToPeer(bye.opCode(OpCode.BYE_SIGNAL).channel(listener.channel()));
        }
        next().close(); // it never travels: as all that was not sent, it comes back
        next().close(); // CHANNEL_CLOSED of the listener
        return String.join(", ", received);
    }

    private Message next() throws InterruptedException {
        Message message = Steps.next(group);
        out.println(message.header());
        received.add(message.endsChannel() ? "the end" : message.opCode().toString());
        return message;
    }
}
