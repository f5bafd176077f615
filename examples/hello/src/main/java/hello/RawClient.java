package hello;

import java.time.Duration;
import tofu.api.*;

public class RawClient {
    public static void main(String[] args) throws InterruptedException {
        String address = args.length > 0 ? args[0] : "tcp|127.0.0.1|7099";
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            int channel;
            try (Message hello = ampe.get()) {
                hello.connectTo(Address.connectTo(address));
                channel = group.enqueueToPeer(hello).channel();
            }
            boolean open = true;
            while (open) {
                try (Message message = group.waitReceive(Duration.ofSeconds(10))) {
                    if (message == null) {
                        throw new IllegalStateException("no answer");
                    }
                    open = !message.endsChannel();
                    String body = message.body().text();
                    IO.println((message.opCode() + " " + message.status() + " " + body).strip());
                    if (message.origin() == Origin.ENGINE) {
                        continue; // the engine speaks: could not connect, or the end
                    }
                    switch (message.opCode()) { // a received message is yours: fill it, send it
                        case HELLO_RESPONSE -> {
                            message.clear().opCode(OpCode.REQUEST).channel(channel);
                            message.body().append("Hello, tofu!");
                            group.enqueueToPeer(message);
                        }
                        case RESPONSE -> {
                            message.clear().opCode(OpCode.BYE_REQUEST).channel(channel);
                            group.enqueueToPeer(message);
                        }
                        default -> {} // the answer to the bye
                    }
                }
            }
        }
    }
}
