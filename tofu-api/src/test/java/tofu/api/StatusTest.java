package tofu.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatusTest {
    /// The wire spec's own list, section 4.
    private static final String SPECIFIED =
            """
            0 success, 1 not_implemented_yet, 2 wrong_address, 3 not_allowed, 4 null_message, \
            5 invalid_message, 6 invalid_op_code, 7 invalid_headers_len, 8 invalid_body_len, \
            9 invalid_more_usage, 10 invalid_channel_number, 11 invalid_mchn_group, \
            12 invalid_message_id, 13 invalid_address, 14 uds_path_not_found, \
            15 notification_disabled, 16 notification_failed, 17 peer_disconnected, \
            18 communication_failed, 19 pool_empty, 20 allocation_failed, 21 receiver_update, \
            22 channel_closed, 23 shutdown_started, 24 connect_failed, 25 listen_failed, \
            26 accept_failed, 27 send_failed, 28 recv_failed, 29 setsockopt_failed, \
            30 processing_failed, 31 unknown_error\
            """;

    private static final int FIRST_OWN_CODE = 128;

    static Stream<String> specified() {
        return Arrays.stream(SPECIFIED.split(", ", -1));
    }

    @ParameterizedTest
    @MethodSource("specified")
    void eachCodeOfTheWireSpecHasItsName(String codeAndName) {
        String[] parts = codeAndName.split(" ", 2);
        int code = Integer.parseInt(parts[0]);

        Status status = Objects.requireNonNull(Status.of(code));

        String name = parts[1].replace("mchn_group", "channel_group"); // spelt out
        assertThat(status.name()).isEqualTo(name.toUpperCase(Locale.ROOT));
        assertThat(status.code()).isEqualTo(code);
    }

    @Test
    void theWireSpecKnowsAllCodesBelowOurOwn() {
        long specified = specified().count();

        assertThat(Status.values())
                .filteredOn(status -> status.code() < FIRST_OWN_CODE)
                .hasSize((int) specified);
    }

    @ParameterizedTest
    @EnumSource
    void aStatusIsFoundByItsCode(Status status) {
        assertThat(status.code()).isBetween(0, 255);
        assertThat(Status.of(status.code())).isSameAs(status);
    }

    @Test
    void noTwoShareACode() {
        assertThat(Arrays.stream(Status.values()).map(Status::code)).doesNotHaveDuplicates();
    }

    @Test
    void everyOtherByteIsNoStatus() {
        Set<Integer> known =
                Arrays.stream(Status.values()).map(Status::code).collect(Collectors.toSet());

        assertThat(IntStream.range(0, 256).filter(code -> !known.contains(code)).boxed())
                .isNotEmpty()
                .allSatisfy(code -> assertThat(Status.of(code)).isNull());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, -128, 256, 0x113, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void whatIsNoByteIsNoStatus(int code) {
        assertThat(Status.of(code)).isNull();
    }

    @Test
    void anExceptionCarriesItsStatusAndNamesIt() {
        IllegalStateException cause = new IllegalStateException("why");

        AmpeException bare = new AmpeException(Status.POOL_EMPTY, "0 of 1 left");
        AmpeException caused = new AmpeException(Status.SEND_FAILED, "channel 1", cause);

        assertThat(bare).hasMessage("POOL_EMPTY: 0 of 1 left").hasNoCause();
        assertThat(bare.status()).isEqualTo(Status.POOL_EMPTY);
        assertThat(caused).hasMessage("SEND_FAILED: channel 1").hasCause(cause);
        assertThat(caused.status()).isEqualTo(Status.SEND_FAILED);
    }

    @Test
    @SuppressWarnings({"NullAway", "DataFlowIssue"}) // the point of the test
    void anExceptionNeedsAStatus() {
        assertThatNullPointerException()
                .isThrownBy(() -> new AmpeException(null, "x"))
                .withMessage("status");
    }
}
