package tofu.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpCodeTest {
    @ParameterizedTest
    @CsvSource({
        "0, REQUEST, REGULAR, REQUEST",
        "1, RESPONSE, REGULAR, RESPONSE",
        "2, SIGNAL, REGULAR, SIGNAL",
        "3, HELLO_REQUEST, HELLO, REQUEST",
        "4, HELLO_RESPONSE, HELLO, RESPONSE",
        "5, BYE_REQUEST, BYE, REQUEST",
        "6, BYE_RESPONSE, BYE, RESPONSE",
        "7, BYE_SIGNAL, BYE, SIGNAL",
        "8, WELCOME_REQUEST, WELCOME, REQUEST",
        "9, WELCOME_RESPONSE, WELCOME, RESPONSE",
    })
    void eachOpCodeHasItsNumberTypeAndRole(
            int code, OpCode opCode, OpCode.Type type, OpCode.Role role) {
        assertThat(opCode.code()).isEqualTo(code);
        assertThat(OpCode.of(code)).isSameAs(opCode);
        assertThat(opCode.type()).isEqualTo(type);
        assertThat(opCode.role()).isEqualTo(role);
    }

    @Test
    void thereAreTenOpCodes() {
        assertThat(OpCode.values()).hasSize(10);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 10, 11, 12, 13, 14, 15, 16, 255, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void anyOtherNumberIsNoOpCode(int code) {
        assertThat(OpCode.of(code)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "REQUEST, RESPONSE",
        "SIGNAL, SIGNAL",
        "HELLO_REQUEST, HELLO_RESPONSE",
        "BYE_REQUEST, BYE_RESPONSE",
        "WELCOME_REQUEST, WELCOME_RESPONSE",
    })
    void anEchoIsTheAnswer(OpCode asked, OpCode answer) {
        assertThat(asked.echo()).isEqualTo(answer);
        assertThat(answer.type()).isEqualTo(asked.type());
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "RESPONSE",
                "HELLO_RESPONSE",
                "BYE_RESPONSE",
                "BYE_SIGNAL",
                "WELCOME_RESPONSE"
            })
    void nothingAnswersAResponseOrAByeSignal(OpCode opCode) {
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(opCode::echo)
                .withMessageContaining(opCode.name())
                .returns(Status.INVALID_OP_CODE, AmpeException::status);
    }
}
