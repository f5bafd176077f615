package tofu.recipes.patterns;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.recipes.first.Steps;

/// Finds out that a peer is dead, though its connection lives: a small request now and then, and a
/// limit for silence.
///
/// tofu has no heartbeat of its own. An answer to this one comes from the peer's application, which
/// is more than its kernel, or its engine, being alive. Anything that arrives counts as a sign of
/// life, so a busy channel needs no beats.
public final class Heartbeat {
    private static final Duration INTERVAL = Duration.ofMillis(50);
    private static final int MISSES_ALLOWED = 10;
    private static final int BEATS_ANSWERED = 5;

    private Heartbeat() {}

    /// Runs the recipe.
    public static String run(PrintStream out, Address.Server where)
            throws InterruptedException, ExecutionException {
        CountDownLatch over = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                ChannelGroup server = ampe.create();
                ChannelGroup client = ampe.create()) {
            Address.Client address = Steps.listen(ampe, server, where);
            Future<Integer> hung = threads.submit(() -> answerThenHang(server, over));
            int channel = Steps.connect(ampe, client, address);
            boolean alive = true;
            int misses = 0;
            while (alive) {
                beat(ampe, client, channel);
                misses = heard(out, client) ? 0 : misses + 1;
                alive = misses <= MISSES_ALLOWED;
            }
            out.println("no sign of life for " + misses + " beats: cut off");
            try (Message bye = ampe.get()) {
                // A ByeRequest would wait for an answer, too.
                client.enqueueToPeer(bye.opCode(OpCode.BYE_SIGNAL).channel(channel));
            }
            Steps.awaitEnd(client, channel);
            over.countDown();
            out.println("it had answered " + hung.get() + " beats");
            return "cut off after " + misses + " missed beats";
        }
    }

    private static void beat(Ampe ampe, ChannelGroup group, int channel) {
        try (Message beat = ampe.get()) {
            group.enqueueToPeer(beat.opCode(OpCode.REQUEST).channel(channel));
        }
    }

    /// Waits for one interval, or until there is a sign of life.
    private static boolean heard(PrintStream out, ChannelGroup group) throws InterruptedException {
        try (Message message = group.waitReceive(INTERVAL)) {
            boolean heard = message != null && message.origin() == Origin.APPLICATION;
            out.println(heard ? "beat" : "...");
            return heard;
        }
    }

    /// A server that hangs after a while: it neither receives nor goes away.
    private static int answerThenHang(ChannelGroup group, CountDownLatch over)
            throws InterruptedException {
        try (Message hello = Steps.receive(group, OpCode.HELLO_REQUEST)) {
            Steps.answer(group, hello);
        }
        for (int beat = 0; beat < BEATS_ANSWERED; beat++) {
            try (Message request = Steps.receive(group, OpCode.REQUEST)) {
                Steps.answer(group, request);
            }
        }
        over.await();
        return BEATS_ANSWERED;
    }
}
