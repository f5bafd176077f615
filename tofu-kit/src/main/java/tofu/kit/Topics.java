package tofu.kit;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;

/// Publish and subscribe: what is published on a topic goes to all who have subscribed to it.
///
/// Each peer of a [Server] that may take part has a [session][#session(Peer)] here. It subscribes
/// by a Request with the text header `subscribe`, and leaves by one with `unsubscribe`; it
/// publishes by a Signal, or a Request, with `publish`. The header's value is the topic. A Response
/// says that it was done; one with the text header `refused` that it was not, and why. What
/// subscribers get is a Signal with `publish`, the other text headers of the publication, and its
/// body.
///
/// Everything is bounded: topics, topics of one peer, the length of their names, and what waits for
/// a slow subscriber, in messages and in bytes; [Slow] says what becomes of it. A bye of ours comes
/// behind it, and ends what is new for that subscriber. The end of a channel ends its
/// subscriptions.
///
/// Threads: any; it works on the dispatcher's thread.
///
/// Somewhat long, since its bounds and what comes of them are one thing.
public final class Topics {
    /// The text header of a subscription.
    public static final String SUBSCRIBE = "subscribe";

    /// The text header of the end of a subscription.
    public static final String UNSUBSCRIBE = "unsubscribe";

    /// The text header of a publication.
    public static final String PUBLISH = "publish";

    /// The text header of the answer to a request that was refused.
    public static final String REFUSED = "refused";

    /// The longest name of a topic, in characters.
    public static final int MAX_NAME_LENGTH = 255;

    /// Of a character in UTF-8; two that are one count as two.
    private static final int MOST_BYTES_OF_CHAR = 3;

    /// The bounds. Immutable; two are equal if they have the same values.
    public static final class Limits {
        /// 10,000 topics, 100 for each peer, 256 messages or 4 MiB that wait for each, 64 MiB of
        /// our own news.
        public static final Limits USUAL = builder().build();

        private record Values(
                int topics,
                int topicsPerPeer,
                int waitingPerPeer,
                long waitingBytesPerPeer,
                long newsBytes) {}

        private final Values values;

        private Limits(Values values) {
            this.values = values;
        }

        /// Starts from [#USUAL].
        ///
        /// @return a new builder
        public static Builder builder() {
            return new Builder();
        }

        /// Starts from these bounds; they stay as they are.
        ///
        /// @return a new builder
        public Builder toBuilder() {
            return new Builder(values);
        }

        /// How many topics may have subscribers at a time.
        ///
        /// @return at least 1
        public int topics() {
            return values.topics;
        }

        /// How many topics one peer may have subscribed to.
        ///
        /// @return at least 1
        public int topicsPerPeer() {
            return values.topicsPerPeer;
        }

        /// How many messages may wait for room in a subscriber's send queue.
        ///
        /// @return 0 or more
        public int waitingPerPeer() {
            return values.waitingPerPeer;
        }

        /// How many bytes may wait for room in a subscriber's send queue, if there are no more
        /// messages than [may be][#waitingPerPeer()]. News counts as on the wire: text headers, the
        /// topic's among them, body and 16 bytes.
        ///
        /// @return at least 131,086, the longest message
        public long waitingBytesPerPeer() {
            return values.waitingBytesPerPeer;
        }

        /// How many bytes of our own news, of [Topics#publish], may wait for the dispatcher.
        ///
        /// @return at least 131,086, the longest message
        public long newsBytes() {
            return values.newsBytes;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Limits limits && values.equals(limits.values);
        }

        @Override
        public int hashCode() {
            return values.hashCode();
        }

        @Override
        public String toString() {
            return "Limits["
                    + ("topics=" + values.topics)
                    + (", topicsPerPeer=" + values.topicsPerPeer)
                    + (", waitingPerPeer=" + values.waitingPerPeer)
                    + (", waitingBytesPerPeer=" + values.waitingBytesPerPeer)
                    + (", newsBytes=" + values.newsBytes)
                    + "]";
        }

        /// Collects bounds. Threads: one at a time.
        public static final class Builder {
            private int topics = 10_000;
            private int topicsPerPeer = 100;
            private int waitingPerPeer = 256;
            private long waitingBytesPerPeer = 4 << 20;
            private long newsBytes = 64 << 20;

            private Builder() {}

            private Builder(Values from) {
                topics = from.topics;
                topicsPerPeer = from.topicsPerPeer;
                waitingPerPeer = from.waitingPerPeer;
                waitingBytesPerPeer = from.waitingBytesPerPeer;
                newsBytes = from.newsBytes;
            }

            /// Sets [Limits#topics()].
            ///
            /// @param topics at least 1
            /// @return this
            /// @throws IllegalArgumentException if it is less
            public Builder topics(int topics) {
                this.topics = Bounds.atLeast(1, "topics", topics);
                return this;
            }

            /// Sets [Limits#topicsPerPeer()].
            ///
            /// @param topicsPerPeer at least 1
            /// @return this
            /// @throws IllegalArgumentException if it is less
            public Builder topicsPerPeer(int topicsPerPeer) {
                this.topicsPerPeer = Bounds.atLeast(1, "topicsPerPeer", topicsPerPeer);
                return this;
            }

            /// Sets [Limits#waitingPerPeer()].
            ///
            /// @param waitingPerPeer 0 or more
            /// @return this
            /// @throws IllegalArgumentException if it is less
            public Builder waitingPerPeer(int waitingPerPeer) {
                this.waitingPerPeer = Bounds.atLeast(0, "waitingPerPeer", waitingPerPeer);
                return this;
            }

            /// Sets [Limits#waitingBytesPerPeer()].
            ///
            /// @param waitingBytesPerPeer at least 131,086, the longest message
            /// @return this
            /// @throws IllegalArgumentException if it is less
            public Builder waitingBytesPerPeer(long waitingBytesPerPeer) {
                this.waitingBytesPerPeer =
                        Bounds.roomForOne("waitingBytesPerPeer", waitingBytesPerPeer);
                return this;
            }

            /// Sets [Limits#newsBytes()].
            ///
            /// @param newsBytes at least 131,086, the longest message
            /// @return this
            /// @throws IllegalArgumentException if it is less
            public Builder newsBytes(long newsBytes) {
                this.newsBytes = Bounds.roomForOne("newsBytes", newsBytes);
                return this;
            }

            /// Makes the bounds.
            ///
            /// @return the bounds
            public Limits build() {
                return new Limits(
                        new Values(
                                topics,
                                topicsPerPeer,
                                waitingPerPeer,
                                waitingBytesPerPeer,
                                newsBytes));
            }
        }
    }

    private final Dispatcher dispatcher;
    private final Slow slow;
    private final Limits limits;
    private final AtomicLong missed = new AtomicLong();

    /// For our own news, until the loop has it; in number it is bounded as tasks are.
    private final Room ours;

    /// Loop only. No topic without subscribers.
    private final Map<String, Set<Subscriber>> byTopic = new HashMap<>();

    /// Makes a broker.
    ///
    /// @param dispatcher the server's
    /// @param slow what becomes of news for who does not keep up
    /// @param limits the bounds
    /// @throws IllegalArgumentException for [Slow#WAIT] if no news may wait: then there would be
    ///     nothing to wait for
    public Topics(Dispatcher dispatcher, Slow slow, Limits limits) {
        if (slow == Slow.WAIT && limits.waitingPerPeer() == 0) {
            throw new IllegalArgumentException("no news may wait for whom the publisher waits");
        }
        this.dispatcher = dispatcher;
        this.slow = slow;
        this.limits = limits;
        this.ours =
                new Room(Tasks.MAX_TASKS, limits.newsBytes(), "news that wait for the dispatcher");
    }

    /// Makes a broker with the usual bounds.
    ///
    /// @param dispatcher the server's
    /// @param slow what becomes of news for who does not keep up
    public Topics(Dispatcher dispatcher, Slow slow) {
        this(dispatcher, slow, Limits.USUAL);
    }

    /// Lets a peer take part. A Request that is not about topics is refused, such as the beat of a
    /// [Heartbeat]: an answer is all that it wants. Signals and Responses are let go.
    ///
    /// @param peer may subscribe and publish
    /// @return its session
    public Session session(Peer peer) {
        return session(peer, message -> peer.refuse(message, REFUSED, "not about topics"));
    }

    /// Lets a peer take part, beside other things.
    ///
    /// @param peer may subscribe and publish
    /// @param others is given what is not about topics, notices, and the end; has to answer other
    ///     Requests: who asks waits, and so does [Server#drain]
    /// @return its session
    public Session session(Peer peer, Session others) {
        return new Subscriber(peer, others);
    }

    /// Publishes something of our own.
    ///
    /// @param topic the topic
    /// @param news text headers and body; moved if this returns
    /// @return to how many subscribers it goes; with [Slow#WAIT] once it has left us for all; or an
    ///     [OutOfMemoryError]
    /// @throws AmpeException with [Status#INVALID_HEADER] for a name that is none, too long, or
    ///     begins or ends with a blank, which subscribers' names never do; with
    ///     [Status#INVALID_HEADERS_LEN] if the text headers leave no room for it; with
    ///     [Status#INBOX_FULL] if the dispatcher has 65,536 tasks to do already, or
    ///     [as many bytes][Limits#newsBytes()] of our own news wait for it as may; with
    ///     [Status#SHUTDOWN_STARTED]
    public CompletableFuture<Integer> publish(String topic, Message news) {
        String wrong = wrong(topic);
        if (wrong != null) {
            throw new AmpeException(Status.INVALID_HEADER, wrong);
        }
        CompletableFuture<Integer> done = new CompletableFuture<>();
        Message copy = Copies.of(dispatcher, news);
        boolean taken = false;
        try {
            copy.headers().remove(PUBLISH).prepend(PUBLISH, topic); // may be what no header can be
            handOver(topic, copy, done);
            taken = true;
        } finally {
            if (!taken) { // for want of memory, too
                copy.close();
            }
        }
        news.close();
        return done;
    }

    /// Publishes on the loop.
    ///
    /// @param news not the caller's any more, if this returns
    private void handOver(String topic, Message news, CompletableFuture<Integer> done) {
        long bytes = Bounds.bytes(news);
        String lack = ours.take(bytes);
        if (lack != null) {
            throw new AmpeException(Status.INBOX_FULL, "not published: " + lack);
        }
        boolean taken = false;
        try {
            dispatcher.execute(
                    () -> {
                        ours.giveBack(bytes);
                        try (news) {
                            fanOut(topic, news, new Publication(done::complete));
                        } catch (Throwable e) {
                            done.completeExceptionally(e);
                            throw e;
                        }
                    });
            taken = true;
        } catch (RejectedExecutionException e) {
            throw dispatcher.refused("not published", e);
        } finally {
            if (!taken) {
                ours.giveBack(bytes);
            }
        }
    }

    /// How often a subscriber missed something; what waited for it when it went is missed, too.
    ///
    /// @return the count so far
    public long missed() {
        return missed.get();
    }

    private static @Nullable String wrong(String topic) {
        if (topic.isEmpty()) {
            return "a topic needs a name";
        }
        if (isBlank(topic.charAt(0)) || isBlank(topic.charAt(topic.length() - 1))) {
            return "a topic's name neither begins nor ends with a blank";
        }
        return topic.length() > MAX_NAME_LENGTH
                ? "a topic's name has at most " + MAX_NAME_LENGTH + " characters"
                : null;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    // ---- the loop

    private void fanOut(String topic, Message news, Publication publication) {
        // A copy of the list, since a subscriber that is cut off leaves it.
        for (Subscriber subscriber : List.copyOf(byTopic.getOrDefault(topic, Set.of()))) {
            publication.begin();
            try (Message copy = Copies.of(dispatcher, news)) {
                copy.opCode(OpCode.SIGNAL).channel(subscriber.peer.channel());
                copy.id(0).outOfBand(false).headers().remove(PUBLISH).prepend(PUBLISH, topic);
                subscriber.hand(copy, publication);
            } catch (AmpeException | OutOfMemoryError e) {
                missed.incrementAndGet(); // no memory for one more copy
                publication.left();
            }
        }
        publication.left(); // the one that it began with
    }

    /// Says which bound some news would find full, for one subscriber at least.
    ///
    /// @return the bound in words; `null` if there is room for all
    private @Nullable String lack(String topic, Message news) {
        long bytes = mostBytes(topic, news);
        for (Subscriber subscriber : byTopic.getOrDefault(topic, Set.of())) {
            String lack = subscriber.backlog.lack(bytes);
            if (lack != null) {
                return lack;
            }
        }
        return null;
    }

    /// How much news counts at most once its topic is written anew, which a peer may have written
    /// in another way: as if it came on top.
    private static long mostBytes(String topic, Message news) {
        int header = PUBLISH.length() + ": \r\n".length() + MOST_BYTES_OF_CHAR * topic.length();
        return Math.min(Bounds.bytes(news) + header, Options.MAX_MESSAGE_BYTES);
    }

    /// Counts who does not have a publication yet, and has not missed it; it begins with one, the
    /// publisher, so that it is done when all have been tried at the earliest.
    private static final class Publication {
        private final IntConsumer done;
        private int under = 1;
        private int went;

        Publication(IntConsumer done) {
            this.done = done;
        }

        void begin() {
            under++;
        }

        void went() {
            went++;
        }

        void left() {
            if (--under == 0) {
                done.accept(went);
            }
        }
    }

    private final class Subscriber implements Session {
        private final Peer peer;
        private final Session others;
        private final Set<String> topics = new HashSet<>();
        private final Backlog backlog =
                new Backlog(dispatcher, limits.waitingPerPeer(), limits.waitingBytesPerPeer());

        Subscriber(Peer peer, Session others) {
            this.peer = peer;
            this.others = others;
        }

        @Override
        public void onMessage(Message message) throws Exception {
            boolean asks = message.opCode() == OpCode.REQUEST;
            String published = null;
            if (!message.more() && (asks || message.opCode() == OpCode.SIGNAL)) {
                published = message.headers().first(PUBLISH);
            }
            String wanted = asks ? message.headers().first(SUBSCRIBE) : null;
            String unwanted = asks ? message.headers().first(UNSUBSCRIBE) : null;
            if (published != null) {
                publish(published, message, asks);
            } else if (wanted != null) {
                answer(message.id(), subscribe(wanted));
            } else if (unwanted != null) {
                unsubscribe(unwanted);
                answer(message.id(), null);
            } else {
                others.onMessage(message);
            }
        }

        @Override
        public void onNotice(Message notice) throws Exception {
            if (notice.status() == Status.SEND_QUEUE_READY) {
                backlog.flush();
            }
            others.onNotice(notice);
        }

        @Override
        public void onEnd(Status reason) {
            leave();
            others.onEnd(reason);
        }

        /// Subscribes.
        ///
        /// @return why not, or `null`
        private @Nullable String subscribe(String topic) {
            String wrong = wrong(topic);
            if (wrong != null || topics.contains(topic)) {
                return wrong;
            }
            if (topics.size() >= limits.topicsPerPeer()) {
                return "no more than " + limits.topicsPerPeer() + " topics for one peer";
            }
            if (!byTopic.containsKey(topic) && byTopic.size() >= limits.topics()) {
                return "no more than " + limits.topics() + " topics";
            }
            topics.add(topic);
            byTopic.computeIfAbsent(topic, name -> new LinkedHashSet<>()).add(this);
            return null;
        }

        private void unsubscribe(String topic) {
            if (topics.remove(topic)) {
                removeFrom(topic);
            }
        }

        private void leave() {
            topics.forEach(this::removeFrom);
            topics.clear();
            missed.addAndGet(backlog.size());
            backlog.end();
        }

        private void removeFrom(String topic) {
            Set<Subscriber> all = byTopic.get(topic);
            if (all != null && all.remove(this) && all.isEmpty()) {
                byTopic.remove(topic);
            }
        }

        private void publish(String topic, Message news, boolean asks) {
            long id = news.id();
            String wrong = wrong(topic);
            if (wrong == null && asks && slow == Slow.WAIT) {
                wrong = lack(topic, news);
            }
            if (wrong != null) {
                if (asks) {
                    answer(id, wrong);
                }
                return;
            }
            IntConsumer done = asks ? count -> answerLater(id) : count -> {};
            fanOut(topic, news, new Publication(done));
        }

        /// Takes news.
        ///
        /// @param copy moved, or missed
        void hand(Message copy, Publication publication) {
            Backlog.Outcome outcome = offer(copy, publication);
            while (outcome == Backlog.Outcome.FULL
                    && slow == Slow.DROP_OLDEST
                    && backlog.dropOldest()) {
                missed.incrementAndGet(); // a long one takes the place of several
                outcome = offer(copy, publication);
            }
            if (outcome == Backlog.Outcome.TAKEN) {
                publication.went();
            } else if (outcome == Backlog.Outcome.FULL) {
                missed.incrementAndGet();
                if (slow == Slow.DISCONNECT) {
                    dispatcher.attempt(peer::cut); // it leaves, whatever becomes of that
                    leave();
                }
            }
            if (outcome != Backlog.Outcome.TAKEN || slow != Slow.WAIT) {
                publication.left();
            }
        }

        /// Sends news, or lets it wait: then a bye does, too.
        private Backlog.Outcome offer(Message copy, Publication publication) {
            if (peer.isLeaving()) {
                return Backlog.Outcome.GONE;
            }
            peer.hold();
            boolean taken = false;
            try {
                Backlog.Outcome outcome = backlog.offer(copy, () -> left(publication));
                taken = outcome == Backlog.Outcome.TAKEN;
                return outcome;
            } finally {
                if (!taken) {
                    peer.release();
                }
            }
        }

        /// News waits no more. What need not wait for all has left us as soon as it was tried.
        private void left(Publication publication) {
            peer.release();
            if (slow == Slow.WAIT) {
                publication.left();
            }
        }

        /// Answers, in the midst of what concerns another peer.
        private void answerLater(long id) {
            try {
                answer(id, null);
            } catch (AmpeException | OutOfMemoryError e) {
                peer.cut(); // no memory: it would wait in vain
            }
        }

        private void answer(long id, @Nullable String refusal) {
            try (Message answer = peer.message()) {
                answer.opCode(OpCode.RESPONSE).id(id);
                if (refusal != null) {
                    answer.headers().append(REFUSED, refusal);
                }
                peer.send(answer);
            }
        }
    }
}
