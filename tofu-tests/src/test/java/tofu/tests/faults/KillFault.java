package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Ampe;
import tofu.tests.rigs.Hoard;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// A peer's process is killed in the middle of talking in both directions.
///
/// Every message that the survivor's engine accepted ends exactly once; what the peer's application
/// had acknowledged had arrived there, once and in order; nothing that came back had. The survivor
/// goes on serving the next peer, and others all the time, and its pool is whole again.
class KillFault {
    /// No moment later than after so many messages.
    private static final int LATEST = 400;

    private static final int POOL = 8192;

    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @EnumSource
    void aKilledPeerCostsNothingButItsChannel(Transport transport) throws Exception {
        killAll(transport, 2);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void fiveHundredKilledPeersCostNothingButTheirChannels(Transport transport) throws Exception {
        killAll(transport, 500);
    }

    private void killAll(Transport transport, int count) throws Exception {
        long seed = System.nanoTime();
        Ampe engine = stage.engine(o -> o.maxPoolMessages(POOL).sendQueueBytes(64 << 20));
        Peer bystander = stage.peer();
        Link others =
                Link.open(stage.peerOn(engine), bystander, bystander.listen(transport).address());
        long accepted = 0;
        long acknowledged = 0;
        long returned = 0;
        int round = 0;
        try (Survivor survivor = new Survivor(engine, transport)) {
            Random random = new Random(seed);
            for (; round < count; round++) {
                boolean server = round % 2 == 0;
                int moment = moment(random, server);
                try (Victim victim = Victim.start(server, new Cargo(random.nextLong()))) {
                    Survivor.Killed killed = survivor.kill(victim, moment);
                    accepted += killed.requests().accepted() + killed.responses().accepted();
                    acknowledged += killed.requests().answered();
                    returned += killed.requests().returned() + killed.responses().returned();
                }
                others.echo("after " + round);
            }
        } catch (Exception | AssertionError e) {
            throw new AssertionError(transport + ", seed " + seed + ", round " + round, e);
        }
        others.bye();
        assertThat(Hoard.sizeOf(engine)).as("messages in the survivor's pool").isEqualTo(POOL);
        System.out.printf(
                "KillFault %s: %,d peers killed; %,d messages accepted, %,d acknowledged by the"
                        + " peers, %,d came back; none lost, doubled or out of order; seed %d%n",
                transport, count, accepted, acknowledged, returned, seed);
    }

    /// Early moments are as likely as late ones; a server may be killed before it has said a word.
    private static int moment(Random random, boolean server) {
        int bound = random.nextBoolean() ? 4 : LATEST;
        return Math.max(server ? 0 : 1, random.nextInt(bound));
    }
}
