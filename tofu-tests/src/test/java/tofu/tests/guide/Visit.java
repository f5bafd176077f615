package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;

/// What most snippets presume: an engine, a group, and a channel to an echo server.
final class Visit implements AutoCloseable {
    final Neighbour neighbour;
    final Ampe ampe;
    final ChannelGroup group;
    final int channel;

    Visit(Options options) throws InterruptedException {
        neighbour = Neighbour.start();
        ampe = Ampe.open(options);
        group = ampe.create();
        channel = FirstClient.connect(ampe, group, neighbour.address());
    }

    static Visit begin() throws InterruptedException {
        return new Visit(Options.defaults());
    }

    Message request(String text) {
        Message request = ampe.get();
        request.opCode(OpCode.REQUEST).channel(channel).body().append(text);
        return request;
    }

    /// Expects the echo of a request.
    void expect(String text) throws InterruptedException {
        try (Message response = FirstClient.next(group)) {
            assertThat(response.opCode()).isEqualTo(OpCode.RESPONSE);
            assertThat(response.body().text()).isEqualTo(text);
        }
    }

    @Override
    public void close() {
        ampe.close();
        neighbour.close();
    }
}
