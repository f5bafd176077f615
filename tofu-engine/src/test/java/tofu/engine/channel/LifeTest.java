package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.OpCode;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;

/// What is said, and what is awaited then.
class LifeTest {
    private static final long NOW = 1_000;

    private final Deadlines deadlines = new Deadlines(StreamRig.LIMITS);
    private final Life client = new Life(true, deadlines);
    private final Life server = new Life(false, deadlines);

    /// Of a time when all that is awaited is late.
    private @Nullable DeadlineName awaited() {
        return deadlines.due(NOW + 100);
    }

    private void check(Life life, State state, Ending ending, @Nullable DeadlineName expected) {
        assertThat(life.state()).isEqualTo(state);
        assertThat(life.seenState()).isEqualTo(state);
        assertThat(life.ending()).isEqualTo(ending);
        assertThat(awaited()).isEqualTo(expected);
    }

    private Life connected() {
        client.onOurHello(5, NOW);
        client.onConnected(NOW);
        client.hear(OpCode.HELLO_RESPONSE, 5);
        return client;
    }

    private static Status heard(Life life, OpCode opCode) {
        Frame frame = new Frame(0, opCode.code(), 0, 9, "", "");
        ByteBuffer bytes = ByteBuffer.wrap(frame.bytes());
        return life.check(bytes.getLong(0), bytes.getLong(8));
    }

    // -- how it begins

    @Test
    void aClientAwaitsTheConnectionFromItsHelloOn() {
        check(client, State.CONNECTING, Ending.NOT_BEGUN, null);
        client.onOurHello(5, NOW);
        check(client, State.CONNECTING, Ending.NOT_BEGUN, DeadlineName.CONNECT);
        assertThat(client.firstId()).isEqualTo(5);

        client.onConnected(NOW);

        check(client, State.OPEN, Ending.NOT_BEGUN, null);
        assertThat(client.isStranger()).isFalse();
        assertThat(client.isGreeted()).isFalse();
        client.hear(OpCode.HELLO_RESPONSE, 6);
        assertThat(client.isGreeted()).isTrue();
        assertThat(client.firstId()).isEqualTo(5);
    }

    @Test
    void aServerAwaitsTheHello() {
        server.onAccepted(NOW);
        server.onSecuring(NOW + 50);
        server.onSecured();
        check(server, State.OPEN, Ending.NOT_BEGUN, DeadlineName.HANDSHAKE);
        assertThat(deadlines.earliest()).as("a layer below buys no time").isEqualTo(NOW + 20);
        assertThat(server.isStranger()).isTrue();

        server.hear(OpCode.HELLO_REQUEST, 8);

        check(server, State.OPEN, Ending.NOT_BEGUN, null);
        assertThat(server.isStranger()).isFalse();
        assertThat(server.firstId()).isEqualTo(8);
    }

    @Test
    void aClientAwaitsTheHandshakeOfALayerBelow() {
        client.onOurHello(5, NOW);
        client.onConnected(NOW);
        client.onSecuring(NOW);
        check(client, State.OPEN, Ending.NOT_BEGUN, DeadlineName.HANDSHAKE);

        client.onSecured();

        check(client, State.OPEN, Ending.NOT_BEGUN, null);
    }

    @Test
    void theEndOfAHandshakeBelowIsNotThatOfABye() {
        client.onOurHello(5, NOW);
        client.onOurBye(OpCode.BYE_REQUEST, NOW);
        client.onConnected(NOW);
        client.onSecuring(NOW);
        client.onSecured();

        check(client, State.BYE_SENT, Ending.WE_ASKED, DeadlineName.BYE);
    }

    // -- byes

    @ParameterizedTest
    @CsvSource({
        "BYE_REQUEST,  BYE_SENT, WE_ASKED,         BYE",
        "BYE_RESPONSE, CLOSING,  ANSWERED_UNASKED, CLOSE"
    })
    void aByeBeforeTheConnectionTakesEffectWithIt(
            OpCode bye, State state, Ending ending, DeadlineName expected) {
        client.onOurHello(5, NOW);
        client.onOurBye(bye, NOW);
        check(client, State.CONNECTING, ending, DeadlineName.CONNECT);

        client.onConnected(NOW);

        check(client, state, ending, expected);
    }

    @Test
    void weAskAndThePeerAsksToo() {
        connected().onOurBye(OpCode.BYE_REQUEST, NOW);
        check(client, State.BYE_SENT, Ending.WE_ASKED, DeadlineName.BYE);

        client.hear(OpCode.BYE_REQUEST, 9);
        client.onHeard(NOW + 20);
        check(client, State.CLOSING, Ending.BOTH_ASKED, DeadlineName.CLOSE);
        assertThat(deadlines.earliest()).isEqualTo(NOW + 70);

        client.onOurEnd();
        check(client, State.CLOSING, Ending.AWAITING_END, DeadlineName.CLOSE);
    }

    @Test
    void thePeerAsksAndWeAnswer() {
        connected().hear(OpCode.BYE_REQUEST, 9);
        client.onHeard(NOW);
        check(client, State.BYE_RECEIVED, Ending.PEER_ASKED, null);

        client.onOurBye(OpCode.BYE_RESPONSE, NOW);
        check(client, State.CLOSING, Ending.AWAITING_END, DeadlineName.CLOSE);

        client.onHeard(NOW + 20);
        assertThat(deadlines.earliest()).as("its end is awaited already").isEqualTo(NOW + 50);
    }

    @Test
    void aByeThatIsHeardWhileClosingBuysNoTime() {
        connected().onOurBye(OpCode.BYE_RESPONSE, NOW);
        client.hear(OpCode.BYE_REQUEST, 9);
        client.onHeard(NOW + 20);

        check(client, State.CLOSING, Ending.AWAITING_END, DeadlineName.CLOSE);
        assertThat(deadlines.earliest()).isEqualTo(NOW + 50);
    }

    // -- the end

    @Test
    void aGroupThatClosesHasItsOwnTime() {
        connected().onOurBye(OpCode.BYE_REQUEST, NOW);
        client.onGroupClosed(NOW);
        check(client, State.CLOSING, Ending.DRAINING, DeadlineName.CLOSE);

        client.onGroupClosed(NOW + 20);
        check(client, State.CLOSING, Ending.DRAINING, DeadlineName.CLOSE);
        assertThat(deadlines.earliest()).isEqualTo(NOW + 70);
    }

    @ParameterizedTest
    @EnumSource
    void inTheEndNothingIsAwaitedAndNothingFollows(Exit exit) {
        connected().onOurBye(OpCode.BYE_REQUEST, NOW);

        client.end(exit);

        check(client, State.CLOSED, exit.isReset() ? Ending.RESET : Ending.CLOSED, null);
        assertThatThrownBy(() -> client.onGroupClosed(NOW))
                .isInstanceOf(IllegalStateException.class);
    }

    // -- whose turn it is

    @ParameterizedTest
    @EnumSource(names = {"HELLO_RESPONSE", "REQUEST", "SIGNAL", "BYE_REQUEST", "BYE_RESPONSE"})
    void aStrangerMayOnlySayHello(OpCode opCode) {
        assertThat(heard(server, opCode)).isEqualTo(Status.INVALID_MESSAGE);
        assertThat(heard(server, OpCode.HELLO_REQUEST)).isEqualTo(Status.SUCCESS);
    }

    @Test
    void nobodySaysHelloTwiceOrTheOthersHello() {
        server.hear(OpCode.HELLO_REQUEST, 8);
        assertThat(heard(server, OpCode.HELLO_REQUEST)).isEqualTo(Status.INVALID_MESSAGE);
        assertThat(heard(server, OpCode.HELLO_RESPONSE)).isEqualTo(Status.INVALID_MESSAGE);
        assertThat(heard(server, OpCode.REQUEST)).isEqualTo(Status.SUCCESS);

        assertThat(heard(client, OpCode.HELLO_REQUEST)).isEqualTo(Status.INVALID_MESSAGE);
        assertThat(heard(client, OpCode.HELLO_RESPONSE)).isEqualTo(Status.SUCCESS);
        client.hear(OpCode.HELLO_RESPONSE, 5);
        assertThat(heard(client, OpCode.HELLO_RESPONSE)).isEqualTo(Status.INVALID_MESSAGE);
    }

    @ParameterizedTest
    @EnumSource(names = {"REQUEST", "SIGNAL", "BYE_REQUEST", "BYE_RESPONSE"})
    void behindItsByeThePeerSaysNothing(OpCode opCode) {
        assertThat(heard(connected(), opCode)).isEqualTo(Status.SUCCESS);
        client.hear(OpCode.BYE_REQUEST, 9);
        assertThat(heard(client, opCode)).isEqualTo(Status.INVALID_MESSAGE);
    }

    @Test
    void whatIsNoMessageIsNamedBeforeWhoseTurnItIs() {
        assertThat(heard(server, OpCode.BYE_SIGNAL)).isEqualTo(Status.INVALID_MESSAGE);
        Frame frame = Frame.request(0);
        ByteBuffer bytes = ByteBuffer.wrap(frame.bytes());
        assertThat(server.check(bytes.getLong(0), bytes.getLong(8)))
                .isEqualTo(Status.INVALID_MESSAGE_ID);
    }
}
