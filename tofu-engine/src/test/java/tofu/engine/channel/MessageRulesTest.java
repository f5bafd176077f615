package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.AmpeException;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.HeaderLayout;

/// The tables of the wire spec, sections 3 and 5, as far as a header alone decides.
class MessageRulesTest {
    private static final String HEADERS = "~connect_to:tcp||\r\n";

    private static Status enqueued(Frame frame) {
        ByteBuffer buffer = ByteBuffer.wrap(frame.bytes());
        long second = buffer.getLong(HeaderLayout.SECOND_WORD);
        AmpeException refusal =
                catchThrowableOfType(
                        AmpeException.class,
                        () -> MessageRules.checkEnqueued(buffer.getLong(0), second));
        return refusal == null ? Status.SUCCESS : refusal.status();
    }

    private static Status received(Frame frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame.bytes());
        return MessageRules.checkReceived(bytes.getLong(0), bytes.getLong(8));
    }

    private static Frame frame(OpCode opCode, int channel, long id, boolean more, String headers) {
        return new Frame(channel, opCode.code() | (more ? Frame.MORE : 0), 0, id, headers, "");
    }

    @ParameterizedTest
    @CsvSource({
        // op code,          channel, id, more, headers, result
        "REQUEST,            7, 1, false, false, SUCCESS",
        "REQUEST,            7, 0, true,  false, SUCCESS",
        "REQUEST,            0, 1, false, false, INVALID_CHANNEL_NUMBER",
        "RESPONSE,           7, 1, true,  true,  SUCCESS",
        "RESPONSE,           7, 0, false, false, INVALID_MESSAGE_ID",
        "RESPONSE,           0, 0, false, false, INVALID_MESSAGE_ID",
        "RESPONSE,           0, 1, false, false, INVALID_CHANNEL_NUMBER",
        "SIGNAL,             7, 0, true,  false, SUCCESS",
        "SIGNAL,             0, 0, false, false, INVALID_CHANNEL_NUMBER",
        "HELLO_REQUEST,      0, 0, false, true,  SUCCESS",
        "HELLO_REQUEST,      0, 9, false, true,  SUCCESS",
        "HELLO_REQUEST,      0, 0, true,  true,  INVALID_MORE_USAGE",
        "HELLO_REQUEST,      7, 0, false, true,  INVALID_CHANNEL_NUMBER",
        "HELLO_REQUEST,      0, 0, false, false, WRONG_ADDRESS",
        "HELLO_REQUEST,      7, 0, true,  false, INVALID_MORE_USAGE",
        "HELLO_REQUEST,      7, 0, false, false, INVALID_CHANNEL_NUMBER",
        "HELLO_RESPONSE,     7, 1, false, false, SUCCESS",
        "HELLO_RESPONSE,     7, 0, true,  false, INVALID_MESSAGE_ID",
        "HELLO_RESPONSE,     7, 1, true,  false, INVALID_MORE_USAGE",
        "HELLO_RESPONSE,     0, 1, false, false, INVALID_CHANNEL_NUMBER",
        "BYE_REQUEST,        7, 0, false, false, SUCCESS",
        "BYE_REQUEST,        7, 0, true,  false, INVALID_MORE_USAGE",
        "BYE_REQUEST,        0, 0, false, false, INVALID_CHANNEL_NUMBER",
        "BYE_RESPONSE,       7, 1, false, false, SUCCESS",
        "BYE_RESPONSE,       7, 0, false, false, INVALID_MESSAGE_ID",
        "BYE_RESPONSE,       0, 1, true,  false, INVALID_MORE_USAGE",
        "BYE_SIGNAL,         7, 0, false, false, SUCCESS",
        "BYE_SIGNAL,         7, 0, true,  false, INVALID_MORE_USAGE",
        "BYE_SIGNAL,         0, 0, false, false, INVALID_CHANNEL_NUMBER",
        "WELCOME_REQUEST,    0, 0, false, true,  SUCCESS",
        "WELCOME_REQUEST,    0, 0, false, false, WRONG_ADDRESS",
        "WELCOME_REQUEST,    0, 0, true,  true,  INVALID_MORE_USAGE",
        "WELCOME_REQUEST,    7, 0, false, true,  INVALID_CHANNEL_NUMBER",
        "WELCOME_RESPONSE,   7, 1, false, true,  INVALID_OP_CODE",
        "WELCOME_RESPONSE,   0, 0, true,  false, INVALID_OP_CODE",
    })
    void theFirstRuleThatAnEnqueuedMessageBreaksDecides(
            OpCode opCode, int channel, long id, boolean more, boolean headers, Status expected) {
        Frame message = frame(opCode, channel, id, more, headers ? HEADERS : "");

        assertThat(enqueued(message)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "REQUEST,          1, false, SUCCESS",
        "REQUEST,          1, true,  SUCCESS",
        "REQUEST,          0, false, INVALID_MESSAGE_ID",
        "RESPONSE,        -1, true,  SUCCESS",
        "RESPONSE,         0, false, INVALID_MESSAGE_ID",
        "SIGNAL,           0, true,  SUCCESS",
        "HELLO_REQUEST,    1, false, SUCCESS",
        "HELLO_REQUEST,    0, false, INVALID_MESSAGE_ID",
        "HELLO_REQUEST,    1, true,  INVALID_MORE_USAGE",
        "HELLO_RESPONSE,   1, false, SUCCESS",
        "HELLO_RESPONSE,   0, true,  INVALID_MESSAGE_ID",
        "HELLO_RESPONSE,   1, true,  INVALID_MORE_USAGE",
        "BYE_REQUEST,      1, false, SUCCESS",
        "BYE_REQUEST,      0, false, INVALID_MESSAGE_ID",
        "BYE_REQUEST,      1, true,  INVALID_MORE_USAGE",
        "BYE_RESPONSE,     1, false, SUCCESS",
        "BYE_RESPONSE,     0, false, INVALID_MESSAGE_ID",
        "BYE_RESPONSE,     1, true,  INVALID_MORE_USAGE",
        "BYE_SIGNAL,       1, false, INVALID_MESSAGE",
        "WELCOME_REQUEST,  1, false, INVALID_MESSAGE",
        "WELCOME_RESPONSE, 0, true,  INVALID_MESSAGE",
    })
    void theFirstRuleThatAPeersFrameBreaksDecides(
            OpCode opCode, long id, boolean more, Status expected) {
        assertThat(received(frame(opCode, 0, id, more, ""))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 11, 12, 13, 14, 15})
    void anUnknownOpCodeOfAPeerIsInvalid(int opCode) {
        assertThat(received(Frame.request(1).withOpCode(opCode))).isEqualTo(Status.INVALID_OP_CODE);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 1L << 31, 1L << 32, 1L << 63, 0xFFFF_FFFFL})
    void anIdWithAnyBitIsAnId(long id) {
        assertThat(received(Frame.request(id))).isEqualTo(Status.SUCCESS);
    }

    @Test
    void whatAPeerMayNotSayIsNoReasonToRefuse() {
        Frame spoofed = Frame.signal(0).with(Frame.ORIGIN | Frame.INTERNAL_B).withStatus(22);

        assertThat(received(spoofed)).isEqualTo(Status.SUCCESS);
    }

    @ParameterizedTest
    @EnumSource
    void helloAndWelcomeRequestsOpenAChannel(OpCode opCode) {
        boolean expected = opCode == OpCode.HELLO_REQUEST || opCode == OpCode.WELCOME_REQUEST;

        assertThat(MessageRules.opensChannel(opCode)).isEqualTo(expected);
    }
}
