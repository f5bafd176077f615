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
import java.util.concurrent.TimeoutException;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.recipes.first.Steps;

/// Fifty threads ask over one channel, and each gets its own answer, though the server answers in
/// another order; one question is never answered. One thread receives. See [Correlator].
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
                ChannelGroup server = ampe.create();
                ChannelGroup client = ampe.create()) {
            Address.Client address = Steps.listen(ampe, server, where);
            Future<Integer> answers = threads.submit(() -> answerBackwards(server));
            int channel = Steps.connect(ampe, client, address);

            Correlator correlator = new Correlator(client);
            Future<Integer> others = threads.submit(() -> receive(client, correlator));
            List<Future<String>> asked = new ArrayList<>();
            for (int i = 0; i < ASKERS; i++) {
                String question = "question " + i;
                asked.add(threads.submit(() -> ask(ampe, correlator, channel, question)));
            }
            int right = 0;
            for (int i = 0; i < ASKERS; i++) {
                right += asked.get(i).get().equals("answer to question " + i) ? 1 : 0;
            }
            String why = whyNot(ampe, correlator, channel);
            ampe.destroy(server);
            ampe.destroy(client);
            out.println(answers.get() + " answers sent, other messages: " + others.get());
            return right + " right answers; " + UNANSWERABLE + " " + why;
        }
    }

    private static String ask(Ampe ampe, Correlator correlator, int channel, String question)
            throws InterruptedException, TimeoutException {
        try (Message request = Steps.message(ampe).channel(channel)) {
            request.body().append(question);
            try (Message response = correlator.ask(request, Steps.PATIENCE)) {
                return response.body().text();
            }
        }
    }

    private static String whyNot(Ampe ampe, Correlator correlator, int channel)
            throws InterruptedException {
        try (Message request = Steps.message(ampe).channel(channel)) {
            request.body().append(UNANSWERABLE);
            try (Message response = correlator.ask(request, Duration.ofMillis(100))) {
                return response.body().text();
            }
        } catch (TimeoutException e) {
            return "no answer in time";
        }
    }

    /// The one thread that receives: what the correlator does not take would be handled here.
    private static int receive(ChannelGroup group, Correlator correlator)
            throws InterruptedException {
        int others = 0;
        Message message = Steps.nextUnlessClosed(group);
        while (message != null) {
            if (!correlator.take(message)) {
                message.close();
                others++;
            }
            message = Steps.nextUnlessClosed(group);
        }
        return others;
    }

    /// A server with its own idea of order.
    private static int answerBackwards(ChannelGroup group) throws InterruptedException {
        Deque<Message> held = new ArrayDeque<>();
        int answers = 0;
        Message message = Steps.nextUnlessClosed(group);
        while (message != null) {
            if (message.opCode() == OpCode.HELLO_REQUEST) {
                Steps.answer(group, message);
            } else if (message.body().text().equals(UNANSWERABLE)) {
                message.close();
            } else {
                held.push(message);
            }
            if (held.size() == BATCH) {
                answers += answerAll(group, held);
            }
            message = Steps.nextUnlessClosed(group);
        }
        held.forEach(Message::close);
        return answers;
    }

    private static int answerAll(ChannelGroup group, Deque<Message> held)
            throws InterruptedException {
        int answers = 0;
        while (!held.isEmpty()) {
            Message request = held.pop();
            String answer = "answer to " + request.body().text();
            request.body().clear().append(answer);
            Steps.answer(group, request);
            answers++;
        }
        return answers;
    }
}
