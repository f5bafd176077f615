package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;

/// Snippets of docs/guide/threads.md.
class ThreadsTest {
    // @start region="desk"
    /// Lets any number of threads ask over one channel, while one thread receives.
    static final class Desk {
        private final Map<Long, CompletableFuture<String>> asked = new ConcurrentHashMap<>();
        private final AtomicLong lastId = new AtomicLong();

        /// Any thread.
        String ask(Ampe ampe, ChannelGroup group, int channel, String question) throws Exception {
            long id = lastId.incrementAndGet();
            CompletableFuture<String> answer = new CompletableFuture<>();
            asked.put(id, answer); // before sending: the answer may be faster than the call
            try (Message request = ampe.get()) {
                request.opCode(OpCode.REQUEST).channel(channel).id(id).body().append(question);
                group.enqueueToPeer(request);
                return answer.get(10, TimeUnit.SECONDS);
            } finally {
                asked.remove(id);
            }
        }

        /// The one thread that receives, until the group is closed.
        void receive(ChannelGroup group) throws InterruptedException {
            try {
                while (true) {
                    try (Message message = group.waitReceive()) {
                        CompletableFuture<String> answer = asked.get(message.id());
                        if (message.opCode() == OpCode.RESPONSE && answer != null) {
                            answer.complete(message.body().text());
                        }
                    }
                }
            } catch (AmpeException e) {
                if (e.status() != Status.SHUTDOWN_STARTED) {
                    throw e;
                }
            }
        }
    }

    // @end

    @Test
    void manyThreadsAskAndOneReceives() throws Exception {
        try (Visit visit = Visit.begin();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Desk desk = new Desk();
            Future<Boolean> receiver =
                    threads.submit(
                            () -> {
                                desk.receive(visit.group);
                                return true;
                            });
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                String question = "question " + i;
                answers.add(
                        threads.submit(
                                () -> desk.ask(visit.ampe, visit.group, visit.channel, question)));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(answers.get(i).get()).isEqualTo("question " + i);
            }
            visit.group.close();
            assertThat(receiver.get()).isTrue();
        }
    }

    @Test
    void twoThreadsCannotReceive() throws Exception {
        try (Visit visit = Visit.begin();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Status> one = threads.submit(() -> statusOfWaiting(visit.group));
            Future<Status> two = threads.submit(() -> statusOfWaiting(visit.group));
            List<Status> statuses = new ArrayList<>();
            while (!one.isDone() && !two.isDone()) {
                Thread.onSpinWait();
            }
            visit.group.close();
            statuses.add(one.get());
            statuses.add(two.get());
            assertThat(statuses)
                    .containsExactlyInAnyOrder(Status.CONCURRENT_RECEIVE, Status.SHUTDOWN_STARTED);
        }
    }

    private static Status statusOfWaiting(ChannelGroup group) throws InterruptedException {
        try (Message message = group.waitReceive()) {
            return message.status();
        } catch (AmpeException e) {
            return e.status();
        }
    }
}
