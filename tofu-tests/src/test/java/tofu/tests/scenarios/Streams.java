package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import tofu.api.Message;
import tofu.api.MessageInputStream;
import tofu.api.MessageOutputStream;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;

/// Begins the streams of scenarios, on both ends of a link.
final class Streams {
    private Streams() {}

    /// Bytes that are the same for the same length.
    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /// Begins a stream of requests from the link's client.
    static MessageOutputStream write(Link link, long id, Duration timeout) {
        try (Message first = link.client().message()) {
            first.opCode(OpCode.REQUEST).channel(link.clientChannel()).id(id);
            first.headers().append("name", "n" + id);
            MessageOutputStream out =
                    new MessageOutputStream(
                            link.client().ampe(), link.client().group(), first, timeout);
            assertThat(first.isEmptied()).as("moved").isTrue();
            return out;
        }
    }

    static Message receive(Peer peer) throws InterruptedException {
        Message message = peer.group().waitReceive(Peer.PATIENCE);
        assertThat(message).isNotNull();
        return message;
    }

    /// A stream that the link's server receives itself, and that expects nothing else.
    static MessageInputStream read(Link link) throws InterruptedException {
        return read(link, Peer.PATIENCE, new ArrayList<>());
    }

    static MessageInputStream read(Link link, Duration timeout, List<Status> others)
            throws InterruptedException {
        try (Message first = receive(link.server())) {
            MessageInputStream in =
                    MessageInputStream.receiving(
                            first,
                            link.server().group(),
                            timeout,
                            other -> {
                                others.add(other.status());
                                other.close();
                            });
            assertThat(first.isEmptied()).as("moved").isTrue();
            return in;
        }
    }
}
