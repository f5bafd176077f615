package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;

/// Groups that ask and are answered as fast as they can, each with a virtual thread and a few
/// requests under way. Strict: the answers come in order, none is missing, and nothing else comes
/// but the news of an empty pool.
///
/// Thread: one at a time; it starts the others, and waits for their end.
final class Askers {
    private static final int UNDER_WAY = 2;
    private static final String BODY = "b".repeat(64);

    private final List<Asker> askers = new ArrayList<>();

    /// What one phase came to.
    ///
    /// @param answers how many requests were answered
    /// @param nanos how long it took
    /// @param told how often each group was told that the pool is empty
    record Phase(long answers, long nanos, List<Integer> told) {
        double answersPerSecond() {
            return answers * 1e9 / nanos;
        }
    }

    void add(Link link) {
        askers.add(new Asker(link));
    }

    /// Lets all of them ask for a while, and waits for the last answer.
    Phase ask(Duration duration) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        List<Future<Long>> all = new ArrayList<>();
        long start = System.nanoTime();
        long answers = 0;
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Asker asker : askers) {
                all.add(executor.submit(() -> asker.askUntil(over)));
            }
            assertThat(over.await(duration.toNanos(), TimeUnit.NANOSECONDS)).isFalse();
            over.countDown();
            for (Future<Long> one : all) {
                answers += one.get();
            }
        }
        long nanos = System.nanoTime() - start;
        List<Integer> told = new ArrayList<>();
        for (Asker asker : askers) {
            told.add(asker.toldSinceAskedLast());
        }
        return new Phase(answers, nanos, told);
    }

    /// One group.
    private static final class Asker {
        private final Peer peer;
        private final int channel;
        private long lastAsked;
        private long lastAnswered;
        private int told;

        Asker(Link link) {
            this.peer = link.client();
            this.channel = link.clientChannel();
        }

        long askUntil(CountDownLatch over) throws InterruptedException {
            long before = lastAnswered;
            while (over.getCount() > 0 || lastAnswered < lastAsked) {
                while (over.getCount() > 0 && lastAsked - lastAnswered < UNDER_WAY) {
                    ask();
                }
                try (Message message = peer.group().waitReceive(Peer.PATIENCE)) {
                    assertThat(message).as("an answer to " + (lastAnswered + 1)).isNotNull();
                    take(message);
                }
            }
            return lastAnswered - before;
        }

        private void ask() {
            try (Message request = peer.message().opCode(OpCode.REQUEST).channel(channel)) {
                request.id(++lastAsked).body().append(BODY);
                peer.group().enqueueToPeer(request);
            }
        }

        private void take(Message message) {
            if (message.origin() == Origin.ENGINE) {
                assertThat(message.status()).isEqualTo(Status.POOL_EMPTY);
                told++;
            } else {
                assertThat(message.opCode()).isEqualTo(OpCode.RESPONSE);
                assertThat(message.id()).isEqualTo(++lastAnswered);
            }
        }

        int toldSinceAskedLast() throws InterruptedException {
            boolean more = true;
            while (more) {
                try (Message message = peer.group().waitReceive(Duration.ZERO)) {
                    more = message != null;
                    if (message != null) {
                        take(message);
                    }
                }
            }
            int count = told;
            told = 0;
            return count;
        }
    }
}
