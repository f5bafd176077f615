package tofu.tests.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// A group with its receiver, which takes whatever comes, checks it, keeps some of it for a while,
/// and answers.
///
/// Threads: the receiver runs [#run()]; what other threads may use is said there.
final class Party {
    private static final long LONGEST_WAIT_NANOS = 5_000_000;

    private final Game game;
    private final Ampe ampe;
    private final ChannelGroup group;
    private final SplittableRandom dice;

    /// As a sender that echoes.
    private final int sender;

    /// Greeted channels; only the receiver changes it, others look on.
    private final Map<Integer, Line.End> ends = new ConcurrentHashMap<>();

    /// Updates that were taken, by who gave them.
    private final Map<Integer, Long> updates = new ConcurrentHashMap<>();

    private final AtomicLong wakeUps = new AtomicLong();
    private final Deque<Message> hoard = new ArrayDeque<>();
    private volatile @Nullable String address;
    private long doorId;
    private volatile boolean closesEarly;
    private volatile boolean closed;

    Party(Game game, Ampe ampe, SplittableRandom dice) {
        this.game = game;
        this.ampe = ampe;
        this.group = ampe.create();
        this.dice = dice;
        this.sender = game.newSender();
    }

    // ---- for all threads

    Ampe ampe() {
        return ampe;
    }

    ChannelGroup group() {
        return group;
    }

    /// Where it listens, once it does.
    @Nullable String address() {
        return address;
    }

    boolean closesEarly() {
        return closesEarly;
    }

    /// Closes the group while others use it.
    void closeEarly() {
        closesEarly = true;
        group.close();
    }

    /// An open channel.
    Line.@Nullable End anyOpen(SplittableRandom of) {
        Object[] all = ends.values().toArray();
        return all.length == 0 ? null : (Line.End) all[of.nextInt(all.length)];
    }

    long updatesOf(int giver) {
        return updates.getOrDefault(giver, 0L);
    }

    long wakeUps() {
        return wakeUps.get();
    }

    boolean isClosed() {
        return closed;
    }

    /// Starts to listen; the receiver will know where.
    void listen() {
        Message message = ampe.get();
        doorId = Long.MAX_VALUE;
        message.id(doorId);
        group.enqueueToPeer(
                message.listenOn(Address.listenOn(game.setting.transport().listenAddress())));
    }

    // ---- the receiver

    /// Receives until the group is closed.
    void run() throws InterruptedException {
        try {
            while (true) {
                Message message = group.waitReceiveNanos(dice.nextLong(LONGEST_WAIT_NANOS));
                if (message == null) {
                    release();
                } else {
                    game.watchdog.pat();
                    hoard.add(message);
                    on(message);
                    if (hoard.size() > game.setting.hoard()) {
                        release();
                    }
                }
            }
        } catch (AmpeException e) {
            if (e.status() != Status.SHUTDOWN_STARTED) {
                throw e;
            }
        } finally {
            release();
            closed = true;
            ends.values().forEach(Line.End::end);
        }
    }

    private void release() {
        hoard.forEach(Message::close);
        hoard.clear();
    }

    private void on(Message message) {
        if (message.endsChannel()) {
            onEnd(message);
        } else if (message.status() == Status.RECEIVER_UPDATE) {
            onUpdate(message);
        } else if (message.origin() == Origin.APPLICATION) {
            onPeers(message);
        } else if (message.status() == Status.SEND_QUEUE_READY) {
            onReady(message);
        } else if (message.opCode() == OpCode.SIGNAL && message.body().length() > 0) {
            takeBack(message);
        } else {
            assertThat(message.status()).isNotEqualTo(Status.PROCESSING_FAILED);
        }
    }

    private Line.End end(Message message) {
        Line.End end = ends.get(message.channel());
        if (end == null) {
            throw new AssertionError("not of an open channel: " + message.header());
        }
        return end;
    }

    private void onEnd(Message message) {
        Line.End end = ends.remove(message.channel());
        if (message.id() == 0 || message.id() == doorId) {
            assertThat(end).as("the end of a stranger, or a listener").isNull();
        } else if (end != null) {
            assertThat(message.id()).as("the end of " + end).isEqualTo(end.line().id);
            end.end();
        } else {
            Line.End unanswered = game.line(message.id()).client;
            assertThat(unanswered.party).as("whose hello it was").isSameAs(this);
            assertThat(unanswered.ended).as("ended twice: " + unanswered).isFalse();
            unanswered.end();
        }
    }

    private void onReady(Message message) {
        Line.End end = ends.get(message.channel());
        if (end != null) {
            end.ready.incrementAndGet();
        } else {
            assertThat(game.setting.reusesNumbers()).as("room in no open channel").isTrue();
        }
    }

    private void onUpdate(Message message) {
        if (message.origin() == Origin.ENGINE) {
            wakeUps.incrementAndGet();
        } else {
            Load update = Load.of(message, Load.SHORT);
            long before = updatesOf(update.sender());
            assertThat(update.number()).as("the next update").isEqualTo(before + 1);
            updates.put(update.sender(), update.number());
        }
    }

    private void onPeers(Message message) {
        switch (message.opCode()) {
            case WELCOME_RESPONSE -> address = message.headers().first(Address.LISTEN_ON);
            case HELLO_REQUEST -> {
                Line.End end = game.line(message.id()).server;
                int channel = message.channel();
                // First, as what senders say must come behind it.
                reply(message.opCode(OpCode.HELLO_RESPONSE));
                greet(end, channel);
            }
            case HELLO_RESPONSE -> greet(game.line(message.id()).client, message.channel());
            case BYE_REQUEST -> reply(message.opCode(OpCode.BYE_RESPONSE));
            case BYE_RESPONSE -> end(message).line().bidden = true;
            case SIGNAL -> onLoad(message);
            default -> throw new AssertionError("unexpected: " + message.header());
        }
    }

    private void greet(Line.End end, int channel) {
        end.party = this;
        end.channel = channel;
        assertThat(ends.put(channel, end)).as("a number that is in use: " + end).isNull();
        assertThat(end.ended).as("ended before its hello: " + end).isFalse();
        end.open = true;
    }

    private void reply(Message message) {
        try {
            group.enqueueToPeer(message);
        } catch (AmpeException e) {
            assertThat(e.status()).as("a reply refused: " + e).isIn(Refusals.GONE);
        }
    }

    private void onLoad(Message message) {
        game.arrivals.incrementAndGet();
        Load load = Load.of(message, game.setting.maxBody());
        if (strayed(load, ends.get(message.channel()))) {
            return;
        }
        Line.End end = end(message);
        end.other().track(load.sender()).arrive(load.number());
        if (game.setting.bothWays() && dice.nextInt(4) == 0) {
            echo(message, end);
        }
    }

    /// Whether it was meant for an earlier channel of the same number.
    private boolean strayed(Load load, Line.@Nullable End end) {
        if (end != null && load.line() == end.line().id) {
            return false;
        }
        assertThat(game.setting.reusesNumbers()).as(load + " came to " + end).isTrue();
        game.line(load.line()).blurred = true;
        return true;
    }

    private void takeBack(Message message) {
        Load load = Load.of(message, game.setting.maxBody());
        Line.End end = ends.get(message.channel());
        if (!strayed(load, end)) {
            end(message).track(load.sender()).books.takeBack(load.number());
        }
    }

    /// Sends something of our own in the memory of what came.
    private void echo(Message message, Line.End end) {
        Line.Track track = end.track(sender);
        Load load = new Load(end.line().id, sender, track.books.next());
        try {
            message.clear().opCode(OpCode.SIGNAL).channel(end.channel);
            load.fill(message, game.setting.maxBody());
            group.enqueueToPeer(message);
            track.books.accept(load.number());
        } catch (AmpeException e) {
            assertThat(e.status()).as("an echo refused: " + e).isIn(Refusals.ALL);
        }
    }
}
