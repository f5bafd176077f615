package tofu.pool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tofu.api.AmpeException;
import tofu.api.Body;
import tofu.api.Status;

class SlabBodyTest {
    private final SlotPool pool = Pools.ample();
    private final SlabMessage message = Pools.lease(pool);
    private final Body body = message.body();

    @BeforeEach
    void thereAreHeadersInFront() {
        message.headers().append("in", "front");
    }

    @AfterEach
    void everythingComesHome() {
        if (!message.isEmptied()) {
            assertThat(message.headers().first("in")).isEqualTo("front");
        }
        message.close();
        assertThat(pool.messagesOut()).isZero();
        pool.close();
    }

    @Test
    void arraysAreAppendedWholeOrInPart() {
        byte[] bytes = {0, 1, 2, 3};

        body.append(bytes).append(bytes, 1, 2).append(bytes, 4, 0).append(new byte[0]);

        assertThat(body.toByteArray()).containsExactly(0, 1, 2, 3, 1, 2);
        assertThat(body.length()).isEqualTo(6);
    }

    @Test
    void aPartOutsideItsArrayIsRefused() {
        byte[] bytes = new byte[4];
        body.append("kept");

        for (int[] part : new int[][] {{-1, 1}, {0, 5}, {4, 1}, {2, -1}, {1, Integer.MAX_VALUE}}) {
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> body.append(bytes, part[0], part[1]));
        }
        assertThat(body.text()).isEqualTo("kept");
    }

    @Test
    void buffersOfEveryKindAreAppendedFromPositionToLimit() {
        byte[] bytes = {9, 1, 2, 3, 9};
        ByteBuffer direct = ByteBuffer.allocateDirect(5).put(bytes);
        List<ByteBuffer> buffers =
                List.of(
                        ByteBuffer.wrap(bytes).position(1).limit(4),
                        direct.position(1).limit(4),
                        ByteBuffer.wrap(bytes).asReadOnlyBuffer().position(1).limit(4),
                        direct.asReadOnlyBuffer().position(1).limit(4),
                        ByteBuffer.wrap(bytes, 1, 3).slice(),
                        direct.duplicate().clear().slice(1, 3),
                        ByteBuffer.wrap(bytes).slice(1, 4).limit(3));

        for (ByteBuffer buffer : buffers) {
            body.clear().append("-").append(buffer);

            assertThat(body.toByteArray()).as("%s", buffer).containsExactly('-', 1, 2, 3);
            assertThat(buffer.hasRemaining()).isFalse();
        }
        assertThat(bytes).containsExactly(9, 1, 2, 3, 9);
    }

    @Test
    void segmentsOfEveryKindAreAppended() {
        try (Arena confined = Arena.ofConfined();
                Arena shared = Arena.ofShared()) {
            byte[] bytes = {1, 2, 3};
            List<MemorySegment> segments =
                    List.of(
                            MemorySegment.ofArray(bytes),
                            MemorySegment.ofArray(bytes).asReadOnly(),
                            MemorySegment.ofArray(new byte[] {9, 1, 2, 3}).asSlice(1),
                            MemorySegment.ofArray(new int[] {0x01020301}).asSlice(1).asReadOnly(),
                            confined.allocateFrom(ValueLayout.JAVA_BYTE, bytes),
                            shared.allocateFrom(ValueLayout.JAVA_BYTE, bytes).asReadOnly());

            for (MemorySegment segment : segments) {
                byte[] expected = segment.toArray(ValueLayout.JAVA_BYTE);
                body.clear().append("-").append(segment);
                assertThat(body.toByteArray()).hasSize(4).endsWith(expected);
            }
        }
    }

    @Test
    void aSegmentThatMayNotBeReadLeavesTheBodyUnchanged() {
        MemorySegment dead;
        try (Arena arena = Arena.ofConfined()) {
            dead = arena.allocate(1_000);
        }
        body.append("kept");

        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> body.append(dead));
        assertThat(body.text()).isEqualTo("kept");
    }

    @Test
    void textIsAppendedAsUtf8() {
        CharSequence view = CharBuffer.wrap("x\u00e4\u20ac\ud83d\ude00y").subSequence(1, 5);

        body.append(view).append(CharBuffer.wrap("!"));

        assertThat(body.toByteArray()).isEqualTo("\u00e4\u20ac\ud83d\ude00!".getBytes(UTF_8));
        assertThat(body.text()).isEqualTo("\u00e4\u20ac\ud83d\ude00!");
    }

    /// Not even if the other half is appended next: each text stands for itself.
    @Test
    void halfASurrogatePairIsRefusedAndNothingIsChanged() {
        body.append("a");

        for (String half : List.of("b\ud83d", "\ude00b")) {
            assertThatExceptionOfType(AmpeException.class)
                    .isThrownBy(() -> body.append(half))
                    .withMessageContaining("half a surrogate pair")
                    .returns(Status.INVALID_MESSAGE, AmpeException::status);
        }
        assertThat(body.text()).isEqualTo("a");
    }

    @Test
    void whatIsNoUtf8IsReadAsTheReplacementCharacter() {
        assertThat(body.append(new byte[] {'a', (byte) 0xFF, 'b'}).text()).isEqualTo("a\ufffdb");
    }

    @Test
    void aBodyIsAtMost65535BytesLong() {
        byte[] bytes = new byte[65_535];
        Arrays.fill(bytes, (byte) 7);
        body.append(bytes);
        assertThat(body.length()).isEqualTo(Body.MAX_LENGTH);

        byte[] one = {1};
        List<ThrowingCallable> appends =
                List.of(
                        () -> body.append(one),
                        () -> body.append(one, 0, 1),
                        () -> body.append(ByteBuffer.wrap(one)),
                        () -> body.append(MemorySegment.ofArray(one)),
                        () -> body.append("x"),
                        () -> body.outputStream().write(1));
        assertThat(appends)
                .allSatisfy(
                        append -> {
                            assertTooLong(append);
                            assertThat(body.toByteArray()).isEqualTo(bytes);
                        });
        assertThat(body.append(new byte[0]).length()).isEqualTo(Body.MAX_LENGTH);
    }

    @Test
    void whatIsFarTooLongIsRefusedAndABufferStaysWhereItWas() {
        ByteBuffer buffer = ByteBuffer.allocate(70_000).position(1);
        body.append("kept");

        assertTooLong(() -> body.append(buffer));
        assertThat(buffer.position()).isOne();
        assertThat(body.text()).isEqualTo("kept");
    }

    @Test
    void theSegmentIsTheBodysOwnMemory() {
        body.append("abc");

        body.segment().set(ValueLayout.JAVA_BYTE, 1, (byte) 'X');

        assertThat(body.segment().byteSize()).isEqualTo(3);
        assertThat(body.segment().isNative()).isTrue();
        assertThat(body.text()).isEqualTo("aXc");
    }

    @Test
    void aBodyIsCopiedToBuffersAtTheirPosition() {
        body.append("abc");
        for (ByteBuffer target : List.of(ByteBuffer.allocate(5), ByteBuffer.allocateDirect(5))) {
            target.position(1);

            assertThat(body.copyTo(target)).isEqualTo(3);

            assertThat(target.position()).isEqualTo(4);
            byte[] copied = new byte[5];
            target.get(0, copied);
            assertThat(copied).containsExactly(0, 'a', 'b', 'c', 0);
        }
    }

    @Test
    void aBufferWithoutRoomGetsNothing() {
        body.append("abc");
        ByteBuffer target = ByteBuffer.allocate(5).limit(2);

        assertThatExceptionOfType(BufferOverflowException.class)
                .isThrownBy(() -> body.copyTo(target));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> body.copyTo(ByteBuffer.allocate(5).asReadOnlyBuffer()));
        assertThat(target.position()).isZero();
        assertThat(target.array()).containsOnly(0);
    }

    @Test
    void aBodyIsCopiedToTheStartOfASegment() {
        body.append("abc");
        byte[] target = new byte[5];

        assertThat(body.copyTo(MemorySegment.ofArray(target))).isEqualTo(3);

        assertThat(target).containsExactly('a', 'b', 'c', 0, 0);
        byte[] tooShort = new byte[2];
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> body.copyTo(MemorySegment.ofArray(tooShort)));
        assertThat(tooShort).containsOnly(0);
    }

    @Test
    void anEmptyBodyIsCopiedAsNothing() {
        assertThat(body.toByteArray()).isEmpty();
        assertThat(body.text()).isEmpty();
        assertThat(body.segment().byteSize()).isZero();
        assertThat(body.copyTo(ByteBuffer.allocate(0))).isZero();
        assertThat(body.copyTo(MemorySegment.NULL)).isZero();
    }

    @Test
    void clearingRemovesTheBodyOnly() {
        body.append("abc");

        assertThat(body.clear()).isSameAs(body);

        assertThat(body.length()).isZero();
        assertThat(body.append("d").text()).isEqualTo("d");
    }

    private static void assertTooLong(ThrowingCallable append) {
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(append)
                .withMessageContaining("65535")
                .returns(Status.INVALID_BODY_LEN, AmpeException::status);
    }
}
