package tofu.recipes.patterns;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.recipes.first.Services;
import tofu.recipes.first.Steps;

/// A work queue: workers ask for a job, one at a time, and asking for the next says that the last
/// is done. The job of a worker that goes away is given to another.
///
/// A Request asks; the Response has the job in its body, or a text header `idle` when all work is
/// done. While there may be work again, the worker waits.
public final class Jobs implements Services {
    /// The text header of the last response to a worker.
    static final String IDLE = "idle";

    /// A request that has no response yet.
    private record Waiting(int channel, long id) {}

    private final Deque<String> open = new ArrayDeque<>();
    private final Map<Integer, String> inHand = new HashMap<>();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private @Nullable Ampe ampe;
    private @Nullable ChannelGroup group;
    private int given;
    private int done;

    /// Adds a job; before the start only.
    void add(String job) {
        open.add(job);
    }

    /// How often a job was handed out. To be asked after the end.
    int given() {
        return given;
    }

    /// How many jobs were done. To be asked after the end.
    int done() {
        return done;
    }

    @Override
    public void start(Ampe ampe, ChannelGroup sendTo) {
        this.ampe = ampe;
        this.group = sendTo;
    }

    @Override
    public boolean onMessage(Message message) throws InterruptedException {
        if (message.endsChannel()) {
            String abandoned = inHand.remove(message.channel());
            if (abandoned != null) {
                open.addFirst(abandoned);
            }
            int channel = message.channel();
            waiting.removeIf(worker -> worker.channel() == channel);
        } else if (message.origin() == Origin.APPLICATION) {
            if (message.opCode() == OpCode.REQUEST) {
                done += inHand.remove(message.channel()) == null ? 0 : 1;
                waiting.add(new Waiting(message.channel(), message.id()));
            } else if (message.opCode().role() == OpCode.Role.REQUEST) {
                Steps.tryAnswer(Objects.requireNonNull(group), message); // a hello or a bye
            }
        }
        handOut();
        return true;
    }

    private void handOut() throws InterruptedException {
        while (!waiting.isEmpty() && (!open.isEmpty() || inHand.isEmpty())) {
            Waiting worker = waiting.remove();
            String job = open.poll();
            try (Message response = Steps.message(Objects.requireNonNull(ampe))) {
                response.opCode(OpCode.RESPONSE).channel(worker.channel()).id(worker.id());
                if (job == null) {
                    response.headers().append(IDLE, "yes");
                } else {
                    response.body().append(job);
                }
                boolean sent = Steps.trySend(Objects.requireNonNull(group), response);
                if (job != null && sent) {
                    inHand.put(worker.channel(), job);
                    given++;
                } else if (job != null) {
                    open.addFirst(job); // the worker has gone while it waited
                }
            }
        }
    }

    @Override
    public void stop() {
        waiting.clear();
    }
}
