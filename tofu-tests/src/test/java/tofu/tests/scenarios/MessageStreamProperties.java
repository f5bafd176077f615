package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import tofu.api.Ampe;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.MessageInputStream;
import tofu.api.MessageOutputStream;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Transport;

/// Streams over messages, however they are written, cut and read.
class MessageStreamProperties {
    private static final Duration PATIENCE = Peer.PATIENCE;

    private static Ampe engine;
    private static Link link;

    @BeforeContainer
    static void open() {
        engine = Ampe.open(Options.builder().leakDetection(LeakDetection.PARANOID).build());
        Peer server = new Peer(engine);
        link = Link.open(new Peer(engine), server, server.listen(Transport.UDS).address());
    }

    @AfterContainer
    static void close() {
        engine.close();
    }

    @Property(tries = 400)
    void whatIsWrittenIsRead(
            @ForAll @Size(max = 3000) byte[] bytes,
            @ForAll @IntRange(min = 1, max = 700) int chunkLength,
            @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 999) Integer> writes)
            throws IOException, InterruptedException {
        long id;
        try (Message first = link.client().message()) {
            first.opCode(OpCode.REQUEST).channel(link.clientChannel()).id(bytes.length + 1L);
            id = first.id();
            try (MessageOutputStream out =
                    new MessageOutputStream(
                            link.client().ampe(),
                            link.client().group(),
                            first,
                            PATIENCE,
                            chunkLength)) {
                assertThat(first.isEmptied()).isTrue();
                int at = 0;
                for (int turn = 0; at < bytes.length; turn++) {
                    int step = Math.min(writes.get(turn % writes.size()), bytes.length - at);
                    out.write(bytes, at, step);
                    at += step;
                }
                out.finish();
            }
        }
        Counted counted = new Counted();
        try (Message first = link.server().group().waitReceive()) {
            assertThat(first.id()).isEqualTo(id);
            try (MessageInputStream in =
                    MessageInputStream.receiving(
                            first, link.server().group(), PATIENCE, counted::unexpected)) {
                assertThat(readAll(in, writes.reversed())).isEqualTo(bytes);
                assertThat(in.read()).isEqualTo(-1);
            }
        }
        assertThat(counted.count).isZero();
        assertThat(link.server().group().waitReceive(Duration.ZERO)).isNull();
    }

    @Property(tries = 200)
    void anyCutsMakeTheSameStream(
            @ForAll @Size(min = 1, max = 20) List<@Size(max = 200) byte[]> bodies,
            @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 300) Integer> reads)
            throws IOException, InterruptedException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (int i = 0; i < bodies.size(); i++) {
            whole.write(bodies.get(i));
            byte[] body = bodies.get(i);
            boolean more = i < bodies.size() - 1;
            link.client()
                    .say(
                            OpCode.SIGNAL,
                            link.clientChannel(),
                            m -> m.id(7).more(more).body().append(body));
        }
        try (Message first = link.server().group().waitReceive()) {
            boolean goesOn = first.more();
            try (MessageInputStream in = MessageInputStream.fed(first, 20, PATIENCE)) {
                while (goesOn) {
                    try (Message next = link.server().group().waitReceive()) {
                        assertThat(in.accepts(next)).isTrue();
                        goesOn = in.feed(next, Duration.ZERO);
                        assertThat(next.isEmptied()).isTrue();
                    }
                }
                assertThat(readAll(in, reads)).isEqualTo(whole.toByteArray());
            }
        }
    }

    /// Reads to the end, by pieces of these lengths in turn; a 1 is read as a single byte.
    private static byte[] readAll(MessageInputStream in, List<Integer> lengths) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int turn = 0; ; turn++) {
            byte[] piece = new byte[lengths.get(turn % lengths.size())];
            int count;
            if (piece.length == 1) {
                int single = in.read();
                piece[0] = (byte) single;
                count = single < 0 ? -1 : 1;
            } else {
                count = in.read(piece);
            }
            if (count < 0) {
                return all.toByteArray();
            }
            assertThat(count).isPositive();
            all.write(Arrays.copyOf(piece, count));
        }
    }

    /// Counts messages that should not be there.
    private static final class Counted {
        private int count;

        void unexpected(Message message) {
            count++;
            message.close();
        }
    }
}
