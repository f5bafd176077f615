package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Status;
import tofu.kit.Connector;
import tofu.kit.Dispatcher;
import tofu.kit.Requester;

/// Snippets of docs/guide/threads.md.
class ThreadsTest {
    // @start region="ask"
    /// Any thread, any number of them.
    static String ask(Dispatcher dispatcher, Requester requester, int channel, String question)
            throws InterruptedException {
        try (Message request = dispatcher.message()) {
            request.body().append(question);
            try (Message answer = requester.askAndWait(channel, request, Duration.ofSeconds(10))) {
                return answer.body().text();
            }
        }
    }

    // @end

    @Test
    void manyThreadsAskAndOneReceives() throws Exception {
        CompletableFuture<Integer> up = new CompletableFuture<>();
        try (Visit visit = Visit.begin();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Dispatcher dispatcher = new Dispatcher(visit.ampe).start();
                Connector connector =
                        Connector.builder(dispatcher)
                                .to(visit.neighbour.address())
                                .onUp(up::complete)
                                .start()) {
            Requester requester = new Requester(dispatcher);
            int channel = up.get(20, TimeUnit.SECONDS);
            assertThat(connector.channel()).isIn(0, channel); // 0 until the hook has returned
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                String question = "question " + i;
                answers.add(threads.submit(() -> ask(dispatcher, requester, channel, question)));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(answers.get(i).get()).isEqualTo("question " + i);
            }
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
