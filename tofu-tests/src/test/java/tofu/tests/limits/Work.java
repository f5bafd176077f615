package tofu.tests.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Running;

/// What one thread does with one group again and again until the round is over.
///
/// Thread: one, which may be any but the group's receiver.
final class Work implements Running.Action {
    /// What it does.
    enum Kind {
        /// Sends, and waits for room as the engine offers it.
        WAIT_FOR_ROOM,
        /// Sends, and waits for the notice of room after a refusal.
        WAIT_FOR_NOTICE,
        /// Opens channels, sends a little, and ends them, one way or the other.
        OPEN_AND_END,
        /// Wakes the receiver, and gives it messages.
        UPDATE,
        /// Takes messages of any size until there are no more, and gives them back.
        HOARD
    }

    private static final long LONG_NANOS = Duration.ofMinutes(1).toNanos();

    /// Where servers send, too, both sides may wait for each other's memory, until one gives in.
    private static final long SHORT_NANOS = 20_000_000;

    private static final int MANY = 400;
    private static final int[] SIZES = {0, 100, 1_000, 4_000, 16_000, 65_000};
    private static final byte[] BYTES = new byte[65_535];
    private static final long PAUSE_NANOS = 100_000;

    private final Game game;
    private final Kind kind;
    private final Party party;

    /// Where to connect to.
    private final List<Party> servers;

    private final SplittableRandom dice;
    private final int sender;
    private long updates;
    private long wakeUps;
    private final Deque<Message> hoard = new ArrayDeque<>();

    Work(Game game, Kind kind, Party party, List<Party> servers, SplittableRandom dice) {
        this.game = game;
        this.kind = kind;
        this.party = party;
        this.servers = servers;
        this.dice = dice;
        this.sender = game.newSender();
    }

    @Override
    public void run() throws InterruptedException {
        try {
            while (!game.isOver() && !party.isClosed()) {
                step();
            }
        } finally {
            releaseHoard();
        }
    }

    private void step() throws InterruptedException {
        try {
            switch (kind) {
                case WAIT_FOR_ROOM, WAIT_FOR_NOTICE -> send();
                case OPEN_AND_END -> openAndEnd();
                case UPDATE -> update();
                case HOARD -> hoard();
            }
        } catch (AmpeException e) {
            assertThat(e.status()).as("refused: " + e).isIn(Refusals.ALL);
            if (e.status() == Status.SHUTDOWN_STARTED) {
                assertThat(party.closesEarly()).as("closed by us").isTrue();
                game.watchdog.await("a receiver ends", party::isClosed);
            }
            pause();
        }
    }

    private static void pause() {
        LockSupport.parkNanos(PAUSE_NANOS);
    }

    private @Nullable Message message() {
        return party.ampe()
                .get(dice.nextBoolean() ? AllocationStrategy.ALWAYS : AllocationStrategy.POOL_ONLY);
    }

    // ---- sending

    private void send() throws InterruptedException {
        Line.End end = party.anyOpen(dice);
        if (end != null) {
            send(end);
        } else if (servers.isEmpty()) {
            pause();
        } else {
            open();
        }
    }

    private void send(Line.End end) throws InterruptedException {
        Line.Track track = end.track(sender);
        long number = track.books.next();
        try (Message message = message()) {
            if (message == null) {
                pause();
                return;
            }
            message.opCode(OpCode.SIGNAL).channel(end.channel);
            new Load(end.line().id, sender, number).fill(message, game.setting.maxBody());
            if (kind == Kind.WAIT_FOR_NOTICE ? moveOnNotice(message, end) : move(message)) {
                track.books.accept(number);
                game.watchdog.pat();
            }
        }
    }

    private boolean move(Message message) throws InterruptedException {
        boolean patient = !game.setting.bothWays() && dice.nextInt(4) != 0;
        try {
            party.group()
                    .enqueueToPeer(message, Duration.ofNanos(patient ? LONG_NANOS : SHORT_NANOS));
            return true;
        } catch (AmpeException e) {
            if (e.status() != Status.SEND_QUEUE_FULL) {
                throw e;
            }
            return false;
        }
    }

    /// Tries again after each notice, however often there is no room then.
    private boolean moveOnNotice(Message message, Line.End end) {
        while (true) {
            int before = end.ready.get();
            try {
                party.group().enqueueToPeer(message);
                return true;
            } catch (AmpeException e) {
                if (e.status() != Status.SEND_QUEUE_FULL) {
                    throw e;
                }
            }
            BooleanSupplier goesOn =
                    () -> end.ready.get() != before || end.ended || party.isClosed();
            if (game.setting.bothWays()) {
                if (!awaitOrOver(goesOn)) {
                    return false;
                }
            } else {
                game.watchdog.await("notice of room in " + end, goesOn);
            }
            if (end.ended || party.isClosed()) {
                return false;
            }
        }
    }

    private boolean awaitOrOver(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (game.isOver()) {
                return false;
            }
            pause();
        }
        return true;
    }

    // ---- opening and ending

    /// Says hello.
    ///
    /// @return our end; `null` if there was no memory for it
    private Line.@Nullable End open() {
        String address = servers.get(dice.nextInt(servers.size())).address();
        try (Message message = message()) {
            if (message == null || address == null) {
                pause();
                return null;
            }
            message.opCode(OpCode.HELLO_REQUEST);
            message.headers().append(Address.CONNECT_TO, address);
            Line line = game.newLine();
            line.client.party = party;
            try {
                BinaryHeader hello = party.group().enqueueToPeer(message.id(line.id));
                line.client.channel = hello.channel();
            } catch (AmpeException e) {
                game.lines.remove(line.id);
                throw e;
            }
            game.watchdog.pat();
            return awaitOrOver(() -> line.client.open || line.client.ended || party.isClosed())
                    ? line.client
                    : null;
        }
    }

    private void openAndEnd() throws InterruptedException {
        Line.End end = servers.isEmpty() ? party.anyOpen(dice) : open();
        if (end == null) {
            pause();
            return;
        }
        for (int i = dice.nextInt(8); i > 0 && end.open; i--) {
            send(end);
        }
        int manner = dice.nextInt(4);
        // A number that is another's by now must not be ended, as senders look on.
        if (manner != 0 && end.open && !game.setting.reusesNumbers()) {
            say(end, manner == 1 ? OpCode.BYE_SIGNAL : OpCode.BYE_REQUEST);
        }
    }

    private void say(Line.End end, OpCode opCode) {
        try (Message message = party.ampe().get()) {
            assertThat(message).isNotNull();
            party.group().enqueueToPeer(message.opCode(opCode).channel(end.channel));
            game.watchdog.pat();
        }
    }

    // ---- updates

    private void update() {
        try (Message message = dice.nextBoolean() ? message() : null) {
            if (message == null) {
                party.group().updateReceiver(null);
                wakeUps++;
            } else {
                new Load(0, sender, updates + 1).fill(message, Load.SHORT);
                party.group().updateReceiver(message.opCode(OpCode.SIGNAL));
                updates++;
            }
        } catch (AmpeException e) {
            if (e.status() != Status.INBOX_FULL) {
                throw e;
            }
            pause();
        }
    }

    /// How often it woke the receiver of a group.
    long wakeUpsOf(Party woken) {
        return party == woken ? wakeUps : 0;
    }

    /// Whether all messages that were given to the receiver have come out.
    boolean isUpToDate() {
        return party.isClosed() || party.updatesOf(sender) == updates;
    }

    // ---- taking all there is

    /// Every other one takes many small messages and gives all back; the others take long ones, and
    /// when there is no more memory give one back, so that the pool is trimmed again and again.
    private void hoard() {
        boolean small = sender % 2 == 0;
        boolean enough = small && hoard.size() >= MANY;
        try {
            Message message = enough ? null : message();
            if (message == null) {
                releaseHoard();
                return;
            }
            hoard.add(message);
            message.body().append(BYTES, 0, SIZES[dice.nextInt(small ? 2 : SIZES.length)]);
        } catch (AmpeException e) {
            if (e.status() != Status.ALLOCATION_FAILED) {
                throw e;
            }
            if (small || dice.nextInt(16) == 0) {
                releaseHoard();
            } else if (!hoard.isEmpty()) {
                hoard.removeFirst().close();
            }
        }
    }

    private void releaseHoard() {
        hoard.forEach(Message::close);
        hoard.clear();
    }
}
