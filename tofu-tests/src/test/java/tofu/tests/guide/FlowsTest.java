package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;

/// The pictures of docs/guide/flows.md, played: what each side receives, in order.
class FlowsTest {
    /// One end of a connection, in a group and an engine of its own.
    private static final class Side implements AutoCloseable {
        final Ampe ampe = Ampe.open();
        final ChannelGroup group = ampe.create();
        int channel;

        void say(OpCode opCode) {
            try (Message message = ampe.get()) {
                group.enqueueToPeer(message.opCode(opCode).channel(channel).id(77));
            }
        }

        /// Receives a message, and remembers its channel.
        String hear() throws InterruptedException {
            try (Message message = FirstClient.next(group)) {
                channel = message.channel();
                String engine = message.origin() == Origin.ENGINE ? " ENGINE " : " ";
                return message.opCode() + engine + message.status();
            }
        }

        List<String> hearUntilTheEnd() throws InterruptedException {
            List<String> heard = new ArrayList<>();
            do {
                heard.add(hear());
            } while (!heard.getLast().equals(END));
            return heard;
        }

        @Override
        public void close() {
            ampe.close();
        }
    }

    private static final String END = "SIGNAL ENGINE CHANNEL_CLOSED";

    /// Listens on a port of the system's choice.
    private static Address.Client listen(Side server) throws InterruptedException {
        FirstServer.listen(server.ampe, server.group, Address.listenOn("tcp|127.0.0.1|0"));
        try (Message welcome = FirstClient.next(server.group)) {
            assertThat(welcome.opCode()).isEqualTo(OpCode.WELCOME_RESPONSE);
            return Address.parse(welcome).toClient();
        }
    }

    private static void hello(Side client, Address.Client address) {
        try (Message hello = client.ampe.get()) {
            client.channel = client.group.enqueueToPeer(hello.connectTo(address)).channel();
        }
    }

    private static void connect(Side client, Side server) throws InterruptedException {
        hello(client, listen(server));
        assertThat(server.hear()).isEqualTo("HELLO_REQUEST SUCCESS");
        server.say(OpCode.HELLO_RESPONSE);
        assertThat(client.hear()).isEqualTo("HELLO_RESPONSE SUCCESS");
    }

    @Test
    void listeningInVain() throws Exception {
        try (Side server = new Side();
                Side second = new Side()) {
            Address taken = Address.listenOn(listen(server).toString());
            FirstServer.listen(second.ampe, second.group, (Address.Server) taken);
            assertThat(second.hearUntilTheEnd())
                    .containsExactly("WELCOME_RESPONSE ENGINE ADDRESS_IN_USE", END);
        }
    }

    @Test
    void connectingInVain() throws Exception {
        try (Side client = new Side();
                Side server = new Side()) {
            Address.Client address = listen(server);
            server.group.close(); // and with it its listener
            hello(client, address);
            assertThat(client.hearUntilTheEnd())
                    .containsExactly("HELLO_REQUEST ENGINE CONNECT_FAILED", END);
        }
    }

    @Test
    void pipelining() throws Exception {
        try (Side client = new Side();
                Side server = new Side()) {
            hello(client, listen(server));
            client.say(OpCode.REQUEST);
            assertThat(server.hear()).isEqualTo("HELLO_REQUEST SUCCESS");
            assertThat(server.hear()).isEqualTo("REQUEST SUCCESS");
            server.say(OpCode.HELLO_RESPONSE);
            server.say(OpCode.RESPONSE);
            server.say(OpCode.REQUEST); // peers: the server asks, too
            assertThat(client.hear()).isEqualTo("HELLO_RESPONSE SUCCESS");
            assertThat(client.hear()).isEqualTo("RESPONSE SUCCESS");
            assertThat(client.hear()).isEqualTo("REQUEST SUCCESS");
        }
    }

    @Test
    void gracefulBye() throws Exception {
        try (Side client = new Side();
                Side server = new Side()) {
            connect(client, server);
            client.say(OpCode.REQUEST);
            client.say(OpCode.BYE_REQUEST);
            assertThat(server.hear()).isEqualTo("REQUEST SUCCESS");
            assertThat(server.hear()).isEqualTo("BYE_REQUEST SUCCESS");
            server.say(OpCode.RESPONSE); // it may still send
            server.say(OpCode.BYE_RESPONSE);
            assertThat(client.hearUntilTheEnd())
                    .containsExactly("RESPONSE SUCCESS", "BYE_RESPONSE SUCCESS", END);
            assertThat(server.hearUntilTheEnd()).containsExactly(END);
        }
    }

    @Test
    void abruptEnd() throws Exception {
        try (Side client = new Side();
                Side server = new Side()) {
            connect(client, server);
            client.say(OpCode.BYE_SIGNAL);
            assertThat(client.hearUntilTheEnd())
                    .containsExactly("BYE_SIGNAL ENGINE CHANNEL_CLOSED", END);
            assertThat(server.hearUntilTheEnd()).containsExactly(END);
        }
    }

    @Test
    void refusal() throws Exception {
        try (Side client = new Side();
                Side server = new Side()) {
            hello(client, listen(server));
            // @start region="refuse"
            try (Message hello = server.group.waitReceive()) {
                hello.opCode(OpCode.BYE_RESPONSE).headers().clear().append("reason", "full");
                server.group.enqueueToPeer(hello); // same channel, same id: no, and good bye
            }
            // @end
            assertThat(client.hearUntilTheEnd()).containsExactly("BYE_RESPONSE SUCCESS", END);
            assertThat(server.hearUntilTheEnd()).containsExactly(END);
        }
    }

    @Test
    void crossingByes() throws Exception {
        try (Side client = new Side();
                Side server = new Side()) {
            connect(client, server);
            server.say(OpCode.BYE_REQUEST);
            client.say(OpCode.BYE_REQUEST);
            assertThat(client.hearUntilTheEnd()).containsExactly("BYE_REQUEST SUCCESS", END);
            assertThat(server.hearUntilTheEnd()).containsExactly("BYE_REQUEST SUCCESS", END);
        }
    }

    @Test
    void theEndOfAListenerLeavesItsChannels() throws Exception {
        try (Side client = new Side();
                Side server = new Side()) {
            int listener =
                    FirstServer.listen(
                            server.ampe, server.group, Address.listenOn("tcp|127.0.0.1|0"));
            Address.Client address;
            try (Message welcome = FirstClient.next(server.group)) {
                address = Address.parse(welcome).toClient();
            }
            hello(client, address);
            assertThat(server.hear()).isEqualTo("HELLO_REQUEST SUCCESS");
            int accepted = server.channel;
            server.channel = listener;
            server.say(OpCode.BYE_SIGNAL);
            assertThat(server.hearUntilTheEnd())
                    .containsExactly("BYE_SIGNAL ENGINE CHANNEL_CLOSED", END);
            server.channel = accepted;
            server.say(OpCode.HELLO_RESPONSE);
            assertThat(client.hear()).isEqualTo("HELLO_RESPONSE SUCCESS");
        }
    }
}
