package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tofu.tests.scenarios.Streams.bytes;
import static tofu.tests.scenarios.Streams.read;
import static tofu.tests.scenarios.Streams.receive;
import static tofu.tests.scenarios.Streams.write;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.AmpeException;
import tofu.api.Body;
import tofu.api.Message;
import tofu.api.MessageInputStream;
import tofu.api.MessageOutputStream;
import tofu.api.MessageStreamException;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Streams over messages on real sockets: back-pressure, failures, and who owns what.
///
/// Long, since every way in which one of the two streams can fail is here, but for those of
/// [UnfinishedStreamScenario].
class MessageStreamScenario {
    private static final Duration PATIENCE = Peer.PATIENCE;
    private static final Duration A_MOMENT = Duration.ofMillis(100);

    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @CsvSource({
        "TCP, 0", "TCP, 1", "TCP, 65520", "TCP, 65521", "TCP, 10000000",
        "UDS, 0", "UDS, 1", "UDS, 65520", "UDS, 65521", "UDS, 10000000"
    })
    void everyByteArrives(Transport transport, int length) throws Exception {
        Link link = stage.link(transport);
        byte[] sent = bytes(length);
        Running<Boolean> writing =
                Running.run(
                        () -> {
                            try (MessageOutputStream out = write(link, 0, PATIENCE)) {
                                out.write(sent);
                                out.finish();
                            }
                        });
        try (MessageInputStream in = read(link)) {
            assertThat(in.readAllBytes()).isEqualTo(sent);
        }
        writing.result();
        link.echo("and on it goes");
    }

    @ParameterizedTest
    @EnumSource
    void allMessagesOfAChainHaveTheIdOfTheFirst(Transport transport) throws Exception {
        Link link = stage.link(transport);
        try (MessageOutputStream out = write(link, 0, PATIENCE)) {
            out.flush(); // nothing yet: no message
            out.write(1);
            out.flush();
            out.flush(); // nothing new: no message
            out.write(bytes(MessageOutputStream.DEFAULT_CHUNK_LENGTH));
            out.write(2);
            out.finish();
        }
        Received first = link.server().expect(OpCode.REQUEST);
        assertThat(first.id()).isNotZero();
        assertThat(first.headers()).containsEntry("name", "n0");
        assertThat(first.header().bodyLength()).isOne();
        Received second = link.server().expect(OpCode.REQUEST, first.id());
        assertThat(second.headers()).isEmpty();
        assertThat(second.header().bodyLength())
                .isEqualTo(MessageOutputStream.DEFAULT_CHUNK_LENGTH);
        Received third = link.server().expect(OpCode.REQUEST, first.id());
        assertThat(List.of(first.header().more(), second.header().more(), third.header().more()))
                .containsExactly(true, true, false);
        link.server().expectNothing();
    }

    @ParameterizedTest
    @EnumSource
    void chainsOfOneChannelMayAlternate(Transport transport) throws Exception {
        Link link = stage.link(transport);
        byte[] sent = bytes(300_000);
        try (MessageOutputStream odd = write(link, 1, PATIENCE);
                MessageOutputStream even = write(link, 2, PATIENCE)) {
            for (int at = 0; at < sent.length; at += 1000) {
                odd.write(sent, at, 1000);
                odd.flush();
                even.write(sent, at, 1000);
                even.flush();
            }
            odd.finish();
            even.finish();
        }
        List<MessageInputStream> streams = new ArrayList<>();
        List<Running<byte[]>> readers = new ArrayList<>();
        int open = 2;
        while (open > 0) {
            try (Message message = receive(link.server())) {
                MessageInputStream known = acceptor(streams, message);
                if (known != null) {
                    open -= known.feed(message, PATIENCE) ? 0 : 1;
                } else {
                    MessageInputStream in = MessageInputStream.fed(message, 2, PATIENCE);
                    streams.add(in);
                    readers.add(Running.start(in::readAllBytes));
                }
            }
        }
        assertThat(readers).hasSize(2);
        for (Running<byte[]> reader : readers) {
            assertThat(reader.result()).isEqualTo(sent);
        }
    }

    private static @Nullable MessageInputStream acceptor(
            List<MessageInputStream> streams, Message message) {
        return streams.stream().filter(in -> in.accepts(message)).findFirst().orElse(null);
    }

    @ParameterizedTest
    @EnumSource
    void aSlowReaderSlowsDownTheWriter(Transport transport) throws Exception {
        Link link =
                stage.link(transport, o -> o.sendQueueBytes(200_000).receiveWindowBytes(200_000));
        byte[] sent = bytes(20_000_000);
        Running<Boolean> writing =
                Running.run(
                        () -> {
                            try (MessageOutputStream out = write(link, 3, PATIENCE)) {
                                out.write(sent);
                                out.finish();
                            }
                        });
        writing.awaitWaiting();
        assertThat(writing.isDone()).isFalse();
        try (MessageInputStream in = read(link)) {
            assertThat(in.readAllBytes()).isEqualTo(sent);
        }
        writing.result();
    }

    @ParameterizedTest
    @EnumSource
    void whoWaitsTooLongForRoomIsTold(Transport transport) throws Exception {
        Link link =
                stage.link(transport, o -> o.sendQueueBytes(200_000).receiveWindowBytes(200_000));
        MessageOutputStream out = write(link, 3, A_MOMENT);
        byte[] much = bytes(1_000_000);
        assertThatThrownBy(
                        () -> {
                            while (true) {
                                out.write(much);
                            }
                        })
                .isInstanceOfSatisfying(
                        MessageStreamException.class,
                        e -> assertThat(e.status()).isEqualTo(Status.SEND_QUEUE_FULL));
        assertThatThrownBy(() -> out.write(1)).isInstanceOf(IOException.class);
        assertThatThrownBy(out::finish).hasMessage("the stream has failed");
        out.close();
        out.close();
        link.client().ignoreRest();
        link.server().ignoreRest();
    }

    @ParameterizedTest
    @EnumSource
    void theEndOfTheChannelIsAFailureAfterTheLastByte(Transport transport) throws Exception {
        Link link = stage.link(transport);
        MessageOutputStream out = write(link, 4, PATIENCE);
        out.write(bytes(500));
        out.flush();
        MessageInputStream in = read(link);
        link.client().say(OpCode.BYE_REQUEST, link.clientChannel());
        assertThat(in.readNBytes(500)).isEqualTo(bytes(500));
        link.server().expect(OpCode.BYE_REQUEST); // not of the chain
        link.server().say(OpCode.BYE_RESPONSE, link.serverChannel(), 99);
        link.client().expect(OpCode.BYE_RESPONSE);
        link.client().expectClosed(link.clientChannel(), link.helloId());
        assertThatThrownBy(in::read)
                .isInstanceOfSatisfying(
                        MessageStreamException.class,
                        e -> assertThat(e.status()).isEqualTo(Status.CHANNEL_CLOSED));
        in.close();
        assertThatThrownBy(
                        () -> {
                            out.write(1);
                            out.flush();
                        })
                .isInstanceOf(MessageStreamException.class);
        out.close();
    }

    @ParameterizedTest
    @EnumSource
    void whoClosesEarlyFindsTheChannelAfterTheChain(Transport transport) throws Exception {
        Link link = stage.link(transport);
        Running<Boolean> writing =
                Running.run(
                        () -> {
                            try (MessageOutputStream out = write(link, 6, PATIENCE)) {
                                out.write(bytes(10_000_000));
                                out.finish();
                            }
                        });
        try (MessageInputStream in = read(link)) {
            assertThat(in.read()).isNotNegative();
        }
        writing.result();
        link.echo("nothing is left of the chain");
    }

    @ParameterizedTest
    @EnumSource
    void aClosedStreamDropsWhatItIsFed(Transport transport) throws Exception {
        Link link = stage.link(transport);
        try (MessageOutputStream out = write(link, 6, PATIENCE)) {
            out.write(bytes(1_000_000));
            out.finish();
        }
        MessageInputStream in;
        try (Message first = receive(link.server())) {
            in = MessageInputStream.fed(first, 1, PATIENCE);
        }
        in.close();
        assertThatThrownBy(in::read).isInstanceOf(IOException.class);
        boolean goesOn = true;
        while (goesOn) {
            try (Message next = receive(link.server())) {
                goesOn = in.feed(next, Duration.ZERO);
            }
        }
        link.echo("nothing is left of the chain");
    }

    @ParameterizedTest
    @EnumSource
    void whatTheStreamDoesNotTakeStaysTheCallers(Transport transport) throws Exception {
        Link link = stage.link(transport);
        link.client().say(OpCode.REQUEST, link.clientChannel(), m -> m.id(1).more(true));
        link.client().say(OpCode.REQUEST, link.clientChannel(), m -> m.id(1).more(true));
        link.client().say(OpCode.REQUEST, link.clientChannel(), m -> m.id(1).more(true));
        link.client().say(OpCode.REQUEST, link.clientChannel(), m -> m.id(2));
        link.client().say(OpCode.SIGNAL, link.clientChannel(), m -> m.id(1));
        try (Message first = receive(link.server());
                Message second = receive(link.server());
                Message third = receive(link.server());
                Message otherId = receive(link.server());
                Message otherOpCode = receive(link.server())) {
            MessageInputStream in = MessageInputStream.fed(first, 1, A_MOMENT);
            assertThat(in.available()).isZero();
            in.feed(second, Duration.ZERO);
            expectRefusal(in, third, Status.INBOX_FULL);
            expectRefusal(in, otherId, Status.INVALID_MESSAGE);
            expectRefusal(in, otherOpCode, Status.INVALID_MESSAGE);
            assertThat(in.accepts(third)).isTrue();
            assertThatThrownBy(in::read).isInstanceOf(SocketTimeoutException.class);
            assertThat(in.feed(third, Duration.ZERO)).isTrue();
            in.close();
        }
    }

    private static void expectRefusal(MessageInputStream in, Message message, Status reason) {
        assertThatThrownBy(() -> in.feed(message, Duration.ZERO))
                .isInstanceOfSatisfying(
                        AmpeException.class, e -> assertThat(e.status()).isEqualTo(reason));
        assertThat(message.isEmptied()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void whatCannotBeginAStreamStaysTheCallers(Transport transport) {
        Link link = stage.link(transport);
        Peer client = link.client();
        try (Message bye = client.message().opCode(OpCode.BYE_REQUEST);
                Message request = client.message().channel(link.clientChannel())) {
            expectNoStream(client, bye, 100, Status.INVALID_OP_CODE);
            expectNoStream(client, request, 0, Status.INVALID_BODY_LEN);
            expectNoStream(client, request, Body.MAX_LENGTH + 1, Status.INVALID_BODY_LEN);
            request.body().append("four");
            expectNoStream(client, request, 3, Status.INVALID_BODY_LEN);
            assertThatThrownBy(() -> MessageInputStream.fed(bye, 1, PATIENCE))
                    .isInstanceOf(AmpeException.class);
            assertThatThrownBy(() -> MessageInputStream.fed(request, 0, PATIENCE))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(bye.isEmptied() || request.isEmptied()).isFalse();
        }
    }

    /// Applications cannot append a value without a character, but peers can send one.
    @ParameterizedTest
    @EnumSource
    void whatCameMayBeginAChainWhateverItsHeadersSay(Transport transport) throws Exception {
        Peer server = stage.peer();
        RawPeer raw = stage.raw(server.listen(transport).address()).send(Frame.hello(1));
        server.expect(OpCode.HELLO_REQUEST, 1);
        raw.send(Frame.of(OpCode.SIGNAL, 2, "body").withHeaders("x:\r\n"));
        try (Message came = server.group().waitReceive();
                MessageOutputStream out =
                        new MessageOutputStream(server.ampe(), server.group(), came, PATIENCE)) {
            out.finish();
        }
        raw.expect(Frame.of(OpCode.SIGNAL, 2, "body").withHeaders("x:\r\n"));
    }

    private static void expectNoStream(Peer peer, Message first, int chunkLength, Status reason) {
        assertThatThrownBy(
                        () ->
                                new MessageOutputStream(
                                        peer.ampe(), peer.group(), first, PATIENCE, chunkLength))
                .isInstanceOfSatisfying(
                        AmpeException.class, e -> assertThat(e.status()).isEqualTo(reason));
        assertThat(first.isEmptied()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void aReaderMayBeInterruptedAndGoOn(Transport transport) throws Exception {
        Link link = stage.link(transport);
        MessageOutputStream out = write(link, 8, PATIENCE);
        out.write(1);
        out.flush();
        MessageInputStream in = read(link);
        assertThat(in.read()).isOne();
        Running<Boolean> reading = Running.start(() -> isInterruptedBy(in::read)).awaitWaiting();
        reading.interrupt();
        assertThat(reading.result()).as("the thread stays interrupted").isTrue();
        out.write(2);
        out.finish();
        assertThat(in.readAllBytes()).containsExactly(2);
    }

    /// Whether an interrupt ends this, and can still be seen afterwards.
    private static boolean isInterruptedBy(Running.Action action) throws Exception {
        try {
            action.run();
            return false;
        } catch (InterruptedIOException e) {
            return Thread.currentThread().isInterrupted();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedWriterHasFailed(Transport transport) throws Exception {
        Link link =
                stage.link(transport, o -> o.sendQueueBytes(200_000).receiveWindowBytes(200_000));
        MessageOutputStream out = write(link, 9, PATIENCE);
        Running<Boolean> writing =
                Running.start(() -> isInterruptedBy(() -> out.write(bytes(50_000_000))))
                        .awaitWaiting();
        writing.interrupt();
        assertThat(writing.result()).as("the thread stays interrupted").isTrue();
        assertThatThrownBy(out::flush).hasMessage("the stream has failed");
        out.close();
        link.client().ignoreRest();
        link.server().ignoreRest();
    }

    @ParameterizedTest
    @EnumSource
    void otherMessagesAreHandedOut(Transport transport) throws Exception {
        Link link = stage.link(transport);
        MessageOutputStream out = write(link, 10, PATIENCE);
        out.write(1);
        out.flush();
        List<Status> others = new ArrayList<>();
        try (MessageInputStream in = read(link, PATIENCE, others)) {
            link.server().group().updateReceiver(null);
            link.client().say(OpCode.SIGNAL, link.clientChannel(), "progress");
            out.finish();
            assertThat(in.readAllBytes()).containsExactly(1);
        }
        assertThat(others).containsExactlyInAnyOrder(Status.SUCCESS, Status.RECEIVER_UPDATE);
    }

    @ParameterizedTest
    @EnumSource
    void aClosedGroupIsAFailureOfBothStreams(Transport transport) throws Exception {
        Link link = stage.link(transport);
        MessageOutputStream out = write(link, 11, PATIENCE);
        out.write(1);
        out.flush();
        MessageInputStream in = read(link);
        assertThat(in.read()).isOne();
        link.server().group().close();
        assertThatThrownBy(in::read)
                .isInstanceOfSatisfying(
                        MessageStreamException.class,
                        e -> assertThat(e.status()).isEqualTo(Status.SHUTDOWN_STARTED));
        link.client().group().close();
        out.write(1);
        assertThatThrownBy(out::flush)
                .isInstanceOfSatisfying(
                        MessageStreamException.class,
                        e -> assertThat(e.status()).isEqualTo(Status.SHUTDOWN_STARTED));
        out.close();
    }
}
