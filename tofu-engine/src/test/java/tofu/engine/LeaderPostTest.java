package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.engine.channel.Crew;
import tofu.engine.channel.Frame;

/// What is posted while nobody drives the loop, as a leader has left it with messages to take.
class LeaderPostTest {
    private static final int PORT = 7099;
    private static final long PATIENCE_NANOS = 60_000_000_000L;
    private static final Options LED = EngineRig.options().leader(true).directFlush(true).build();

    /// A leader, the test's thread, that has taken the first of two requests, so that it will come
    /// back for the second.
    private static final class Led implements AutoCloseable {
        final EngineRig rig = new EngineRig(LED);
        final ChannelGroup group = rig.create();
        final FakeStream asking;
        final FakeStream other;
        final int otherNumber;
        final Message request;

        Led() throws Exception {
            rig.listen(group, PORT);
            other = rig.net.acceptor(PORT).arrive();
            other.send(Frame.helloRequest(1));
            rig.run();
            try (Message hello = Objects.requireNonNull(EngineRig.next(group))) {
                otherNumber = hello.channel();
            }
            asking = rig.greet(group, PORT);
            asking.send(Frame.request(2), Frame.request(3));
            rig.loop.askToLead();
            rig.loop.cede();
            request = Objects.requireNonNull(group.waitReceiveNanos(PATIENCE_NANOS));
            rig.clock.addAndGet(1_000_000); // no burst
        }

        void answer() {
            group.enqueueToPeer(request.opCode(OpCode.RESPONSE));
        }

        @Override
        public void close() throws IOException {
            request.close();
            rig.loop.attend();
            rig.close();
        }
    }

    private static List<Long> ids(FakeStream peer) {
        return peer.received().stream().map(Frame::id).toList();
    }

    @Test
    void theLeaderSendsItsAnswersTogether() throws Exception {
        try (Led led = new Led()) {
            led.answer();
            assertThat(ids(led.asking)).as("deferred").isEmpty();

            try (Message next = Objects.requireNonNull(EngineRig.next(led.group))) {
                led.group.enqueueToPeer(next.opCode(OpCode.RESPONSE));
            }
            assertThat(ids(led.asking)).containsExactly(2L, 3L);
        }
    }

    @Test
    void whatAnotherThreadPostsDoesNotWaitBehindWhatTheLeaderDefers() throws Exception {
        try (Led led = new Led()) {
            led.answer();
            assertThat(ids(led.asking)).as("deferred").isEmpty();

            new Crew().add(() -> led.rig.post(led.group, OpCode.SIGNAL, led.otherNumber, 9)).work();

            assertThat(ids(led.other)).containsExactly(9L);
        }
    }
}
