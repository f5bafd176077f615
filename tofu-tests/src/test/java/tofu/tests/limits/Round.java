package tofu.tests.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.tests.rigs.Running;

/// Groups that talk to each other from several threads at the bounds of their engines; then all
/// that was sent must have ended once, and nothing be left.
///
/// Thread: one runs it; it starts the others, and waits for their end.
final class Round {
    /// What scheduling may add to a deadline; a hang is longer.
    private static final Duration SLACK = Duration.ofSeconds(10);

    /// After so long without anything sides that wait for each other's memory give in.
    private static final long STALEMATE_NANOS = 500_000_000;

    private final Setting setting;
    private final Game game;
    private final SplittableRandom dice;
    private final List<Ampe> engines = new ArrayList<>();
    private final List<Party> clients = new ArrayList<>();
    private final List<Party> servers = new ArrayList<>();
    private final List<Work> works = new ArrayList<>();
    private final List<Running<Boolean>> receivers = new ArrayList<>();

    Round(Setting setting) {
        this.setting = setting;
        this.game = new Game(setting);
        this.dice = new SplittableRandom(setting.seed());
    }

    /// Plays it.
    ///
    /// @return how many messages arrived
    long play() {
        Ampe clientEngine = open(setting.client());
        Ampe serverEngine = setting.oneEngine() ? clientEngine : open(setting.server());
        for (int i = 0; i < setting.servers(); i++) {
            servers.add(party(serverEngine));
            servers.getLast().listen();
        }
        for (int i = 0; i < setting.clients(); i++) {
            clients.add(party(clientEngine));
        }
        game.watchdog.await(
                "listening", () -> servers.stream().allMatch(server -> server.address() != null));
        beBusy();
        endLines();
        game.lines.values().forEach(Line::check);
        closeGroups();
        checkPools();
        for (Ampe engine : engines) {
            inTime("an engine closes", engine::close);
        }
        return game.arrivals.get();
    }

    private Ampe open(Options options) {
        Ampe engine = Ampe.open(options);
        engines.add(engine);
        return engine;
    }

    private Party party(Ampe engine) {
        Party party = new Party(game, engine, dice.split());
        receivers.add(Running.run(party::run));
        return party;
    }

    private List<Party> parties() {
        List<Party> all = new ArrayList<>(clients);
        all.addAll(servers);
        return all;
    }

    // ---- traffic

    private void beBusy() {
        List<Running<Boolean>> running = new ArrayList<>();
        for (int i = 0; i < setting.threads(); i++) {
            Work work = work(i);
            works.add(work);
            running.add(Running.run(work));
        }
        List<Party> all = parties();
        for (int i = 0; i < setting.ends(); i++) {
            Party victim = all.remove(dice.nextInt(all.size()));
            long pause = dice.nextLong(setting.trafficNanos());
            running.add(
                    Running.run(
                            () -> {
                                LockSupport.parkNanos(pause);
                                inTime("a group closes", victim::closeEarly);
                            }));
        }
        long end = System.nanoTime() + setting.trafficNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(10_000_000);
            receivers.stream().filter(Running::isDone).forEach(Running::result);
            running.stream().filter(Running::isDone).forEach(Running::result);
        }
        game.end();
        game.watchdog.await("the threads end", running);
    }

    /// The first of them sends; the next ones hoard, if that is what the round is about.
    private Work work(int i) {
        Work.Kind[] kinds = Work.Kind.values();
        Work.Kind kind = kinds[i == 0 ? dice.nextInt(2) : dice.nextInt(kinds.length)];
        if (i > 0 && i <= setting.hoarders()) {
            return new Work(game, Work.Kind.HOARD, servers.getFirst(), List.of(), dice.split());
        }
        boolean sends = kind.compareTo(Work.Kind.OPEN_AND_END) <= 0;
        boolean ofClient = i == 0 || dice.nextBoolean() || sends && !setting.bothWays();
        List<Party> some = ofClient ? clients : servers;
        Party party = some.get(dice.nextInt(some.size()));
        return new Work(game, kind, party, ofClient ? servers : List.of(), dice.split());
    }

    // ---- the end

    private void inTime(String what, Runnable close) {
        Duration most = setting.client().closeTimeout().plus(SLACK);
        long start = System.nanoTime();
        game.watchdog.await(what, List.of(Running.run(close::run)));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).as(what).isLessThan(most);
    }

    /// Ends all channels with byes, and waits until each has ended at both ends.
    private void endLines() {
        say(OpCode.BYE_REQUEST);
        if (setting.bothWays() && !game.watchdog.awaitWithin(STALEMATE_NANOS, this::isEnded)) {
            say(OpCode.BYE_SIGNAL);
        }
        game.watchdog.await("the end of each channel", this::isEnded);
        game.watchdog.await("all updates", () -> works.stream().allMatch(Work::isUpToDate));
        game.watchdog.await("all wake-ups", () -> parties().stream().allMatch(this::isAwake));
        receivers.stream().filter(Running::isDone).forEach(Running::result);
    }

    /// Whether it was woken as often as somebody did so.
    private boolean isAwake(Party party) {
        long given = works.stream().mapToLong(work -> work.wakeUpsOf(party)).sum();
        long felt = party.wakeUps();
        assertThat(felt).as("wake-ups").isLessThanOrEqualTo(given);
        return party.isClosed() || felt == given;
    }

    private boolean isEnded() {
        return game.lines.values().stream()
                .flatMap(line -> Stream.of(line.client, line.server))
                .allMatch(Round::isEnded);
    }

    private static boolean isEnded(Line.End end) {
        Party party = end.party;
        return end.ended || party == null || party.isClosed();
    }

    private void say(OpCode opCode) {
        for (Line line : game.lines.values()) {
            Party party = line.client.party;
            if (party != null && line.client.channel != 0 && !isEnded(line.client)) {
                game.watchdog.await("memory for a bye", () -> say(opCode, party, line.client));
            }
        }
    }

    private static boolean say(OpCode opCode, Party party, Line.End end) {
        try (Message bye = party.ampe().get()) {
            assertThat(bye).isNotNull();
            party.group().enqueueToPeer(bye.opCode(opCode).channel(end.channel));
            return true;
        } catch (AmpeException e) {
            assertThat(e.status()).as("a bye refused: " + e).isIn(Refusals.ALL);
            return Refusals.GONE.contains(e.status());
        }
    }

    private void closeGroups() {
        List<Running<Boolean>> closing = new ArrayList<>();
        for (Party party : parties()) {
            closing.add(Running.run(() -> inTime("a group closes", party.group()::close)));
        }
        game.watchdog.await("the groups close", closing);
        game.watchdog.await("the receivers end", receivers);
    }

    private void checkPools() {
        for (int i = 0; i < engines.size(); i++) {
            Ampe engine = engines.get(i);
            Options options = i == 0 ? setting.client() : setting.server();
            Running<Inventory> whole = Running.start(() -> Inventory.of(engine));
            game.watchdog.await("all messages are taken", List.of(whole));
            assertThat(whole.result()).as("the pool").isEqualTo(Inventory.fresh(options));
        }
    }
}
