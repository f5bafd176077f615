package tofu.tests.guide;

import java.time.Duration;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;

/// The client of the guide: it connects, asks and leaves.
final class FirstClient {
    private FirstClient() {}

    // @start region="client"
    static String ask(Address.Client server, String question) throws InterruptedException {
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            int channel = connect(ampe, group, server);
            String answer = ask(ampe, group, channel, question);
            leave(ampe, group, channel);
            return answer;
        }
    }

    // @end

    // @start region="connect"
    static int connect(Ampe ampe, ChannelGroup group, Address.Client server)
            throws InterruptedException {
        try (Message hello = ampe.get()) {
            group.enqueueToPeer(hello.connectTo(server)); // a HelloRequest, on a new channel
        }
        try (Message answer = next(group)) {
            if (answer.origin() == Origin.ENGINE) { // our own hello, which comes back
                throw new IllegalStateException("cannot connect: " + answer.status());
            }
            if (answer.opCode() != OpCode.HELLO_RESPONSE) { // a bye: the server refuses us
                throw new IllegalStateException("refused: " + answer.headers().first("reason"));
            }
            return answer.channel();
        }
    }

    // @end

    // @start region="next"
    static Message next(ChannelGroup group) throws InterruptedException {
        Message message = group.waitReceive(Duration.ofSeconds(10));
        if (message == null) {
            throw new IllegalStateException("nothing came in time");
        }
        return message; // the caller closes it
    }

    // @end

    // @start region="ask"
    static String ask(Ampe ampe, ChannelGroup group, int channel, String question)
            throws InterruptedException {
        try (Message request = ampe.get()) {
            request.opCode(OpCode.REQUEST).channel(channel).body().append(question);
            group.enqueueToPeer(request);
        }
        try (Message response = next(group)) {
            if (response.origin() == Origin.ENGINE) {
                throw new IllegalStateException("no answer: " + response.status());
            }
            return response.body().text();
        }
    }

    // @end

    // @start region="leave"
    static void leave(Ampe ampe, ChannelGroup group, int channel) throws InterruptedException {
        try (Message bye = ampe.get()) {
            group.enqueueToPeer(bye.opCode(OpCode.BYE_REQUEST).channel(channel));
        }
        boolean open = true;
        while (open) {
            try (Message message = next(group)) { // the ByeResponse, then the last notice
                open = !(message.endsChannel() && message.channel() == channel);
            }
        }
    }
    // @end
}
