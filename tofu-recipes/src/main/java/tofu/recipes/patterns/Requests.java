package tofu.recipes.patterns;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.Message;
import tofu.api.Status;
import tofu.kit.Connector;
import tofu.kit.Dispatcher;
import tofu.kit.Peer;
import tofu.kit.RequestException;
import tofu.kit.Server;
import tofu.kit.Session;
import tofu.recipes.first.Steps;

/// Fifty threads ask over one channel, and each gets its own answer, though the server answers in
/// another order; one question is never answered. The kit brings answers and threads together.
public final class Requests {
    private static final int ASKERS = 50;
    private static final int BATCH = 10;
    private static final String UNANSWERABLE = "why?";

    private Requests() {}

    /// Runs the recipe.
    public static String run(PrintStream out, Address.Server where)
            throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                Dispatcher serving = new Dispatcher(ampe).start();
                Dispatcher asking = new Dispatcher(ampe).start()) {
            Server server =
                    Server.builder(serving)
                            .listenOn(where)
                            .sessions((peer, hello) -> new Backwards(serving, peer))
                            .start();
            Address.Client address = server.listening().join().getFirst();
            try (Connector connector = Connector.to(asking, address)) {
                List<Future<String>> asked = new ArrayList<>();
                for (int i = 0; i < ASKERS; i++) {
                    String question = "question " + i;
                    asked.add(threads.submit(() -> ask(connector, question, Steps.PATIENCE)));
                }
                int right = 0;
                for (int i = 0; i < ASKERS; i++) {
                    right += asked.get(i).get().equals("answer to question " + i) ? 1 : 0;
                }
                String why = ask(connector, UNANSWERABLE, Duration.ofMillis(100));
                out.println(right + " threads have asked, and one answer never came");
                return right + " right answers; " + UNANSWERABLE + " " + why;
            }
        }
    }

    private static String ask(Connector server, String question, Duration timeout)
            throws InterruptedException {
        try (Message answer = server.askAndWait(ask -> ask.body().append(question), timeout)) {
            return answer.body().text();
        } catch (RequestException e) {
            return e.reason() == RequestException.Reason.TIMEOUT
                    ? "no answer in time"
                    : String.valueOf(e.getMessage());
        }
    }

    /// A session with its own idea of order: it keeps ten questions, then answers the last one
    /// first.
    private static final class Backwards implements Session {
        private final Dispatcher dispatcher;
        private final Peer peer;
        private final Deque<Message> kept = new ArrayDeque<>();

        Backwards(Dispatcher dispatcher, Peer peer) {
            this.dispatcher = dispatcher;
            this.peer = peer;
        }

        @Override
        public void onMessage(Message question) {
            if (!question.body().text().equals(UNANSWERABLE)) {
                kept.push(dispatcher.keep(question));
            }
            if (kept.size() == BATCH) {
                kept.forEach(this::answer);
                kept.clear();
            }
        }

        private void answer(Message kept) {
            try (Message question = kept) {
                String answer = "answer to " + question.body().text();
                question.body().clear().append(answer);
                peer.answer(question);
            }
        }

        @Override
        public void onEnd(Status reason) {
            kept.forEach(Message::close);
        }
    }
}
