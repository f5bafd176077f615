package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import tofu.api.BinaryHeader;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// A client of ours and a raw server that has read its hello, and nothing else yet.
///
/// @param client who connected
/// @param hello what it has said
/// @param raw the server
record Dialled(Peer client, BinaryHeader hello, RawPeer raw) {
    /// Connects; the client's inbox must be empty.
    static Dialled open(Stage stage, Peer client, Transport transport) {
        RawDoor door = stage.rawDoor(transport);
        BinaryHeader hello = client.sayHello(door.address());
        RawPeer raw = stage.accept(door);
        assertThat(raw.receive().id()).isEqualTo(hello.id());
        return new Dialled(client, hello, raw);
    }

    int channel() {
        return hello.channel();
    }

    void expectClosed() {
        client.expectClosed(channel(), hello.id());
    }
}
