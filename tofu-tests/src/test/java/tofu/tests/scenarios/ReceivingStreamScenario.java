package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tofu.tests.scenarios.Streams.receive;
import static tofu.tests.scenarios.Streams.write;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.AmpeException;
import tofu.api.Body;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.MessageInputStream;
import tofu.api.MessageOutputStream;
import tofu.api.MessageStreamException;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Streams whose readers receive from the group themselves, while others have a say there, too.
class ReceivingStreamScenario {
    private static final Duration A_MOMENT = Duration.ofMillis(100);

    @RegisterExtension final Stage stage = new Stage();

    private static MessageInputStream read(Link link, Duration timeout, Consumer<Message> others)
            throws InterruptedException {
        try (Message first = receive(link.server())) {
            return MessageInputStream.receiving(first, link.server().group(), timeout, others);
        }
    }

    @ParameterizedTest
    @EnumSource
    void othersThatNeverEndMakeNoReadWaitLonger(Transport transport) throws Exception {
        Link link = stage.link(transport);
        ChannelGroup group = link.server().group();
        MessageOutputStream out = write(link, 1, Peer.PATIENCE);
        out.write(1);
        out.flush();
        MessageInputStream in =
                read(
                        link,
                        A_MOMENT,
                        other -> {
                            other.close();
                            group.updateReceiver(null); // there is always one more
                        });
        assertThat(in.read()).isOne();
        group.updateReceiver(null);
        Running.start(in::read).failure(SocketTimeoutException.class);
        Running.run(in::close).failure(SocketTimeoutException.class);
        out.close();
        link.server().ignoreRest();
    }

    /// As who forwards messages to a channel that has ended.
    @ParameterizedTest
    @EnumSource
    void whatOthersThrowIsNoFailureOfTheStream(Transport transport) throws Exception {
        Link link = stage.link(transport);
        MessageOutputStream out = write(link, 3, Peer.PATIENCE);
        out.write(1);
        out.flush();
        AmpeException failure = new AmpeException(Status.CHANNEL_CLOSED, "that of somebody else");
        MessageInputStream in =
                read(
                        link,
                        Peer.PATIENCE,
                        other -> {
                            throw failure; // and leaves the message open
                        });
        assertThat(in.read()).isOne();
        link.client().say(OpCode.SIGNAL, link.clientChannel());
        assertThatThrownBy(in::read).isSameAs(failure);
        out.write(2);
        out.finish();
        assertThat(in.readAllBytes()).containsExactly(2);
        in.close();
    }

    /// Does what another one does, but a method of the messages that it receives, or of their
    /// bodies, fails while somebody says so.
    private static <T> T shortOfMemory(
            Class<T> type, Object other, String failing, AtomicBoolean none) {
        InvocationHandler handler =
                (proxy, method, arguments) -> {
                    if (none.get() && method.getName().equals(failing)) {
                        throw new OutOfMemoryError("planted");
                    }
                    Object answer = method.invoke(other, arguments);
                    return switch (answer) {
                        case Message received ->
                                shortOfMemory(Message.class, received, failing, none);
                        case Body body -> shortOfMemory(Body.class, body, failing, none);
                        case null, default -> answer;
                    };
                };
        Class<?>[] types = {type};
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), types, handler));
    }

    /// Whoever reads on is not given what follows as if nothing were missing.
    @ParameterizedTest
    @CsvSource({
        "TCP, toByteArray, false",
        "TCP, toByteArray, true",
        "TCP, opCode, false",
        "UDS, toByteArray, false",
        "UDS, toByteArray, true",
        "UDS, opCode, false"
    })
    void whatCannotBeCopiedBreaksTheStream(Transport transport, String failing, boolean last)
            throws Exception {
        Link link = stage.link(transport);
        MessageOutputStream out = write(link, 4, Peer.PATIENCE);
        out.write(1);
        out.flush();
        AtomicBoolean none = new AtomicBoolean();
        ChannelGroup group =
                shortOfMemory(ChannelGroup.class, link.server().group(), failing, none);
        MessageInputStream in;
        try (Message first = receive(link.server())) {
            in = MessageInputStream.receiving(first, group, Peer.PATIENCE, Message::close);
        }
        assertThat(in.read()).isOne();
        out.write(2);
        if (!last) {
            out.flush();
            out.write(3);
        }
        out.finish();
        none.set(true);
        assertThatThrownBy(in::read).isInstanceOf(OutOfMemoryError.class);
        none.set(false);

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(in::read)
                    .isInstanceOfSatisfying(
                            MessageStreamException.class,
                            e -> assertThat(e.status()).isEqualTo(Status.ALLOCATION_FAILED));
        }
        in.close();
        link.client().say(OpCode.SIGNAL, link.clientChannel(), 5);
        link.server().expect(OpCode.SIGNAL, 5);
    }
}
