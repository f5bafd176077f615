package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tofu.api.OpCode;

/// The tables of [Ending], cell by cell.
class EndingTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # value             | we talk | peer talks | draining | owes our end
                    NOT_BEGUN           | true    | true       | false    | false
                    WE_ASKED            | false   | true       | false    | false
                    PEER_ASKED          | true    | false      | false    | false
                    BOTH_ASKED          | false   | false      | false    | true
                    ANSWERED_UNASKED    | false   | true       | false    | false
                    PEER_ANSWERED       | false   | false      | false    | false
                    AWAITING_END        | false   | false      | false    | false
                    DRAINING            | false   | false      | true     | true
                    DRAINING_TO_THE_END | false   | false      | true     | false
                    CLOSED              | false   | false      | false    | false
                    RESET               | false   | false      | false    | false
                    """)
    void saysWhoMayTalkAndWhatIsOwed(
            Ending ending, boolean weTalk, boolean peerTalks, boolean draining, boolean owes) {
        assertThat(ending.weMayTalk()).isEqualTo(weTalk);
        assertThat(ending.peerMayTalk()).isEqualTo(peerTalks);
        assertThat(ending.isDraining()).isEqualTo(draining);
        assertThat(ending.owesOurEnd()).isEqualTo(owes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # value             | our request | our response
                    NOT_BEGUN           | WE_ASKED    | ANSWERED_UNASKED
                    WE_ASKED            |             |
                    PEER_ASKED          | BOTH_ASKED  | AWAITING_END
                    BOTH_ASKED          |             |
                    ANSWERED_UNASKED    |             |
                    PEER_ANSWERED       |             |
                    AWAITING_END        |             |
                    DRAINING            |             |
                    DRAINING_TO_THE_END |             |
                    CLOSED              |             |
                    RESET               |             |
                    """)
    void weSayByeOnce(Ending from, @Nullable Ending request, @Nullable Ending response) {
        checkNext(request, "our BYE_REQUEST in " + from, () -> from.onOurBye(OpCode.BYE_REQUEST));
        checkNext(
                response, "our BYE_RESPONSE in " + from, () -> from.onOurBye(OpCode.BYE_RESPONSE));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # value             | the peer's request | the peer's response
                    NOT_BEGUN           | PEER_ASKED         | PEER_ANSWERED
                    WE_ASKED            | BOTH_ASKED         | PEER_ANSWERED
                    PEER_ASKED          |                    |
                    BOTH_ASKED          |                    |
                    ANSWERED_UNASKED    | AWAITING_END       | PEER_ANSWERED
                    PEER_ANSWERED       |                    |
                    AWAITING_END        |                    |
                    DRAINING            |                    |
                    DRAINING_TO_THE_END |                    |
                    CLOSED              |                    |
                    RESET               |                    |
                    """)
    void thePeerSaysByeOnce(Ending from, @Nullable Ending request, @Nullable Ending response) {
        checkNext(
                request,
                "the peer's BYE_REQUEST in " + from,
                () -> from.onPeersBye(OpCode.BYE_REQUEST));
        checkNext(
                response,
                "the peer's BYE_RESPONSE in " + from,
                () -> from.onPeersBye(OpCode.BYE_RESPONSE));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # value             | the group closes    | our direction ends
                    NOT_BEGUN           | DRAINING            |
                    WE_ASKED            | DRAINING            |
                    PEER_ASKED          | DRAINING            |
                    BOTH_ASKED          | DRAINING            | AWAITING_END
                    ANSWERED_UNASKED    | DRAINING_TO_THE_END |
                    PEER_ANSWERED       |                     |
                    AWAITING_END        | DRAINING_TO_THE_END |
                    DRAINING            | DRAINING            | DRAINING_TO_THE_END
                    DRAINING_TO_THE_END | DRAINING_TO_THE_END |
                    CLOSED              |                     |
                    RESET               |                     |
                    """)
    void theGroupClosesAndOurDirectionEnds(
            Ending from, @Nullable Ending closed, @Nullable Ending ended) {
        checkNext(closed, "the group closes in " + from, from::onGroupClosed);
        checkNext(ended, "our direction ends in " + from, from::onOurEnd);
    }

    /// @param next what it becomes, `null` if that must not happen
    private static void checkNext(@Nullable Ending next, String what, Supplier<Ending> step) {
        if (next == null) {
            assertThatThrownBy(step::get)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(what);
        } else {
            assertThat(step.get()).as(what).isEqualTo(next);
        }
    }
}
