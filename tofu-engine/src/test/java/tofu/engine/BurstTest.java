package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.engine.channel.Frame;

/// Messages that come so close upon each other that they are gathered, while the loop's driver is
/// not at it.
class BurstTest {
    private static final int PORT = 7099;
    private static final int MANY = 512;

    /// A channel on which something was written just now.
    private static final class Burst implements AutoCloseable {
        final EngineRig rig;
        final ChannelGroup group;
        final FakeStream peer;
        final int number;

        Burst(boolean directFlush) throws Exception {
            rig = new EngineRig(EngineRig.options().directFlush(directFlush).build());
            group = rig.create();
            rig.listen(group, PORT);
            peer = rig.net.acceptor(PORT).arrive();
            peer.send(Frame.helloRequest(1));
            rig.run();
            try (Message hello = EngineRig.next(group)) {
                assertThat(hello).isNotNull();
                number = hello.channel();
                group.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
            }
            rig.run();
            peer.received();
        }

        void post(int from, int to) {
            for (int id = from; id <= to; id++) {
                rig.post(group, OpCode.SIGNAL, number, id);
            }
        }

        List<Long> received() {
            return peer.received().stream().map(Frame::id).toList();
        }

        @Override
        public void close() throws IOException {
            rig.close();
        }
    }

    private static List<Long> ids(int from, int to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    @Test
    void whoEnqueuesTheLastOfManySendsThem() throws Exception {
        try (Burst burst = new Burst(true)) {
            burst.post(1, MANY - 1);
            assertThat(burst.received()).as("gathered").isEmpty();
            assertThat(burst.rig.loop.isFedBySenders()).isFalse();

            burst.post(MANY, MANY);
            assertThat(burst.received()).isEqualTo(ids(1, MANY));
            assertThat(burst.rig.loop.isFedBySenders()).isTrue();
        }
    }

    /// A channel's socket says how many bytes are worth a write; whichever end it is of.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoEnqueuesTheLastOfManyBytesSendsThem(boolean client) throws Exception {
        try (Burst burst = new Burst(true)) {
            FakeStream peer = client ? new FakeStream(burst.rig.net) : burst.peer;
            int number = burst.number;
            if (client) {
                burst.rig.net.dialer = address -> peer;
                Address.Client here = new Address.TcpClient("127.0.0.1", PORT);
                number = burst.rig.dial(burst.group, here).channel();
                burst.rig.run();
                assertThat(peer.received()).hasSize(1);
            }
            for (int id = 1; id <= 3; id++) {
                assertThat(peer.received()).as("gathered").isEmpty();
                try (Message message = burst.rig.message()) {
                    message.opCode(OpCode.SIGNAL).channel(number).id(id);
                    message.body().append(new byte[6_000]);
                    burst.group.enqueueToPeer(message);
                }
            }

            assertThat(peer.received()).extracting(Frame::id).containsExactly(1L, 2L, 3L);
        }
    }

    @Test
    void theLoopSendsTheRest() throws Exception {
        try (Burst burst = new Burst(true)) {
            burst.post(1, MANY + 3);
            assertThat(burst.received()).isEqualTo(ids(1, MANY));

            burst.rig.run();
            assertThat(burst.received()).isEqualTo(ids(MANY + 1, MANY + 3));
            burst.rig.pass(1);
            assertThat(burst.rig.loop.isFedBySenders()).isFalse();
        }
    }

    @Test
    void withoutDirectFlushTheLoopSendsAll() throws Exception {
        try (Burst burst = new Burst(false)) {
            burst.post(1, MANY);
            assertThat(burst.received()).isEmpty();

            burst.rig.run();
            assertThat(burst.received()).isEqualTo(ids(1, MANY));
        }
    }
}
