package tofu.recipes.first;

import java.io.PrintStream;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.BinaryHeader;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;

/// Listens on an address, and stops.
public final class Listen {
    private Listen() {}

    /// A listener is a channel: a WelcomeRequest opens it, a ByeSignal closes it. Then the address
    /// is free, and can be listened on again.
    public static String run(PrintStream out, Address.Server where) throws InterruptedException {
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            String first = listenAndStop(out, ampe, group, where);
            return first + "; again: " + listenAndStop(out, ampe, group, where);
        }
    }

    private static String listenAndStop(
            PrintStream out, Ampe ampe, ChannelGroup group, Address.Server where)
            throws InterruptedException {
        BinaryHeader asked;
        try (Message welcome = ampe.get()) {
            asked = group.enqueueToPeer(welcome.listenOn(where));
        }
        String answer;
        try (Message welcome = Steps.next(group)) {
            boolean mine = welcome.channel() == asked.channel() && welcome.id() == asked.id();
            answer = welcome.opCode() + " " + welcome.status() + (mine ? "" : " of another");
            out.println("listening on " + Address.parse(welcome));
        }
        try (Message bye = ampe.get()) {
            group.enqueueToPeer(bye.opCode(OpCode.BYE_SIGNAL).channel(asked.channel()));
        }
        Steps.awaitEnd(group, asked.channel());
        return answer + ", closed";
    }

    /// Two cannot listen on one address, not even two engines of one process.
    public static String twice(PrintStream out, Address.Server where) throws InterruptedException {
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create();
                Ampe other = Ampe.open();
                ChannelGroup intruder = other.create()) {
            Address.Client taken = Steps.listen(ampe, group, where);
            out.println("somebody listens on " + taken);
            try (Message welcome = other.get()) {
                intruder.enqueueToPeer(welcome.listenOn(Address.listenOn(taken.toString())));
            }
            try (Message welcome = Steps.next(intruder)) {
                out.println("the second is told " + welcome.status());
                return welcome.origin() + " " + welcome.opCode() + " " + welcome.status();
            }
        }
    }
}
