package tofu.recipes.patterns;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.recipes.first.Services;
import tofu.recipes.first.Steps;

/// A broker: what is published on a topic goes to all who have subscribed to it.
///
/// A Request with a text header `subscribe` is answered once the subscription holds; a Signal with
/// `publish` is passed on. A subscriber who does not read misses what does not fit into its send
/// queue: nobody waits for the slowest.
public final class Topics implements Services {
    /// The text header of a subscription; its value is the topic.
    static final String SUBSCRIBE = "subscribe";

    /// The text header of a publication; its value is the topic.
    static final String PUBLISH = "publish";

    private final Map<String, Set<Integer>> subscribers = new LinkedHashMap<>();
    private @Nullable Ampe ampe;
    private @Nullable ChannelGroup group;
    private final PrintStream out;
    private long missed;

    /// Makes a broker.
    ///
    /// @param out for who missed something
    Topics(PrintStream out) {
        this.out = out;
    }

    @Override
    public void start(Ampe ampe, ChannelGroup sendTo) {
        this.ampe = ampe;
        this.group = sendTo;
    }

    @Override
    public boolean onMessage(Message message) throws InterruptedException {
        if (message.endsChannel()) {
            int channel = message.channel();
            subscribers.values().forEach(channels -> channels.remove(channel));
        } else if (message.origin() == Origin.APPLICATION) {
            String topic = message.headers().first(SUBSCRIBE);
            if (topic != null) {
                subscribers
                        .computeIfAbsent(topic, name -> new LinkedHashSet<>())
                        .add(message.channel());
            }
            if (message.opCode() == OpCode.SIGNAL) {
                publish(message);
            } else if (message.opCode().role() == OpCode.Role.REQUEST) {
                Steps.tryAnswer(Objects.requireNonNull(group), message);
            }
        }
        return true;
    }

    private void publish(Message news) {
        String topic = news.headers().first(PUBLISH);
        for (int channel : subscribers.getOrDefault(topic == null ? "" : topic, Set.of())) {
            try (Message copy = Steps.message(Objects.requireNonNull(ampe))) {
                copy.opCode(OpCode.SIGNAL).channel(channel);
                copy.headers().append(PUBLISH, Objects.requireNonNull(topic));
                copy.body().append(news.body().segment());
                Objects.requireNonNull(group).enqueueToPeer(copy);
            } catch (AmpeException e) {
                out.println("channel " + channel + " misses something: " + e.status());
                missed++; // it is too slow, or leaving
            }
        }
    }

    /// How often a subscriber missed something. To be asked after the end.
    long missed() {
        return missed;
    }

    @Override
    public void stop() {
        subscribers.clear();
    }
}
