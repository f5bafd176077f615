package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tofu.api.ChannelGroup;
import tofu.api.OpCode;
import tofu.engine.channel.Frame;

/// A receiver drives the loop only while all that the loop brings is its own.
class SoleReceiverTest {
    private static final int PORT = 7099;
    private static final long NANOS = 1_000_000;

    private final EngineRig rig =
            new EngineRig(EngineRig.options().leader(true).directFlush(true).build());
    private final ChannelGroup one = rig.create();
    private final ChannelGroup other = rig.create();
    private final AtomicInteger parks = new AtomicInteger();

    @BeforeEach
    void letTimePass() {
        rig.parking =
                (blocker, nanos) -> {
                    parks.incrementAndGet();
                    rig.clock.addAndGet(nanos);
                };
        rig.net.whileAsleep = () -> rig.clock.addAndGet(NANOS);
    }

    @AfterEach
    void end() throws IOException {
        rig.loop.attend();
        rig.net.whileAsleep = () -> {};
        rig.close();
    }

    /// Whether a receiver that may take the loop does.
    private boolean leads(ChannelGroup group) throws InterruptedException {
        rig.loop.askToLead();
        rig.loop.cede();
        int before = parks.get();
        assertThat(group.waitReceiveNanos(NANOS)).isNull();
        rig.loop.attend();
        return parks.get() == before;
    }

    @Test
    void whoHasTheOnlyChannelsLeads() throws Exception {
        rig.listen(one, PORT);

        assertThat(leads(one)).isTrue();
        assertThat(leads(other)).isFalse();
    }

    @Test
    void nobodyLeadsWithoutAChannel() throws Exception {
        assertThat(leads(one)).isFalse();
    }

    @Test
    void nobodyLeadsWhileSeveralHaveChannels() throws Exception {
        rig.listen(one, PORT);
        rig.listen(other, PORT + 1);

        assertThat(leads(one)).isFalse();
        assertThat(leads(other)).isFalse();
    }

    @Test
    void whoIsLeftLeadsWhenTheChannelsOfTheOtherHaveEnded() throws Exception {
        rig.listen(one, PORT);
        int number = rig.listen(other, PORT + 1);
        rig.listen(other, PORT + 2);
        rig.post(other, OpCode.BYE_SIGNAL, number, 3);
        rig.run();
        assertThat(EngineRig.receive(other)).hasSize(2);
        assertThat(leads(one)).as("it has one more").isFalse();

        rig.driveWhile(() -> rig.engine.destroy(other));

        assertThat(leads(one)).isTrue();
    }

    @Test
    void whatComesWhileItLeadsIsItsOwnAtOnce() throws Exception {
        rig.listen(one, PORT);
        FakeStream peer = rig.greet(one, PORT);
        rig.net.whileAsleep = () -> peer.send(Frame.signal(7));
        rig.loop.askToLead();
        rig.loop.cede();

        try (var message = one.waitReceiveNanos(NANOS)) {
            assertThat(message).isNotNull();
            assertThat(message.id()).isEqualTo(7);
        }
        assertThat(parks).hasValue(0);
    }
}
