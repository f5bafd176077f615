package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.tests.rigs.Books;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Transport;

/// The side of a [KillFault] that lives on: talks with a [KilledPeer] in both directions, and keeps
/// books of every message.
///
/// Thread: one at a time. Owns the group.
final class Survivor implements AutoCloseable {
    private static final int WINDOW = 256;
    private static final List<Status> PEER_IS_GONE =
            List.of(
                    Status.PEER_DISCONNECTED,
                    Status.SEND_FAILED,
                    Status.RECV_FAILED,
                    Status.CONNECT_FAILED,
                    Status.COMMUNICATION_FAILED);

    private final Ampe ampe;
    private final ChannelGroup group;
    private final Transport transport;

    /// Where it listens.
    private final String address;

    /// One life of a channel.
    private final class Talk {
        final Books requests = new Books("requests");
        final Books responses = new Books("responses");

        /// Of both sides' requests.
        final Cargo cargo;

        int channel;
        long seen;
        long helloReturned;
        boolean refused;
        boolean crowded;
        boolean closed;

        Talk(Cargo cargo) {
            this.cargo = cargo;
        }

        /// Sends requests until enough are unanswered, or there is no room.
        void sendMore(boolean withoutEnd) {
            while (!refused && (withoutEnd || requests.unanswered() < WINDOW)) {
                long id = requests.next();
                try (Message request = message().opCode(OpCode.REQUEST).channel(channel).id(id)) {
                    request.body().append(cargo.of(id));
                    group.enqueueToPeer(request);
                    requests.accept(id);
                } catch (AmpeException e) {
                    if (e.status() == Status.SEND_QUEUE_FULL) {
                        return;
                    }
                    refuse(e);
                }
            }
        }

        private void refuse(AmpeException e) {
            assertThat(e.channelEnded()).as("%s", e).isTrue();
            refused = true;
        }

        void on(Message message) {
            if (message.origin() == Origin.APPLICATION) {
                onPeers(message);
            } else if (message.endsChannel()) {
                closed = true;
            } else if (message.status() != Status.SEND_QUEUE_READY) {
                onReturned(message);
            }
        }

        private void onPeers(Message message) {
            seen++;
            switch (message.opCode()) {
                case REQUEST -> {
                    assertThat(message.body().toByteArray()).isEqualTo(cargo.of(message.id()));
                    respond(message);
                }
                case RESPONSE -> requests.answer(message.id());
                case HELLO_REQUEST, HELLO_RESPONSE ->
                        assertThat(seen).as("the first message").isEqualTo(1);
                default -> fail("unexpected " + message.header());
            }
        }

        /// Answers. When the peer is dead there may be no room for the answer; then no other is
        /// given, either.
        private void respond(Message request) {
            long id = request.id();
            try {
                if (!refused && !crowded) {
                    group.enqueueToPeer(request.opCode(OpCode.RESPONSE));
                    responses.accept(id);
                }
            } catch (AmpeException e) {
                if (e.status() == Status.SEND_QUEUE_FULL) {
                    crowded = true;
                } else {
                    refuse(e);
                }
            }
        }

        private void onReturned(Message message) {
            assertThat(message.status()).isIn(PEER_IS_GONE);
            switch (message.opCode()) {
                case REQUEST -> {
                    requests.takeBack(message.id());
                    assertThat(message.body().toByteArray()).isEqualTo(cargo.of(message.id()));
                }
                case RESPONSE -> {
                    responses.takeBack(message.id());
                    assertThat(message.body().toByteArray()).isEqualTo(cargo.of(message.id()));
                }
                case HELLO_REQUEST, HELLO_RESPONSE ->
                        assertThat(++helloReturned).as("a hello returned").isEqualTo(1);
                default -> fail("unexpected " + message.header());
            }
        }
    }

    Survivor(Ampe ampe, Transport transport) throws InterruptedException {
        this.ampe = ampe;
        this.transport = transport;
        this.group = ampe.create();
        group.enqueueToPeer(message().listenOn(Address.listenOn(transport.listenAddress())));
        try (Message welcome = next()) {
            assertThat(welcome.status()).isEqualTo(Status.SUCCESS);
            address = Address.parse(welcome).toString();
        }
    }

    private Message message() {
        return ampe.get();
    }

    private Message next() throws InterruptedException {
        Message message = group.waitReceive(Peer.PATIENCE);
        return message != null ? message : fail("nothing came");
    }

    /// Talks with a peer, kills it in the middle, and goes on until the channel is closed.
    ///
    /// @param victim the peer
    /// @param moment how many messages of its to see before that
    Killed kill(Victim victim, int moment) throws Exception {
        Talk talk = new Talk(victim.cargo());
        if (victim.isServer()) {
            String there = victim.listen(transport.listenAddress());
            talk.channel =
                    group.enqueueToPeer(message().connectTo(Address.connectTo(there))).channel();
        } else {
            victim.connect(address);
            try (Message hello = next()) {
                assertThat(hello.opCode()).isEqualTo(OpCode.HELLO_REQUEST);
                talk.channel = hello.channel();
                talk.on(hello);
                group.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
            }
        }
        boolean killed = false;
        while (!talk.closed) {
            talk.sendMore(killed);
            if (!killed && talk.seen >= moment) {
                victim.kill();
                killed = true;
            }
            try (Message message = next()) {
                assertThat(message.channel()).isEqualTo(talk.channel);
                talk.on(message);
            }
        }
        assertThat(killed).as("closed by the kill, not before").isTrue();
        Victim.Journal journal = victim.journal();
        talk.requests.close(journal.requests());
        talk.responses.close(journal.responses());
        return new Killed(talk.requests, talk.responses);
    }

    /// The books of a channel whose peer was killed.
    record Killed(Books requests, Books responses) {}

    @Override
    public void close() {
        group.close();
    }
}
