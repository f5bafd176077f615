package tofu.tests.faults;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;

/// A program that is one end of a bad network; [LossyNetworkFault] starts two.
///
/// - `server ADDRESS`: answers, prints where it listens, ends when its input does
/// - `client ADDRESS COUNT`: sends requests, many at a time, expects each to be answered with its
///   own body, in order; prints "ok" and how many milliseconds that took
final class FarPeer {
    private static final int WINDOW = 256;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private FarPeer() {}

    /// Runs one end.
    ///
    /// @param args see above
    /// @throws Exception if anything is lost, out of order, or not as it was sent
    public static void main(String[] args) throws Exception {
        try (Ampe ampe = Ampe.open()) {
            if (args[0].equals("server")) {
                serve(ampe, args[1]);
            } else {
                long start = System.nanoTime();
                ask(ampe, args[1], Long.parseLong(args[2]));
                System.out.println("ok " + (System.nanoTime() - start) / 1_000_000);
            }
        }
    }

    private static void serve(Ampe ampe, String address) throws InterruptedException, IOException {
        try (Responder responder = new Responder(ampe, address)) {
            System.out.println(responder.address());
            int end = System.in.read();
            if (end >= 0) {
                throw new IllegalStateException("nothing is expected but the end");
            }
        }
    }

    private static void ask(Ampe ampe, String address, long count) throws InterruptedException {
        Cargo cargo = new Cargo(count);
        try (ChannelGroup group = ampe.create()) {
            Message hello = message(ampe).connectTo(Address.connectTo(address));
            int channel = group.enqueueToPeer(hello).channel();
            expect(group, OpCode.HELLO_RESPONSE).close();
            long sent = 0;
            for (long answered = 0; answered < count; answered++) {
                for (; sent < count && sent - answered < WINDOW; sent++) {
                    Message request = message(ampe).opCode(OpCode.REQUEST).channel(channel);
                    request.id(sent + 1).body().append(cargo.of(sent + 1));
                    group.enqueueToPeer(request);
                }
                try (Message answer = expect(group, OpCode.RESPONSE)) {
                    if (answer.id() != answered + 1
                            || !Arrays.equals(answer.body().toByteArray(), cargo.of(answer.id()))) {
                        throw new IllegalStateException(answered + " answered, then " + answer);
                    }
                }
            }
            group.enqueueToPeer(message(ampe).opCode(OpCode.BYE_REQUEST).channel(channel));
            expect(group, OpCode.BYE_RESPONSE).close();
        }
    }

    private static Message message(Ampe ampe) {
        return ampe.get();
    }

    private static Message expect(ChannelGroup group, OpCode opCode) throws InterruptedException {
        Message message = group.waitReceive(PATIENCE);
        if (message == null
                || message.origin() != Origin.APPLICATION
                || message.opCode() != opCode) {
            throw new IllegalStateException("expected " + opCode + ", got " + message);
        }
        return message;
    }
}
