package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

class HeaderLayoutTest {
    /// What two Zig processes sent each other, and what one of them gave back to its application:
    /// bytes; channel, op code, origin, more, out of band, status, id, lengths of headers and body.
    private static final String TRANSCRIPTS =
            """
            3e10 03 00 0000000000000001 0037 0000; 15888 HELLO_REQUEST app - - 0 1 55 0
            e6f3 04 00 0000000000000001 0037 0000; 59123 HELLO_RESPONSE app - - 0 1 55 0
            3e10 05 00 0000000000000002 0000 0000; 15888 BYE_REQUEST app - - 0 2 0 0
            e6f3 06 00 0000000000000002 0000 0000; 59123 BYE_RESPONSE app - - 0 2 0 0
            b3d5 00 00 0000000000000002 001a 000a; 46037 REQUEST app - - 0 2 26 10
            296e 01 00 0123456789abcdef 0000 0003; 10606 RESPONSE app - - 0 81985529216486895 0 3
            73d8 02 00 0000000000000002 000c 0006; 29656 SIGNAL app - - 0 2 12 6
            2333 20 00 00000000000001f4 0000 0004; 9011 REQUEST app more - 0 500 0 4
            e887 21 00 00000000000001f4 0000 0004; 59527 RESPONSE app more - 0 500 0 4
            6d8e 40 00 0000000000000002 0000 0003; 28046 REQUEST app - oob 0 2 0 3
            8a49 57 16 0000000000000002 0000 0000; 35401 BYE_SIGNAL engine - oob 22 2 0 0
            3e10 12 16 0000000000000001 0000 0000; 15888 SIGNAL engine - - 22 1 0 0
            """;

    /// One line of the transcripts.
    record Vector(String bytes, BinaryHeader header) {
        static Vector of(String line) {
            String[] sides = line.split("; ", 2);
            String[] f = sides[1].split(" ", -1);
            return new Vector(
                    sides[0],
                    new BinaryHeader(
                            Integer.parseInt(f[0]),
                            OpCode.valueOf(f[1]),
                            f[2].equals("engine") ? Origin.ENGINE : Origin.APPLICATION,
                            f[3].equals("more"),
                            f[4].equals("oob"),
                            Objects.requireNonNull(Status.of(Integer.parseInt(f[5]))),
                            Long.parseLong(f[6]),
                            Integer.parseInt(f[7]),
                            Integer.parseInt(f[8])));
        }

        @Override
        public String toString() {
            return bytes;
        }
    }

    static Stream<Vector> transcripts() {
        return TRANSCRIPTS.lines().map(Vector::of);
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void aTranscriptIsReadAsTheReferenceReadIt(Vector vector) {
        Slot frame = Pools.headed(Pools.hex(vector.bytes));
        BinaryHeader expected = vector.header;

        assertThat(frame.header()).isEqualTo(expected);
        assertThat(frame.opCode()).isEqualTo(expected.opCode().code());
        assertThat(frame.knownOpCode()).isEqualTo(expected.opCode());
        assertThat(frame.fromEngine()).isEqualTo(expected.origin() == Origin.ENGINE);
        assertThat(frame.status()).isEqualTo(expected.status().code());
        assertThat(frame.frameLength())
                .isEqualTo(16 + expected.headersLength() + expected.bodyLength());
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void aTranscriptIsWrittenByteForByte(Vector vector) {
        Slot frame = Pools.headed(new byte[HeaderLayout.LENGTH]);
        BinaryHeader header = vector.header;

        frame.channel(header.channel());
        frame.opCode(header.opCode());
        frame.more(header.more());
        frame.outOfBand(header.outOfBand());
        if (header.origin() == Origin.ENGINE) {
            frame.markEngine(header.status());
        } else {
            frame.markApplication(header.status());
        }
        frame.id(header.id());
        frame.headersLength(header.headersLength());
        frame.bodyLength(header.bodyLength());

        assertThat(Pools.header(frame)).isEqualTo(Pools.hex(vector.bytes));
    }

    @Test
    void eachFieldsExtremesLeaveTheOthersAlone() {
        extremes(
                "ff ff | 00 | 00 | 00 00 00 00 00 00 00 00 | 00 00 | 00 00",
                frame -> frame.channel(0xFFFF),
                frame -> frame.channel(0));
        extremes(
                "00 00 | 09 | 00 | 00 00 00 00 00 00 00 00 | 00 00 | 00 00",
                frame -> frame.opCode(OpCode.WELCOME_RESPONSE),
                frame -> frame.opCode(OpCode.REQUEST),
                0x06);
        extremes(
                "00 00 | 20 | 00 | 00 00 00 00 00 00 00 00 | 00 00 | 00 00",
                frame -> frame.more(true),
                frame -> frame.more(false));
        extremes(
                "00 00 | 40 | 00 | 00 00 00 00 00 00 00 00 | 00 00 | 00 00",
                frame -> frame.outOfBand(true),
                frame -> frame.outOfBand(false));
        extremes(
                "00 00 | 00 | 00 | ff ff ff ff ff ff ff ff | 00 00 | 00 00",
                frame -> frame.id(-1),
                frame -> frame.id(0));
        extremes(
                "00 00 | 00 | 00 | 00 00 00 00 00 00 00 00 | ff ff | 00 00",
                frame -> frame.headersLength(0xFFFF),
                frame -> frame.headersLength(0));
        extremes(
                "00 00 | 00 | 00 | 00 00 00 00 00 00 00 00 | 00 00 | ff ff",
                frame -> frame.bodyLength(0xFFFF),
                frame -> frame.bodyLength(0));
    }

    @Test
    void theEnginesMarkSetsOriginAndStatusOnly() {
        Slot zeros = Pools.headed(new byte[16]);
        zeros.markEngine(Status.INVALID_HEADER);
        assertThat(Pools.header(zeros))
                .isEqualTo(Pools.hex("00 00 10 89 00 00 00 00 00 00 00 00 00 00 00 00"));

        Slot ones = Pools.headed(ones());
        ones.markEngine(Status.SUCCESS);
        assertThat(Pools.header(ones))
                .isEqualTo(Pools.hex("ff ff ff 00 ff ff ff ff ff ff ff ff ff ff ff ff"));
    }

    @Test
    void theApplicationsMarkClearsOriginAndInternalBAndSetsTheStatusOnly() {
        Slot ones = Pools.headed(ones());

        ones.markApplication(Status.RECEIVER_UPDATE);

        assertThat(Pools.header(ones))
                .isEqualTo(Pools.hex("ff ff 6f 15 ff ff ff ff ff ff ff ff ff ff ff ff"));
    }

    @Test
    void clearingZeroesTheHeaderAndNothingBehindIt() {
        Slot frame = Pools.headed(ones());
        byte[] behind = {-1, -1, -1, -1};
        frame.put(16, behind, 0, 4);

        frame.clear();

        assertThat(Pools.header(frame)).isEqualTo(new byte[16]);
        assertThat(frame.segment().asSlice(16, 4).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(behind);
    }

    @Test
    void aFrameIs16To131086BytesLong() {
        assertThat(Pools.headed(new byte[16]).frameLength()).isEqualTo(16);
        assertThat(Pools.headed(ones()).frameLength()).isEqualTo(131_086);
        assertThat(HeaderLayout.frameLength(-1L)).isEqualTo(131_086);
        assertThat(HeaderLayout.frameLength(0xFFFF_FFFF_0000_0000L)).isEqualTo(16);
    }

    @Test
    void aReceivedHeaderLosesWhatAPeerMayNotSay() {
        long everyBit = -1L;
        long oneByOne = 0xE6F3_9000_0000_0007L | 0x16L << 32;

        assertThat(HeaderLayout.received(everyBit, 1)).isEqualTo(0x0001_6F00_FFFF_FFFFL);
        assertThat(HeaderLayout.received(everyBit, 0xFFFF)).isEqualTo(0xFFFF_6F00_FFFF_FFFFL);
        assertThat(HeaderLayout.received(oneByOne, 0x3E10)).isEqualTo(0x3E10_0000_0000_0007L);
    }

    @Test
    void aReceivedHeaderKeepsWhatAPeerSays() {
        assertThat(HeaderLayout.received(0xE6F3_2100_0123_4567L, 0x2333))
                .isEqualTo(0x2333_2100_0123_4567L);
        assertThat(HeaderLayout.received(0xE6F3_4900_89AB_CDEFL, 0x2333))
                .isEqualTo(0x2333_4900_89AB_CDEFL);
    }

    @Test
    void noIdMeansAll64BitsAreZero() {
        assertThat(HeaderLayout.hasNoId(0xFFFF_FFFF_0000_0000L, 0x0000_0000_FFFF_FFFFL)).isTrue();
        assertThat(HeaderLayout.hasNoId(0x0000_0000_0000_0001L, 0)).isFalse();
        assertThat(HeaderLayout.hasNoId(0x0000_0000_8000_0000L, 0)).isFalse();
        assertThat(HeaderLayout.hasNoId(0, 0x0000_0001_0000_0000L)).isFalse();
        assertThat(HeaderLayout.hasNoId(0, 0x8000_0000_0000_0000L)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 11, 12, 13, 14, 15})
    void anUncheckedOpCodeIsABugOfOurs(int code) {
        byte[] bytes = new byte[16];
        bytes[2] = (byte) code;
        Slot frame = Pools.headed(bytes);

        assertThat(frame.opCode()).isEqualTo(code);
        assertThat(HeaderLayout.opCode((long) code << 40)).isEqualTo(code);
        assertThatIllegalStateException()
                .isThrownBy(() -> frame.knownOpCode())
                .withMessageContaining(Integer.toString(code));
    }

    private static void extremes(
            String highest, Consumer<Slot> setHighest, Consumer<Slot> setLowest) {
        extremes(highest, setHighest, setLowest, 0);
    }

    /// @param besides bits of the proto byte that are the field's, and not in its highest value
    private static void extremes(
            String highest, Consumer<Slot> setHighest, Consumer<Slot> setLowest, int besides) {
        byte[] alone = Pools.hex(highest);
        Slot zeros = Pools.headed(new byte[16]);
        setHighest.accept(zeros);
        assertThat(Pools.header(zeros)).as("highest, the others zero").isEqualTo(alone);

        Slot others = Pools.headed(ones());
        setLowest.accept(others);
        byte[] expected = ones();
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (byte) ~(alone[i] | (i == 2 ? besides : 0));
        }
        assertThat(Pools.header(others)).as("lowest, the others ones").isEqualTo(expected);
    }

    private static byte[] ones() {
        byte[] ones = new byte[16];
        Arrays.fill(ones, (byte) 0xFF);
        return ones;
    }
}
