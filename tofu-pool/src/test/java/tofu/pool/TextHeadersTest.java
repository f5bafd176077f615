package tofu.pool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import java.lang.foreign.ValueLayout;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.AmpeException;
import tofu.api.Status;
import tofu.api.TextHeaders;
import tofu.api.TextHeaders.Cursor;

class TextHeadersTest {
    private static final byte[] BODY = {1, 2, 3};

    private final SlotPool pool = Pools.ample();
    private final SlabMessage message = Pools.lease(pool);
    private final TextHeaders headers = message.headers();

    @AfterEach
    void everythingComesHome() {
        message.close();
        assertThat(pool.messagesOut()).isZero();
        pool.close();
        assertThat(pool.bytesAllocated()).isZero();
    }

    @Test
    void headersAreWrittenAsInTheTranscript() {
        headers.append("k1", "v1").append("k2", " spaced value ");

        assertThat(wire())
                .isEqualTo(
                        Pools.hex(
                                "6b 31 3a 76 31 0d 0a 6b 32 3a 20 73 70 61 63 65 64 20 76 61 6c 75"
                                        + " 65 20 0d 0a"));
        assertThat(headers.length()).isEqualTo(26);
        assertThat(headers.first("k2")).isEqualTo("spaced value");
    }

    @Test
    void aNewMessageHasNoHeaders() {
        assertThat(headers.length()).isZero();
        assertThat(headers.cursor().next()).isFalse();
        assertThat(headers.first("a")).isNull();
        assertThat(headers.toMap()).isEmpty();
    }

    /// A peer might trim it, and two names would be one.
    @ParameterizedTest
    @ValueSource(strings = {" a", "a ", "\ta", "a\t", " \t name of \t", " a b"})
    void aNameWithABlankAtItsEndsIsRefused(String name) {
        assertUnchanged(Status.INVALID_HEADER, () -> headers.append(name, "v"));
        assertUnchanged(Status.INVALID_HEADER, () -> headers.prepend(name, "v"));
    }

    @Test
    void aNameMayHaveBlanksInside() {
        headers.append("name \t of", "v");

        assertThat(headers.first("name \t of")).isEqualTo("v");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\ud800",
                "\udc00",
                "a\ud83d",
                "\ude00b",
                "\ud83d\ud83d\ude00",
                "\ude00\ud83d",
            })
    void halfASurrogatePairIsRefused(String text) {
        assertUnchanged(Status.INVALID_HEADER, () -> headers.append(text, "v"));
        assertUnchanged(Status.INVALID_HEADER, () -> headers.append("n", text));
        assertUnchanged(Status.INVALID_HEADER, () -> headers.prepend(text, "v"));
        assertUnchanged(Status.INVALID_MESSAGE, () -> message.body().append(text));
    }

    @Test
    void halfASurrogatePairIsNoQuestionMark() {
        headers.append("?", "?").append("\ud83d\ude00", "\ud83d\ude00");

        assertThat(headers.first("\ud800")).isNull();
        Cursor cursor = headers.cursor();
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.nameIs("\ud800")).isFalse();
        assertThat(cursor.valueIs("\udc00")).isFalse();
        assertThat(headers.first("\ud83d\ude00")).isEqualTo("\ud83d\ude00");
    }

    @Test
    void prependingPutsAHeaderBeforeAllOthersAndKeepsTheBody() {
        message.body().append(BODY);
        headers.prepend("b", "2").prepend("a", "1");

        assertThat(wire()).asString(UTF_8).isEqualTo("a:1\r\nb:2\r\n");
        assertThat(message.body().toByteArray()).isEqualTo(BODY);
    }

    @Test
    void prependingBeforeAHeaderWithoutItsCrlfKeepsBoth() {
        receive("b:2");

        headers.prepend("a", "1");

        assertThat(headers.toMap()).containsExactly(entry("a", "1"), entry("b", "2"));
    }

    @Test
    void removingTakesAllOfANameAndKeepsTheRestAsItCame() {
        receive("a:1\r\n\r\nb :2\r\na:\r\nc:3\r\nA:4\r\na:5");

        assertThat(headers.remove("a")).isSameAs(headers);

        assertThat(wire()).asString(UTF_8).isEqualTo("\r\nb :2\r\nc:3\r\nA:4\r\n");
        assertThat(message.body().toByteArray()).isEqualTo(BODY);
        headers.remove("no such").remove("b ").remove("c").remove("A");
        assertThat(headers.toMap()).isEmpty();
        assertThat(message.body().toByteArray()).isEqualTo(BODY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "\t", " \t ", ":", "a:b", ":a", "a\r", "\na", "a\r\nb", "a\u0000"})
    void aBadNameIsRefusedAndNothingIsChanged(String name) {
        assertUnchanged(Status.INVALID_HEADER, () -> headers.append(name, "v"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\r", "\n", "a\r\nb:c", "a\n", "\ra", "\u0000", "a\u0000b"})
    void aBadValueIsRefusedAndNothingIsChanged(String value) {
        assertUnchanged(Status.INVALID_HEADER, () -> headers.append("n", value));
    }

    @Test
    void aValueIsVerbatimAndMayHaveColonsBlanksAndAnyLanguage() {
        headers.append("a", ":b::c:").append("b", " ").append("\u00e4", "\ud83d\ude00\t!");

        assertThat(wire())
                .asString(UTF_8)
                .isEqualTo("a::b::c:\r\nb: \r\n\u00e4:\ud83d\ude00\t!\r\n");
        assertThat(NaiveHeaders.walk(headers))
                .containsExactly(
                        new NaiveHeaders.Header("a", ":b::c:"),
                        new NaiveHeaders.Header("b", ""),
                        new NaiveHeaders.Header("\u00e4", "\ud83d\ude00\t!"));
    }

    @Test
    void appendingBehindABodyMovesTheBody() {
        message.body().append(BODY);

        headers.append("a", "1").append("b", "2");

        assertThat(message.body().toByteArray()).isEqualTo(BODY);
        assertThat(wire()).asString(UTF_8).isEqualTo("a:1\r\nb:2\r\n");
    }

    @Test
    void clearingKeepsTheBody() {
        headers.append("a", "1").append("b", "2");
        message.body().append(BODY);

        assertThat(headers.clear()).isSameAs(headers);

        assertThat(headers.length()).isZero();
        assertThat(headers.cursor().next()).isFalse();
        assertThat(message.body().toByteArray()).isEqualTo(BODY);
        assertThat(message.slot().frameLength()).isEqualTo(16 + BODY.length);
    }

    @Test
    void allHeadersAreAtMost65535BytesLong() {
        message.body().append(BODY);
        headers.append("n", "v".repeat(65_535 - "n:\r\n".length()));
        assertThat(headers.length()).isEqualTo(65_535);

        assertUnchanged(Status.INVALID_HEADERS_LEN, () -> headers.append("a", "1"));
        assertThat(message.body().toByteArray()).isEqualTo(BODY);
    }

    @Test
    void oneByteTooManyIsRefused() {
        headers.append("a", "1");

        assertUnchanged(
                Status.INVALID_HEADERS_LEN,
                () -> headers.append("n", "v".repeat(65_536 - "a:1\r\nn:\r\n".length())));
        headers.append("n", "v".repeat(65_535 - "a:1\r\nn:\r\n".length()));
        assertThat(headers.length()).isEqualTo(65_535);
    }

    @Test
    void aHeaderThatIsFarTooLongIsRefused() {
        assertUnchanged(Status.INVALID_HEADERS_LEN, () -> headers.append("n", "v".repeat(200_000)));
    }

    @Test
    void theFirstOfSeveralWithOneNameCounts() {
        headers.append("b", "1").append("a", "2").append("b", "3");

        assertThat(headers.first("b")).isEqualTo("1");
        assertThat(headers.toMap()).containsExactly(entry("b", "1"), entry("a", "2"));
    }

    @Test
    void theMapIsIndependentOfTheMessage() {
        headers.append("a", "1");
        var map = headers.toMap();

        headers.clear();

        assertThat(map).containsExactly(entry("a", "1"));
    }

    @Test
    void receivedHeadersAreReadLeniently() {
        receive("\r\n\r\na:1\r\nno colon\r\nb: \t2\t \r\n\r\nc::3\r\nlast:4");

        assertThat(NaiveHeaders.walk(headers))
                .containsExactly(
                        new NaiveHeaders.Header("a", "1"),
                        new NaiveHeaders.Header("no colon", ""),
                        new NaiveHeaders.Header("b", "2"),
                        new NaiveHeaders.Header("c", ":3"),
                        new NaiveHeaders.Header("last", "4"));
        assertThat(headers.first("no colon")).isEmpty();
    }

    @Test
    void aLoneCarriageReturnOrLineFeedIsPartOfAReceivedHeader() {
        receive("a\rb:c\nd\r\ne:\r\r\n\r");

        assertThat(NaiveHeaders.walk(headers))
                .containsExactly(
                        new NaiveHeaders.Header("a\rb", "c\nd"),
                        new NaiveHeaders.Header("e", "\r"),
                        new NaiveHeaders.Header("\r", ""));
    }

    @Test
    void anEmptyNameEndsTheIteration() {
        receive("a:1\r\n:2\r\nb:3\r\n");
        Cursor cursor = headers.cursor();

        assertThat(cursor.next()).isTrue();
        assertThat(cursor.next()).isFalse();
        assertThat(cursor.next()).as("it stays at its end").isFalse();
        assertThat(headers.first("b")).isNull();
        assertThat(headers.toMap()).containsOnlyKeys("a");
    }

    @Test
    void appendingAfterAHeaderWithoutItsCrlfKeepsBoth() {
        receive("a:1");

        headers.append("b", "2");

        assertThat(headers.toMap()).containsExactly(entry("a", "1"), entry("b", "2"));
    }

    @Test
    void aCursorComparesWithoutMakingStrings() {
        headers.append("name", "value").append("\u00e4", "\ud83d\ude00");
        Cursor cursor = headers.cursor();

        assertThat(cursor.next()).isTrue();
        assertThat(cursor.nameIs("name")).isTrue();
        assertThat(cursor.valueIs("value")).isTrue();
        for (String other : List.of("", "nam", "names", "Name", "value\r", "namf", "\u00e4")) {
            assertThat(cursor.nameIs(other)).as(other).isFalse();
            assertThat(cursor.valueIs(other)).as(other).isFalse();
        }
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.nameIs("\u00e4")).isTrue();
        assertThat(cursor.nameIs("\u00c3\u00a4")).as("its bytes as Latin-1").isFalse();
        assertThat(cursor.valueIs("\ud83d\ude00")).isTrue();
        assertThat(cursor.valueIs("\ud83d\ude01")).isFalse();
    }

    @Test
    void namesAndValuesAreComparedByteByByteNotAsTheyAreShown() {
        Pools.receive(message, Pools.hex("ff 3a fe 0d 0a"), BODY);
        Cursor cursor = headers.cursor();

        assertThat(cursor.next()).isTrue();
        assertThat(cursor.name()).isEqualTo("\ufffd");
        assertThat(cursor.nameIs("\ufffd")).isFalse();
        assertThat(cursor.valueIs("\ufffd")).isFalse();
    }

    @Test
    void cursorsAreIndependentOfEachOther() {
        headers.append("a", "1").append("b", "2");
        Cursor ahead = headers.cursor();
        Cursor behind = message.headers().cursor();

        assertThat(ahead.next()).isTrue();
        assertThat(ahead.next()).isTrue();
        assertThat(behind.next()).isTrue();

        assertThat(ahead.name()).isEqualTo("b");
        assertThat(behind.name()).isEqualTo("a");
    }

    @Test
    void aCursorEndsWithTheLease() {
        headers.append("a", "1");
        Cursor cursor = headers.cursor();
        assertThat(cursor.next()).isTrue();

        message.close();

        assertStatus(Status.NULL_MESSAGE, cursor::next);
        assertStatus(Status.NULL_MESSAGE, cursor::name);
        assertStatus(Status.NULL_MESSAGE, cursor::value);
        assertStatus(Status.NULL_MESSAGE, () -> cursor.nameIs("a"));
        assertStatus(Status.NULL_MESSAGE, () -> cursor.valueIs("1"));
    }

    private void receive(String raw) {
        Pools.receive(message, raw.getBytes(UTF_8), BODY);
    }

    private byte[] wire() {
        int length = message.slot().headersLength();
        return message.slot()
                .segment()
                .asSlice(HeaderLayout.LENGTH, length)
                .toArray(ValueLayout.JAVA_BYTE);
    }

    private void assertUnchanged(Status expected, ThrowingCallable call) {
        byte[] before = frame();
        assertStatus(expected, call);
        assertThat(frame()).isEqualTo(before);
    }

    private byte[] frame() {
        return Pools.frameOf(message.slot());
    }

    private static void assertStatus(Status expected, ThrowingCallable call) {
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(call)
                .returns(expected, AmpeException::status);
    }
}
