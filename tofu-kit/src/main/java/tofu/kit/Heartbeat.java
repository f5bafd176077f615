package tofu.kit;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import tofu.api.Channel;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;

/// Finds out which of the channels that it watches are dead, though their connections live, and
/// lets their peers find out that we are not.
///
/// *Idle in*: when nothing has come from a peer for an interval, it is asked by a Request with the
/// text header `beat`. Whatever comes is a sign of life, so a busy channel has no beats, and an
/// answer to the beat is one from the peer's application, not only from its kernel. After so many
/// intervals in a row without one, the channel is cut: it ends as any other does. An interval in
/// which a peer could not be asked, for want of memory, does not count against it. Nor does one at
/// whose end its channel is [paused][Channel#pauseReceive()], and the one after that: what it sends
/// is not read, so that it cannot be heard. Beats go on, as signs of ours.
///
/// *Idle out*: each beat is a sign of ours at the same time. A peer that only listens for us gets
/// one in every interval, if asked for.
///
/// Beats of the peer are answered here. It need not use this class: it answers Requests, as any
/// server does. Nobody else sees beats and their answers; all else is for the others. A channel may
/// be watched by several: each goes by its own interval, and a beat, or its answer, is a sign of
/// life for all of them.
///
/// Threads: any.
/// Errors: what fails for one channel goes to [Dispatcher#onFailure], and concerns no other.
public final class Heartbeat implements AutoCloseable {
    /// The text header of a beat, and of its answer.
    public static final String BEAT = "beat";

    /// What is known of a channel; loop only.
    private static final class Watched {
        private final Channel view;
        private boolean heard = true;
        private int misses;

        /// Whether it was paused at the last look: what came meanwhile may not be read yet.
        private boolean paused;

        Watched(Channel view) {
            this.view = view;
        }

        /// Whether its peer could not be heard, or not for the whole interval; asked once in each.
        boolean isExcused() {
            boolean before = paused;
            paused = view.isReceivePaused();
            return paused || before;
        }
    }

    private final Dispatcher dispatcher;
    private final int mostMisses;
    private final boolean always;
    private final Timer timer;
    private final AtomicLong dead = new AtomicLong();

    /// Ids begin anywhere, so that neither another one nor a requester has the same.
    private final long firstId = ThreadLocalRandom.current().nextLong();

    /// How many ids were given so far; loop only.
    private long idCount;

    /// Loop only.
    private final Map<Integer, Watched> watched = new HashMap<>();

    private final Ear ear = new Ear();

    /// Takes the beats, so that nobody behind sees them: it has to tell the others of its kind.
    private final class Ear implements Filter {
        @Override
        public boolean take(Message message) {
            return Heartbeat.this.take(message);
        }

        void hear(int channel) {
            Watched known = watched.get(channel);
            if (known != null) {
                known.heard = true;
            }
        }
    }

    /// Watches channels in the usual way: beats only where nothing comes.
    ///
    /// @param dispatcher receives for the channels
    /// @param interval how long a peer may be silent before it is asked, more than zero
    /// @param misses after how many intervals in a row without a sign of life it is dead, at least
    ///     1; the first beat is sent after one interval, so 1 leaves no time to answer it
    /// @throws IllegalArgumentException if one of the two is out of range
    /// @throws java.util.concurrent.RejectedExecutionException if the dispatcher has 1,048,576
    ///     timers already
    public Heartbeat(Dispatcher dispatcher, Duration interval, int misses) {
        this(dispatcher, interval, misses, false);
    }

    /// Watches channels.
    ///
    /// @param dispatcher receives for the channels
    /// @param interval how long a peer may be silent before it is asked, more than zero
    /// @param misses after how many intervals in a row without a sign of life it is dead
    /// @param always whether each peer gets a beat in every interval, whatever comes from it
    /// @throws IllegalArgumentException if one of the two is out of range
    /// @throws java.util.concurrent.RejectedExecutionException if the dispatcher has 1,048,576
    ///     timers already
    public Heartbeat(Dispatcher dispatcher, Duration interval, int misses, boolean always) {
        this.dispatcher = dispatcher;
        this.mostMisses = Bounds.atLeast(1, "misses", misses);
        this.always = always;
        this.timer = dispatcher.every(interval, this::tick);
        dispatcher.filterFirst(ear); // what another filter takes is a sign of life, too
    }

    /// Begins to watch a channel, until it ends; does nothing if it has ended. Answers its beats.
    ///
    /// @param channel the channel's number; its peer has said hello
    /// @throws java.util.concurrent.RejectedExecutionException if the dispatcher has ended, or
    ///     65,536 tasks wait, and this is not its thread
    public void watch(int channel) {
        Channel view = dispatcher.group().channel(channel);
        if (view != null) {
            run(
                    () -> {
                        // Else its end has been seen already, and another may have the number.
                        if (view.state() != Channel.State.CLOSED) {
                            watched.putIfAbsent(channel, new Watched(view));
                        }
                    });
        }
    }

    /// Ends what [#watch(int)] began.
    ///
    /// @param channel the channel's number
    /// @throws java.util.concurrent.RejectedExecutionException as [#watch(int)]
    public void unwatch(int channel) {
        run(() -> watched.remove(channel));
    }

    /// How many channels were found dead, and cut.
    ///
    /// @return the count so far
    public long dead() {
        return dead.get();
    }

    /// Watches nothing any more.
    @Override
    public void close() {
        timer.cancel();
        dispatcher.unfilter(ear);
    }

    /// On the loop at once, so that the end of a channel cannot come in between.
    private void run(Runnable task) {
        if (dispatcher.isLoop()) {
            task.run();
        } else {
            dispatcher.execute(task);
        }
    }

    private boolean take(Message message) {
        Watched channel = watched.get(message.channel());
        if (channel == null) {
            return false;
        }
        if (message.endsChannel()) {
            watched.remove(message.channel());
            return false;
        }
        if (message.origin() == Origin.ENGINE) {
            return false;
        }
        channel.heard = true;
        boolean asks = message.opCode() == OpCode.REQUEST && message.headers().first(BEAT) != null;
        if (!asks && !isAnswer(message)) {
            return false;
        }
        for (Filter other : dispatcher.filters()) {
            if (other instanceof Ear another) {
                another.hear(message.channel());
            }
        }
        if (asks) {
            dispatcher.send(message.opCode(OpCode.RESPONSE)); // no room: more than a beat is there
        }
        return true;
    }

    /// Whether a message answers a beat of ours, in whatever words.
    private boolean isAnswer(Message message) {
        return message.opCode() == OpCode.RESPONSE
                && Long.compareUnsigned(message.id() - firstId - 1, idCount) < 0;
    }

    private void tick() {
        // A copy, since who hears of a failure may watch others.
        for (int number : List.copyOf(watched.keySet())) {
            dispatcher.attempt(() -> look(number)); // none costs another one its beat
        }
    }

    private void look(int number) {
        Watched channel = watched.get(number);
        if (channel == null) {
            return;
        }
        boolean heard = channel.heard;
        channel.heard = false;
        boolean excused = channel.isExcused();
        if (heard || excused) {
            channel.misses = 0;
        } else if (channel.misses + 1 >= mostMisses) {
            dispatcher.cut(number); // a ByeRequest would wait for an answer, too
            watched.remove(number); // last, so that the next interval tries again
            dead.incrementAndGet();
            return;
        }
        if (!heard || always) {
            beat(number);
        }
        if (!heard && !excused) {
            channel.misses++; // only of who could be asked
        }
    }

    private void beat(int channel) {
        try (Message beat = dispatcher.message()) {
            beat.opCode(OpCode.REQUEST).channel(channel).id(firstId + ++idCount);
            beat.headers().append(BEAT, "?");
            dispatcher.send(beat); // no room: then the peer has enough to answer
        }
    }
}
