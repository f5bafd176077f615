package tofu.recipes.first;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.fixtures.TestAddresses;

/// Enqueues messages that cannot be sent, and sees what is said to that.
///
/// What is wrong with the message itself is an exception, and the message stays the caller's. What
/// turns out later, at the network, is a message with origin `ENGINE`; then the channel ends.
public final class IllegalMessages {
    private IllegalMessages() {}

    /// A message as it comes from the pool is a Request for channel 0, and that is nobody's.
    public static String unprepared(PrintStream out) {
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create();
                Message message = ampe.get()) {
            return refusal(out, group, message);
        }
    }

    /// Only a hello and a welcome may name channel 0, and other numbers must be those of channels.
    public static String wrongChannel(PrintStream out) {
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create();
                Message bye = ampe.get()) {
            bye.opCode(OpCode.BYE_REQUEST);
            String zero = refusal(out, group, bye);
            bye.channel(4711);
            return zero + ", " + refusal(out, group, bye);
        }
    }

    /// A hello must say where to connect to.
    public static String helloWithoutAddress(PrintStream out) {
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create();
                Message hello = ampe.get()) {
            return refusal(out, group, hello.opCode(OpCode.HELLO_REQUEST));
        }
    }

    /// [Address] lets no wrong address pass. If the text header was written by hand, the engine
    /// finds out, and answers the hello itself.
    public static String helloWithWrongAddress(PrintStream out, Address.Server where)
            throws InterruptedException {
        boolean uds = where instanceof Address.UdsServer;
        String wrong = uds ? "uds|not/absolute" : "tcp|127.0.0.1|no-port";
        String atOnce;
        try {
            atOnce = "accepted: " + Address.connectTo(wrong);
        } catch (AmpeException e) {
            out.println("refused at once: " + e.getMessage());
            atOnce = e.status().toString();
        }
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            try (Message hello = ampe.get()) {
                hello.opCode(OpCode.HELLO_REQUEST).headers().append(Address.CONNECT_TO, wrong);
                group.enqueueToPeer(hello);
            }
            return atOnce + ", " + untilTheEnd(out, group);
        }
    }

    /// Where nobody listens, the hello comes back.
    public static String helloToNobody(PrintStream out, Address.Server where)
            throws InterruptedException {
        boolean uds = where instanceof Address.UdsServer;
        Address.Client nobody =
                uds
                        ? new Address.UdsClient(TestAddresses.temporaryUdsPath())
                        : new Address.TcpClient("127.0.0.1", TestAddresses.freeTcpPort());
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            Steps.hello(ampe, group, nobody);
            return untilTheEnd(out, group);
        }
    }

    /// Nobody can listen on the address of another machine, or in a folder that does not exist.
    public static String welcomeWithWrongAddress(PrintStream out, Address.Server where)
            throws InterruptedException {
        boolean uds = where instanceof Address.UdsServer;
        Address.Server wrong =
                uds
                        ? new Address.UdsServer(TestAddresses.temporaryUdsPath() + "/no/folder")
                        : new Address.TcpServer("192.0.2.1", 0); // kept for documentation
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            try (Message welcome = ampe.get()) {
                group.enqueueToPeer(welcome.listenOn(wrong));
            }
            return untilTheEnd(out, group);
        }
    }

    private static String refusal(PrintStream out, ChannelGroup group, Message message) {
        try {
            return "accepted: " + group.enqueueToPeer(message);
        } catch (AmpeException e) {
            out.println(e.getMessage() + (message.isEmptied() ? ", gone" : ", still ours"));
            return e.status().toString();
        }
    }

    /// What the engine says, up to the end of the channel.
    private static String untilTheEnd(PrintStream out, ChannelGroup group)
            throws InterruptedException {
        List<String> said = new ArrayList<>();
        boolean ended = false;
        while (!ended) {
            try (Message message = Steps.next(group)) {
                out.println(message.header());
                said.add(message.origin() + " " + message.status());
                ended = message.endsChannel();
            }
        }
        return String.join(", ", said);
    }
}
