package tofu.tests.rigs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;

/// A client that asks a server which answers every request, one at a time, and takes the time.
///
/// Thread: one at a time. Owns its group.
public final class RoundTrips implements AutoCloseable {
    private final Ampe ampe;
    private final ChannelGroup group;
    private final int channel;
    private final byte[] body = new byte[64];

    /// Connects, and waits until it is greeted.
    public RoundTrips(Ampe ampe, String address) throws InterruptedException {
        this.ampe = ampe;
        this.group = ampe.create();
        this.channel =
                group.enqueueToPeer(message().connectTo(Address.connectTo(address))).channel();
        expect(OpCode.HELLO_RESPONSE);
    }

    /// How long requests took, from the fastest to the slowest.
    public record Times(long[] sortedNanos) {
        /// The time that so many of a hundred requests took at most.
        public double micros(int percent) {
            return sortedNanos[(int) ((sortedNanos.length - 1) * (long) percent / 100)] / 1e3;
        }
    }

    /// Asks again and again.
    ///
    /// @param atMost how often
    /// @param goOn asked before each
    public Times measure(int atMost, BooleanSupplier goOn) throws InterruptedException {
        long[] nanos = new long[atMost];
        int count = 0;
        while (count < atMost && goOn.getAsBoolean()) {
            long start = System.nanoTime();
            try (Message request = message().opCode(OpCode.REQUEST).channel(channel)) {
                request.body().append(body);
                group.enqueueToPeer(request);
            }
            expect(OpCode.RESPONSE);
            nanos[count++] = System.nanoTime() - start;
        }
        assertThat(count).as("round trips").isPositive();
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return new Times(sorted);
    }

    private void expect(OpCode opCode) throws InterruptedException {
        try (Message answer = group.waitReceive(Peer.PATIENCE)) {
            assertThat(answer).as("an answer").isNotNull();
            assertThat(answer.opCode()).isEqualTo(opCode);
            assertThat(answer.status()).isEqualTo(Status.SUCCESS);
        }
    }

    private Message message() {
        return ampe.get();
    }

    @Override
    public void close() {
        group.close();
    }
}
