package tofu.tests.scenarios;

import tofu.api.OpCode;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Stage;

/// A server of ours and a raw client that have greeted each other.
///
/// @param server who listens
/// @param channel the server's number for the channel
/// @param raw the client
record Greeted(Peer server, int channel, RawPeer raw) {
    /// The id of the HelloRequest.
    static final long HELLO = 1;

    /// Connects and greets; the server's inbox must be empty.
    static Greeted open(Stage stage, Peer server, String address) {
        RawPeer raw = stage.raw(address).send(Frame.hello(HELLO));
        int channel = server.expect(OpCode.HELLO_REQUEST, HELLO).channel();
        server.say(OpCode.HELLO_RESPONSE, channel, HELLO);
        raw.expect(Frame.of(OpCode.HELLO_RESPONSE, HELLO));
        return new Greeted(server, channel, raw);
    }

    void expectClosed() {
        server.expectClosed(channel, HELLO);
    }
}
