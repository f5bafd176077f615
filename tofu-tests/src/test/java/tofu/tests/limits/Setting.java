package tofu.tests.limits;

import java.time.Duration;
import java.util.SplittableRandom;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.tests.rigs.Transport;

/// What a seed decides of a round: the engines' options, who plays, and what they do.
///
/// @param seed decides all of it
/// @param bound what is at its smallest
/// @param transport the sockets
/// @param client the clients' options
/// @param server the servers' options
/// @param oneEngine whether clients and servers have the same engine, with the client's options
/// @param clients how many groups connect
/// @param servers how many groups listen
/// @param threads how many threads send, open, close, update, and take messages
/// @param hoarders how many of them take messages from one engine until there are no more
/// @param bothWays whether servers send, too; two sides that do so may wait for each other's
///     memory, which an application has to end
/// @param maxBody the longest body, in bytes
/// @param hoard how many messages a receiver may keep
/// @param ends how many groups are closed in the middle
/// @param trafficNanos how long they are busy
record Setting(
        long seed,
        Bound bound,
        Transport transport,
        Options client,
        Options server,
        boolean oneEngine,
        int clients,
        int servers,
        int threads,
        int hoarders,
        boolean bothWays,
        int maxBody,
        int hoard,
        int ends,
        long trafficNanos) {
    private static final int[] BODIES = {100, 300, 1_000, 5_000, 20_000, 65_535};
    private static final int MOST_HOARDERS = 8;
    private static final int[] HOARDS = {0, 0, 1, 8, 64};

    /// Draws one. The bound follows from the seed alone: each of them has its turn as seeds are
    /// counted up.
    ///
    /// @param seed decides all
    /// @param longestMillis the longest traffic; more where there is little memory
    static Setting of(long seed, int longestMillis) {
        SplittableRandom dice = new SplittableRandom(seed);
        Bound bound = Bound.values()[Math.floorMod(seed, Bound.values().length)];
        int hoarders = bound.concernsPool() ? 2 + dice.nextInt(MOST_HOARDERS - 1) : 0;
        int clients = few(dice);
        int servers = few(dice);
        boolean oneEngine = dice.nextInt(5) == 0;
        Options.Builder client = options(dice);
        Options.Builder server = options(dice);
        if (hoarders > 0) {
            server.leakDetection(LeakDetection.OFF); // else taking is too slow for many to meet
        }
        bound.tighten(client);
        bound.tighten(server);
        if (oneEngine) {
            client.maxChannels(Options.MAX_CHANNELS);
        }
        boolean scarce = bound == Bound.CHANNELS || bound.compareTo(Bound.ALL_LIMITS) >= 0;
        server.maxChannels(scarce ? servers + 1 : Options.MAX_CHANNELS);
        return new Setting(
                seed,
                bound,
                dice.nextBoolean() ? Transport.TCP : Transport.UDS,
                client.build(),
                server.build(),
                oneEngine,
                clients,
                servers,
                hoarders > 0 ? hoarders + 1 + dice.nextInt(4) : 2 + dice.nextInt(15),
                hoarders,
                oneEngine || dice.nextBoolean(),
                BODIES[dice.nextInt(BODIES.length)],
                HOARDS[dice.nextInt(HOARDS.length)],
                dice.nextInt(3) == 0 ? 1 + dice.nextInt(clients + servers) : 0,
                Duration.ofMillis(longestMillis / 2 + dice.nextInt(longestMillis / 2))
                        .multipliedBy(bound.concernsPool() ? 4 : 1)
                        .toNanos());
    }

    /// One, often: only then may its receiver drive the loop.
    private static int few(SplittableRandom dice) {
        return dice.nextBoolean() ? 1 : 2 + dice.nextInt(2);
    }

    private static Options.Builder options(SplittableRandom dice) {
        LeakDetection[] levels = LeakDetection.values();
        return Options.builder()
                .maxPoolMessages(1_024)
                .maxPoolBytes(64 << 20)
                .sendQueueMessages(4 + dice.nextInt(64))
                .receiveWindowMessages(4 + dice.nextInt(64))
                .connectTimeout(Duration.ofSeconds(5))
                .handshakeTimeout(Duration.ofSeconds(5))
                .frameTimeout(Duration.ofSeconds(3))
                .byeTimeout(Duration.ofSeconds(5))
                .closeTimeout(Duration.ofSeconds(2))
                .channelQuarantine(Duration.ofSeconds(5))
                .leakDetection(levels[dice.nextInt(levels.length)])
                .loops(dice.nextBoolean() ? 1 : 4)
                .directFlush(dice.nextBoolean())
                .leader(dice.nextBoolean());
    }

    /// Whether a channel number may be another channel's before a sender knows.
    boolean reusesNumbers() {
        return client.channelQuarantine().isZero();
    }
}
