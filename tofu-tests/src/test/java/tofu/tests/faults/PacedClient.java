package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import tofu.api.BinaryHeader;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;

/// Asks an [Echo] at a given rate, and now and then opens a second channel and says bye to it.
/// Strict: answers come in order, each once.
///
/// Thread: one, which [#run(double, long)] keeps until its time is over.
final class PacedClient {
    private static final int MAX_UNDER_WAY = 256;
    private static final long VISIT_NANOS = 50_000_000;
    private static final Duration A_TICK = Duration.ofMillis(1);
    private static final String BODY = "b".repeat(200);

    private final Peer peer;
    private final int channel;
    private final String address;
    private long asked;
    private long answered;
    private long visits;
    private long visitsEnded;

    PacedClient(Link link, String address) {
        this.peer = link.client();
        this.channel = link.clientChannel();
        this.address = address;
    }

    long answered() {
        return answered;
    }

    long visits() {
        return visitsEnded;
    }

    /// Asks for a while, then waits for all answers and for the end of every visit.
    ///
    /// @param perSecond how often; infinity for as often as possible
    void run(double perSecond, long nanos) throws InterruptedException {
        long start = System.nanoTime();
        long before = asked;
        long nextVisit = start;
        for (long now = start; now - start < nanos; now = System.nanoTime()) {
            double due = before + perSecond * (now - start) / 1e9;
            while (asked < due && asked - answered < MAX_UNDER_WAY) {
                ask();
            }
            if (now - nextVisit >= 0) {
                nextVisit = now + VISIT_NANOS;
                visit();
            }
            take(A_TICK);
        }
        while (answered < asked || visitsEnded < visits) {
            assertThat(take(Peer.PATIENCE)).as("what is missing").isTrue();
        }
    }

    void close() {
        peer.group().close();
    }

    private void ask() throws InterruptedException {
        try (Message request = peer.message().opCode(OpCode.REQUEST).channel(channel)) {
            request.id(++asked).body().append(BODY);
            peer.group().enqueueToPeer(request, Peer.PATIENCE);
        }
    }

    private void visit() {
        BinaryHeader hello = peer.sayHello(address);
        assertThat(hello.channel()).isNotEqualTo(channel);
        visits++;
    }

    /// Takes what has come.
    private boolean take(Duration patience) throws InterruptedException {
        boolean any = false;
        Duration left = patience;
        boolean more = true;
        while (more) {
            try (Message message = peer.group().waitReceive(left)) {
                more = message != null && answered < asked;
                if (message != null) {
                    take(message);
                    any = true;
                    left = Duration.ZERO;
                }
            }
        }
        return any;
    }

    private void take(Message message) {
        if (message.endsChannel()) {
            assertThat(message.channel()).isNotEqualTo(channel);
            visitsEnded++;
            return;
        }
        assertThat(message.origin()).as("" + message).isEqualTo(Origin.APPLICATION);
        switch (message.opCode()) {
            case RESPONSE -> assertThat(message.id()).isEqualTo(++answered);
            case HELLO_RESPONSE -> {
                int visited = message.channel();
                message.clear().opCode(OpCode.BYE_REQUEST).channel(visited);
                peer.group().enqueueToPeer(message);
            }
            default -> assertThat(message.opCode()).isEqualTo(OpCode.BYE_RESPONSE);
        }
    }
}
