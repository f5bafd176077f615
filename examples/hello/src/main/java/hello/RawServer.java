package hello;

import java.time.Duration;
import tofu.api.*;

public class RawServer {
    public static void main(String[] args) throws InterruptedException {
        String address = args.length > 0 ? args[0] : "tcp|127.0.0.1|7099";
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            Runtime.getRuntime().addShutdownHook(new Thread(ampe::close)); // Ctrl-C
            int listener;
            try (Message welcome = ampe.get()) {
                welcome.listenOn(Address.listenOn(address));
                listener = group.enqueueToPeer(welcome).channel(); // moved: `welcome` is empty now
            }
            boolean listening = true;
            while (listening) {
                try (Message message = group.waitReceive()) {
                    IO.println(message.header());
                    if (message.endsChannel()) {
                        listening = message.channel() != listener;
                    } else if (message.opCode() == OpCode.WELCOME_RESPONSE) {
                        IO.println(message.status() + " " + Address.parse(message));
                    } else if (message.origin() == Origin.APPLICATION) {
                        answer(group, message);
                    }
                }
            }
        } catch (AmpeException e) {
            if (e.status() != Status.SHUTDOWN_STARTED) { // Ctrl-C: what is queued has been sent
                throw e;
            }
        }
    }

    /// Turns a hello, request or bye round in place: same channel, same id, same body.
    static void answer(ChannelGroup group, Message message) throws InterruptedException {
        if (message.opCode().role() == OpCode.Role.REQUEST) {
            try {
                message.opCode(message.opCode().echo());
                group.enqueueToPeer(message, Duration.ofSeconds(1)); // waits if the queue is full
            } catch (AmpeException e) { // the peer is gone or does not read; the message stays ours
                IO.println("not answered: " + e.getMessage());
            }
        }
    }
}
