package tofu.tests.rigs;

import static org.assertj.core.api.Assertions.assertThat;

import tofu.api.BinaryHeader;
import tofu.api.OpCode;

/// Two peers that have greeted each other.
///
/// @param client who connected
/// @param clientChannel the client's number for the channel
/// @param server who listened
/// @param serverChannel the server's number for the channel
/// @param helloId the id of the HelloRequest
public record Link(Peer client, int clientChannel, Peer server, int serverChannel, long helloId) {
    /// Connects and greets; both inboxes must be empty.
    public static Link open(Peer client, Peer server, String address) {
        BinaryHeader hello = client.sayHello(address);
        Received request = server.expect(OpCode.HELLO_REQUEST, hello.id());
        server.say(OpCode.HELLO_RESPONSE, request.channel(), hello.id());
        Received response = client.expect(OpCode.HELLO_RESPONSE, hello.id());
        assertThat(response.channel()).isEqualTo(hello.channel());
        return new Link(client, hello.channel(), server, request.channel(), hello.id());
    }

    /// Asks and is answered.
    public void echo(String body) {
        BinaryHeader request = client.say(OpCode.REQUEST, clientChannel, body);
        Received asked = server.expect(OpCode.REQUEST, request.id());
        assertThat(asked.body()).isEqualTo(body);
        server.say(
                OpCode.RESPONSE,
                serverChannel,
                m -> m.id(request.id()).body().append(asked.body()));
        assertThat(client.expect(OpCode.RESPONSE, request.id()).body()).isEqualTo(body);
    }

    /// Ends the channel gracefully, asked for by the client.
    public void bye() {
        BinaryHeader bye = client.say(OpCode.BYE_REQUEST, clientChannel);
        server.expect(OpCode.BYE_REQUEST, bye.id());
        server.say(OpCode.BYE_RESPONSE, serverChannel, bye.id());
        client.expect(OpCode.BYE_RESPONSE, bye.id());
        client.expectClosed(clientChannel, helloId);
        server.expectClosed(serverChannel, helloId);
    }
}
