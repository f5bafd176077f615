package tofu.kit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;

/// Jobs for workers, each of which takes them as fast as it can. A job is done when its worker has
/// said so; one whose worker goes away, or takes too long, is given to another.
///
/// Each peer of a [Server] that may take part has a [session][#session(Peer)] here. All is done by
/// Requests with one of these text headers:
///
/// - `put`: the body is a job. Answered at once; with `refused` if the queue is full, or this peer
///   has put as much as it may that is not done.
/// - `take`: answered when there is a job: its number in the text header `job`, how often it was
///   given in `delivery`, and the job as the body. The value says how many milliseconds to wait for
///   one, an hour at most; then the answer has the text header `none`.
/// - `done`: the job with that number is done. Answered; with `refused` if it was not in the hands
///   of this peer any more, and so may be done by another, too.
///
/// A job is done at least once, unless it was given as often as may be: then it is
/// [given up][Settings]. Jobs live in this process only, and those that are not done live as long
/// as the dispatcher, unless the queue is [closed][#close()].
///
/// Threads: any; it works on the dispatcher's thread.
///
/// Somewhat long, since its bounds, what it is told and what becomes of a job are one thing.
public final class WorkQueue implements AutoCloseable {
    /// The text header of a request that brings a job.
    public static final String PUT = "put";

    /// The text header of a request for a job.
    public static final String TAKE = "take";

    /// The text header of the answer when there was no job in time.
    public static final String NONE = "none";

    /// The text header of a request that says that a job is done.
    public static final String DONE = "done";

    /// The text header with a job's number.
    public static final String JOB = "job";

    /// The text header that says how often a job was given, this time included.
    public static final String DELIVERY = "delivery";

    /// The text header of the answer to a request that was refused.
    public static final String REFUSED = "refused";

    /// The bounds. Immutable; two are equal if they have the same values.
    public static final class Settings {
        /// 10,000 jobs or 64 MiB of them, of one peer 2,500 or 16 MiB; 16 for each worker, for a
        /// minute each, five times.
        public static final Settings USUAL = builder().build();

        private record Values(
                int jobs,
                long jobBytes,
                int putPerPeer,
                long putBytesPerPeer,
                int jobsPerPeer,
                Duration patience,
                int deliveries) {}

        private final Values values;

        private Settings(Values values) {
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

        /// How many jobs there may be at a time, those in hand included.
        ///
        /// @return at least 1
        public int jobs() {
            return values.jobs;
        }

        /// How many bytes of jobs there may be at a time, those in hand included, if there are no
        /// more jobs than [may be][#jobs()]. A job counts with its body and 16 bytes.
        ///
        /// @return at least 131,086, the longest message
        public long jobBytes() {
            return values.jobBytes;
        }

        /// How many jobs that one peer has put there may be at a time, until they are done or given
        /// up: so that no peer fills the queue for all others. They count for as long as its
        /// session lives; then those that are left count for the whole queue only.
        ///
        /// It does not follow [#jobs()], nor [#putBytesPerPeer()] [#jobBytes()]: for a smaller
        /// queue say a smaller share.
        ///
        /// @return at least 1
        public int putPerPeer() {
            return values.putPerPeer;
        }

        /// How many bytes of jobs that one peer has put there may be at a time, if there are no
        /// more jobs of it than [may be][#putPerPeer()].
        ///
        /// @return at least 131,086, the longest message
        public long putBytesPerPeer() {
            return values.putBytesPerPeer;
        }

        /// How many jobs a worker may have in hand and have asked for, together.
        ///
        /// @return at least 1
        public int jobsPerPeer() {
            return values.jobsPerPeer;
        }

        /// How long a worker may have a job.
        ///
        /// @return more than zero
        public Duration patience() {
            return values.patience;
        }

        /// How often a job is given at most.
        ///
        /// @return at least 1
        public int deliveries() {
            return values.deliveries;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Settings settings && values.equals(settings.values);
        }

        @Override
        public int hashCode() {
            return values.hashCode();
        }

        @Override
        public String toString() {
            return "Settings["
                    + ("jobs=" + values.jobs)
                    + (", jobBytes=" + values.jobBytes)
                    + (", putPerPeer=" + values.putPerPeer)
                    + (", putBytesPerPeer=" + values.putBytesPerPeer)
                    + (", jobsPerPeer=" + values.jobsPerPeer)
                    + (", patience=" + values.patience)
                    + (", deliveries=" + values.deliveries)
                    + "]";
        }

        /// Collects bounds. Threads: one at a time.
        public static final class Builder {
            private int jobs = 10_000;
            private long jobBytes = 64 << 20;
            private int putPerPeer = 2_500;
            private long putBytesPerPeer = 16 << 20;
            private int jobsPerPeer = 16;
            private Duration patience = Duration.ofMinutes(1);
            private int deliveries = 5;

            private Builder() {}

            private Builder(Values from) {
                jobs = from.jobs;
                jobBytes = from.jobBytes;
                putPerPeer = from.putPerPeer;
                putBytesPerPeer = from.putBytesPerPeer;
                jobsPerPeer = from.jobsPerPeer;
                patience = from.patience;
                deliveries = from.deliveries;
            }

            /// Sets [Settings#jobs()].
            ///
            /// @param jobs at least 1
            /// @return this
            /// @throws IllegalArgumentException if it is less
            public Builder jobs(int jobs) {
                this.jobs = Bounds.atLeast(1, "jobs", jobs);
                return this;
            }

            /// Sets [Settings#jobBytes()].
            ///
            /// @param jobBytes at least 131,086, the longest message
            /// @return this
            /// @throws IllegalArgumentException if it is less
            public Builder jobBytes(long jobBytes) {
                this.jobBytes = Bounds.roomForOne("jobBytes", jobBytes);
                return this;
            }

            /// Sets [Settings#putPerPeer()].
            ///
            /// @param putPerPeer at least 1
            /// @return this
            /// @throws IllegalArgumentException if it is less
            public Builder putPerPeer(int putPerPeer) {
                this.putPerPeer = Bounds.atLeast(1, "putPerPeer", putPerPeer);
                return this;
            }

            /// Sets [Settings#putBytesPerPeer()].
            ///
            /// @param putBytesPerPeer at least 131,086, the longest message
            /// @return this
            /// @throws IllegalArgumentException if it is less
            public Builder putBytesPerPeer(long putBytesPerPeer) {
                this.putBytesPerPeer = Bounds.roomForOne("putBytesPerPeer", putBytesPerPeer);
                return this;
            }

            /// Sets [Settings#jobsPerPeer()].
            ///
            /// @param jobsPerPeer at least 1
            /// @return this
            /// @throws IllegalArgumentException if it is less
            public Builder jobsPerPeer(int jobsPerPeer) {
                this.jobsPerPeer = Bounds.atLeast(1, "jobsPerPeer", jobsPerPeer);
                return this;
            }

            /// Sets [Settings#patience()].
            ///
            /// @param patience more than zero
            /// @return this
            /// @throws IllegalArgumentException if it is not
            public Builder patience(Duration patience) {
                this.patience = Bounds.moreThanZero("patience", patience);
                return this;
            }

            /// Sets [Settings#deliveries()].
            ///
            /// @param deliveries at least 1
            /// @return this
            /// @throws IllegalArgumentException if it is less
            public Builder deliveries(int deliveries) {
                this.deliveries = Bounds.atLeast(1, "deliveries", deliveries);
                return this;
            }

            /// Makes the bounds.
            ///
            /// @return the bounds
            public Settings build() {
                return new Settings(
                        new Values(
                                jobs,
                                jobBytes,
                                putPerPeer,
                                putBytesPerPeer,
                                jobsPerPeer,
                                patience,
                                deliveries));
            }
        }
    }

    /// Hears of jobs that were given as often as may be, or until the queue was closed, and not
    /// done.
    ///
    /// Threads: called by the thread that runs the dispatcher. Applications implement it: methods
    /// are added with a default only.
    @FunctionalInterface
    public interface GivenUp {
        /// Hears of one; the queue has forgotten it.
        ///
        /// @param number the job's number
        /// @param job the job
        void onGivenUp(long number, byte[] job);
    }

    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private static final String CLOSED = "the queue is closed";

    /// When to try again to give a job, or to say that there is none, if there was no memory.
    private static final Duration SOON = Duration.ofMillis(20);

    private static final class Job {
        private final long number;
        private final byte[] body;

        /// For the jobs of the peer that has put it; `null` if nobody has.
        private final @Nullable Room putter;

        private int deliveries;
        private @Nullable Timer patience;

        Job(long number, byte[] body, @Nullable Room putter) {
            this.number = number;
            this.body = body;
            this.putter = putter;
        }

        static long bytes(int bodyLength) {
            return Bounds.bytes(0, bodyLength);
        }
    }

    private final Dispatcher dispatcher;
    private final Settings settings;
    private final GivenUp givenUp;

    private final Room room;

    private final AtomicLong lastNumber = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong deliveries = new AtomicLong();
    private volatile boolean closed;

    // Loop only.
    /// By number, so that what is given again comes before what is younger.
    private final SortedMap<Long, Job> open = new TreeMap<>();

    /// Hands out what could not be.
    private final Timer again;

    /// Who waits for a job, once for each.
    private final Deque<Wish> wishes = new ArrayDeque<>();

    private final class Wish {
        private final Worker worker;
        private final long requestId;

        /// Rests when it has run: to set it again needs no memory.
        private final Timer patience;

        Wish(Worker worker, long requestId) {
            this.worker = worker;
            this.requestId = requestId;
            this.patience = dispatcher.resting(() -> worker.disappoint(this));
        }
    }

    /// Makes a queue.
    ///
    /// @param dispatcher the server's
    /// @param settings the bounds
    /// @param givenUp hears of jobs that are not done, and never will be
    /// @throws RejectedExecutionException if the dispatcher has 1,048,576 timers already
    public WorkQueue(Dispatcher dispatcher, Settings settings, GivenUp givenUp) {
        this.dispatcher = dispatcher;
        this.settings = settings;
        this.givenUp = givenUp;
        this.room = new Room(settings.jobs(), settings.jobBytes(), "jobs in the queue");
        this.again = dispatcher.resting(this::handOut);
    }

    /// Lets a peer take part. A Request that is not about jobs is refused, such as the beat of a
    /// [Heartbeat]: an answer is all that it wants. Signals and Responses are let go.
    ///
    /// @param peer may bring and take jobs
    /// @return its session
    public Session session(Peer peer) {
        return session(peer, message -> peer.refuse(message, REFUSED, "not about jobs"));
    }

    /// Lets a peer take part, beside other things.
    ///
    /// @param peer may bring and take jobs
    /// @param others is given what is not about jobs, notices, and the end; has to answer other
    ///     Requests: who asks waits, and so does [Server#drain]
    /// @return its session
    public Session session(Peer peer, Session others) {
        return new Worker(peer, others);
    }

    /// Brings a job of our own.
    ///
    /// @param job at most 65,535 bytes, copied
    /// @return false if there are as many as may be, or as many bytes of them
    /// @throws AmpeException with [Status#INVALID_BODY_LEN] for a longer one; with
    ///     [Status#INBOX_FULL] if the dispatcher has 65,536 tasks to do already; with
    ///     [Status#SHUTDOWN_STARTED], also if the queue is closed
    public boolean offer(byte[] job) {
        if (job.length > tofu.api.Body.MAX_LENGTH) {
            throw new AmpeException(Status.INVALID_BODY_LEN, job.length + " bytes");
        }
        if (closed) {
            throw new AmpeException(Status.SHUTDOWN_STARTED, CLOSED);
        }
        long bytes = Job.bytes(job.length);
        if (room.take(bytes) != null) {
            return false;
        }
        boolean taken = false;
        try {
            Job added = new Job(lastNumber.incrementAndGet(), job.clone(), null);
            dispatcher.execute(
                    () -> {
                        open.put(added.number, added);
                        handOut();
                    });
            taken = true;
            return true;
        } catch (RejectedExecutionException e) {
            throw dispatcher.refused("not taken", e);
        } finally {
            if (!taken) { // for want of memory, too
                room.giveBack(bytes);
            }
        }
    }

    /// How many jobs there are that are not done, those in hand included.
    ///
    /// @return 0 to the bound
    public int jobs() {
        return room.count();
    }

    /// How many bytes of jobs there are that are not done, those in hand included: of each its body
    /// and 16 bytes.
    ///
    /// @return 0 to the bound
    public long jobBytes() {
        return room.bytes();
    }

    /// How many jobs were done.
    ///
    /// @return the count so far
    public long done() {
        return done.get();
    }

    /// How often a job was given to a worker.
    ///
    /// @return the count so far
    public long deliveries() {
        return deliveries.get();
    }

    /// Takes no more jobs, and gives none any more: who waits for one is refused, and so is whoever
    /// brings or asks for one. Jobs in nobody's hands are told to [GivenUp], on the dispatcher's
    /// thread. One in hand may still be done; else it is told, too, when its worker goes, or has
    /// had it for too long. So each is done or told, unless the dispatcher had ended before.
    @Override
    public void close() {
        closed = true;
        try {
            dispatcher.execute(this::handOut);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            dispatcher.set(again, Duration.ZERO); // too many tasks; if it has ended, nothing
        }
    }

    // ---- the loop

    /// Nobody is given anything any more.
    private void letGo() {
        again.cancel();
        for (Wish wish : wishes) {
            dispatcher.set(wish.patience, Duration.ZERO);
        }
        while (!open.isEmpty()) {
            giveUp(Objects.requireNonNull(open.remove(open.firstKey())));
        }
    }

    private void giveUp(Job job) {
        leave(job);
        dispatcher.attempt(() -> givenUp.onGivenUp(job.number, job.body));
    }

    /// A job is no more.
    private void leave(Job job) {
        long bytes = Job.bytes(job.body.length);
        room.giveBack(bytes);
        if (job.putter != null) {
            job.putter.giveBack(bytes);
        }
    }

    private void handOut() {
        if (closed) {
            letGo();
            return;
        }
        while (!open.isEmpty() && !wishes.isEmpty()) {
            Wish wish = wishes.getFirst();
            Job job = Objects.requireNonNull(open.get(open.firstKey()));
            boolean given;
            try {
                given = wish.worker.give(job, wish.requestId);
            } catch (AmpeException | RejectedExecutionException | OutOfMemoryError e) {
                dispatcher.set(again, SOON); // no memory, or no room for a timer: both wait on
                return;
            }
            wishes.removeFirst();
            wish.patience.cancel();
            if (given) {
                open.remove(job.number);
            }
        }
    }

    private static void cancel(@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }

    /// A job is nobody's any more, and not done.
    private void takeBack(Job job) {
        cancel(job.patience);
        if (job.deliveries < settings.deliveries()) {
            open.put(job.number, job);
        } else {
            giveUp(job);
        }
    }

    private final class Worker implements Session {
        private final Peer peer;
        private final Session others;
        private final Map<Long, Job> inHand = new LinkedHashMap<>();

        /// For the jobs that this peer has put.
        private final Room puts =
                new Room(settings.putPerPeer(), settings.putBytesPerPeer(), "jobs put by one peer");

        private int wished;

        Worker(Peer peer, Session others) {
            this.peer = peer;
            this.others = others;
        }

        @Override
        public void onMessage(Message message) throws Exception {
            boolean asks = message.opCode() == OpCode.REQUEST && !message.more();
            String wait = asks ? message.headers().first(TAKE) : null;
            String number = asks ? message.headers().first(DONE) : null;
            if (asks && message.headers().first(PUT) != null) {
                put(message);
            } else if (wait != null) {
                take(message.id(), parsed(wait));
            } else if (number != null) {
                finish(message.id(), parsed(number));
            } else {
                others.onMessage(message);
            }
        }

        private void put(Message message) {
            long bytes = Job.bytes(message.body().length());
            String lack = closed ? CLOSED : puts.lack(bytes);
            if (lack == null) {
                lack = room.take(bytes);
            }
            if (lack == null) {
                add(message, bytes);
            }
            try {
                answer(message.id(), lack);
            } finally {
                handOut(); // whether or not the peer could be told
            }
        }

        private void add(Message message, long bytes) {
            boolean added = false;
            try {
                byte[] body = message.body().toByteArray();
                long number = lastNumber.incrementAndGet();
                open.put(number, new Job(number, body, puts));
                puts.add(bytes);
                added = true;
            } finally {
                if (!added) { // for want of memory
                    room.giveBack(bytes);
                }
            }
        }

        private void take(long requestId, long waitMillis) {
            if (waitMillis < 0) {
                answer(requestId, "how many milliseconds to wait?");
                return;
            }
            if (closed) {
                answer(requestId, CLOSED);
                return;
            }
            if (wished + inHand.size() >= settings.jobsPerPeer()) {
                answer(requestId, "no more than " + settings.jobsPerPeer() + " jobs at a time");
                return;
            }
            Wish wish = new Wish(this, requestId);
            Duration wait = Duration.ofMillis(Math.min(waitMillis, LONGEST_WAIT.toMillis()));
            wishes.add(wish);
            wished++;
            dispatcher.set(wish.patience, wait);
            handOut();
        }

        private void disappoint(Wish wish) {
            try {
                answer(
                        wish.requestId,
                        closed ? REFUSED : NONE,
                        closed ? CLOSED : "there is no job");
            } catch (AmpeException | OutOfMemoryError e) {
                dispatcher.set(wish.patience, SOON); // no memory: it waits on
                return;
            }
            wishes.remove(wish);
            wish.patience.cancel();
            wished--;
        }

        private void finish(long requestId, long number) {
            Job job = inHand.remove(number);
            if (job == null) {
                answer(requestId, "not in your hands");
                return;
            }
            cancel(job.patience);
            leave(job);
            done.incrementAndGet();
            answer(requestId, null);
        }

        /// Reads a number; what is none is -1, which neither a job nor a time is.
        private static long parsed(String number) {
            try {
                return Long.parseLong(number);
            } catch (NumberFormatException e) {
                return -1;
            }
        }

        /// Gives a job to who has asked for one.
        ///
        /// @return false if whoever has asked is gone: then it was not given
        /// @throws AmpeException if there is no memory, or no engine; the wish stands
        /// @throws RejectedExecutionException if there are too many timers; the wish stands
        boolean give(Job job, long requestId) {
            Timer patience = null;
            boolean given = false;
            try (Message response = peer.message()) {
                response.opCode(OpCode.RESPONSE).id(requestId);
                response.headers()
                        .append(JOB, Long.toString(job.number))
                        .append(DELIVERY, Integer.toString(job.deliveries + 1));
                response.body().append(job.body);
                patience = dispatcher.after(settings.patience(), () -> expire(job));
                inHand.put(job.number, job);
                given = peer.send(response);
            } finally {
                if (given) {
                    job.patience = patience;
                    job.deliveries++;
                    deliveries.incrementAndGet();
                } else {
                    inHand.remove(job.number);
                    cancel(patience);
                }
            }
            wished--;
            return given;
        }

        private void expire(Job job) {
            if (inHand.remove(job.number) != null) {
                takeBack(job);
                handOut();
            }
        }

        @Override
        public void onNotice(Message notice) throws Exception {
            others.onNotice(notice);
        }

        @Override
        public void onEnd(Status reason) {
            wishes.stream()
                    .filter(wish -> wish.worker == this)
                    .forEach(wish -> wish.patience.cancel());
            wishes.removeIf(wish -> wish.worker == this);
            List<Job> abandoned = List.copyOf(inHand.values());
            inHand.clear();
            abandoned.forEach(WorkQueue.this::takeBack);
            handOut();
            others.onEnd(reason);
        }

        private void answer(long id, @Nullable String refusal) {
            answer(id, REFUSED, refusal);
        }

        private void answer(long id, String header, @Nullable String value) {
            try (Message answer = peer.message()) {
                answer.opCode(OpCode.RESPONSE).id(id);
                if (value != null) {
                    answer.headers().append(header, value);
                }
                peer.send(answer);
            }
        }
    }
}
