package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import tofu.api.AmpeException;
import tofu.api.Status;
import tofu.api.TextHeaders;
import tofu.api.TextHeaders.Cursor;
import tofu.pool.NaiveHeaders.Header;

/// The headers of real messages against [NaiveHeaders].
class TextHeadersProperties {
    /// What decides where a header begins and ends, and a few others, some of them no UTF-8.
    private static final byte[] TELLING = {
        'a', 'b', ':', '\r', '\n', ' ', '\t', 0, (byte) 0xC3, (byte) 0xA4, (byte) 0xFF
    };

    private final SlotPool pool = Pools.ample();

    @Property
    void arbitraryBytesAreReadAsTheReferenceReadsThem(
            @ForAll("tellingBytes") byte[] raw, @ForAll @Size(max = 300) byte[] body) {
        withMessage(message -> checkAgainstReference(message, raw, body));
    }

    @Property(tries = 300)
    void anyBytesAtAllAreReadAsTheReferenceReadsThem(
            @ForAll @Size(max = 2_000) byte[] raw, @ForAll @Size(max = 10) byte[] body) {
        withMessage(message -> checkAgainstReference(message, raw, body));
    }

    @Property
    void whatIsAppendedIsRead(
            @ForAll("headers") List<Header> appended, @ForAll @Size(max = 100) byte[] body) {
        withMessage(
                message -> {
                    message.body().append(body);
                    appended.forEach(h -> message.headers().append(h.name(), h.value()));

                    assertThat(wire(message)).isEqualTo(NaiveHeaders.write(appended));
                    assertThat(NaiveHeaders.walk(message.headers())).isEqualTo(asRead(appended));
                    assertThat(message.body().toByteArray()).isEqualTo(body);
                });
    }

    @Property
    void appendingAddsAHeaderBehindThoseThatCame(
            @ForAll("headers") List<Header> received, @ForAll("headers") List<Header> appended) {
        withMessage(
                message -> {
                    Pools.receive(message, NaiveHeaders.write(received), new byte[] {7});
                    appended.forEach(h -> message.headers().append(h.name(), h.value()));

                    List<Header> all = new ArrayList<>(received);
                    all.addAll(appended);
                    assertThat(NaiveHeaders.walk(message.headers())).isEqualTo(asRead(all));
                });
    }

    @Property
    void nothingCanBeInjected(
            @ForAll("headers") List<Header> before,
            @ForAll String start,
            @ForAll String end,
            @ForAll("forbidden") char bad) {
        withMessage(
                message -> {
                    TextHeaders headers = message.headers();
                    before.forEach(h -> headers.append(h.name(), h.value()));
                    byte[] written = wire(message);

                    refused(() -> headers.append(start + bad + end, "v"));
                    refused(() -> headers.append("n", start + bad + end));
                    refused(() -> headers.append(start + ":" + end, "v"));
                    assertThat(wire(message)).isEqualTo(written);
                });
    }

    @Property
    void aCursorComparesAsStringsDo(@ForAll("headers") @Size(max = 4) List<Header> appended) {
        withMessage(
                message -> {
                    appended.forEach(h -> message.headers().append(h.name(), h.value()));
                    List<String> words = new ArrayList<>(List.of("", "a", "\u00e4"));
                    asRead(appended).forEach(h -> words.addAll(List.of(h.name(), h.value())));

                    Cursor cursor = message.headers().cursor();
                    while (cursor.next()) {
                        for (String word : words) {
                            assertThat(cursor.nameIs(word)).isEqualTo(cursor.name().equals(word));
                            assertThat(cursor.valueIs(word)).isEqualTo(cursor.value().equals(word));
                        }
                    }
                });
    }

    private static void checkAgainstReference(SlabMessage message, byte[] raw, byte[] body) {
        Pools.receive(message, raw, body);
        List<Header> expected = NaiveHeaders.parse(raw);
        Map<String, String> first = new LinkedHashMap<>();
        expected.forEach(header -> first.putIfAbsent(header.name(), header.value()));

        assertThat(NaiveHeaders.walk(message.headers())).isEqualTo(expected);
        assertThat(readWithoutLease(raw)).isEqualTo(expected);
        assertThat(message.headers().toMap()).containsExactlyEntriesOf(first);
        assertThat(message.headers().length()).isEqualTo(raw.length);
        assertThat(message.body().toByteArray()).isEqualTo(body);
        assertThat(message.headers().clear().toMap()).isEmpty();
        assertThat(message.body().toByteArray()).isEqualTo(body);
    }

    /// As whoever only passes the frame on: from within it, with other bytes around.
    private static List<Header> readWithoutLease(byte[] raw) {
        ByteBuffer around = ByteBuffer.allocate(raw.length + 2).put((byte) 'x').put(raw);
        List<Header> read = new ArrayList<>();
        TextHeaderCodec.read(
                MemorySegment.ofArray(around.put((byte) ':').array()),
                1,
                1 + raw.length,
                (name, value) -> read.add(new Header(name, value)));
        return read;
    }

    private static List<Header> asRead(List<Header> written) {
        return written.stream()
                .map(h -> new Header(h.name(), NaiveHeaders.trimmed(h.value())))
                .toList();
    }

    private static byte[] wire(SlabMessage message) {
        return message.slot()
                .segment()
                .asSlice(HeaderLayout.LENGTH, message.headers().length())
                .toArray(ValueLayout.JAVA_BYTE);
    }

    private static void refused(Runnable append) {
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(append::run)
                .returns(Status.INVALID_HEADER, AmpeException::status);
    }

    private void withMessage(Consumer<SlabMessage> check) {
        try (SlabMessage message = Pools.lease(pool)) {
            check.accept(message);
        }
        assertThat(pool.messagesOut()).isZero();
    }

    @Provide
    Arbitrary<byte[]> tellingBytes() {
        return Arbitraries.of(box(TELLING)).array(byte[].class).ofMaxSize(60);
    }

    @Provide
    Arbitrary<Character> forbidden() {
        return Arbitraries.of('\r', '\n', '\u0000');
    }

    @Provide
    Arbitrary<List<Header>> headers() {
        Arbitrary<String> names =
                texts().filter(
                                name ->
                                        !name.isEmpty()
                                                && !name.contains(":")
                                                && NaiveHeaders.trimmed(name).equals(name));
        Arbitrary<String> values = texts().filter(value -> !value.isEmpty());
        return Combinators.combine(names, values).as(Header::new).list().ofMaxSize(12);
    }

    /// Text without CR, LF and NUL that is its own UTF-8: no half of a surrogate pair.
    private static Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                        Arbitraries.strings().withChars("ab: \t\u00e4").ofMaxLength(6),
                        Arbitraries.strings().withCharRange('\u0001', '\ud7ff').ofMaxLength(40),
                        Arbitraries.just("\ud83d\ude00"))
                .filter(text -> text.chars().noneMatch(c -> c == '\r' || c == '\n'))
                .filter(
                        text ->
                                text.equals(
                                        new String(
                                                text.getBytes(StandardCharsets.UTF_8),
                                                StandardCharsets.UTF_8)));
    }

    private static Byte[] box(byte[] bytes) {
        Byte[] boxed = new Byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            boxed[i] = bytes[i];
        }
        return boxed;
    }
}
