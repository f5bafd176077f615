package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import tofu.api.OpCode;
import tofu.api.Status;

/// The layout against plain reads and shifts of the same bytes.
class HeaderLayoutProperties {
    @Property
    void anyHeaderIsReadAsItsBytesSay(@ForAll @Size(16) byte[] bytes) {
        Slot frame = Pools.headed(bytes);
        int proto = bytes[2] & 0xFF;
        int headersLength = unsigned(bytes[12], bytes[13]);
        int bodyLength = unsigned(bytes[14], bytes[15]);

        assertThat(HeaderLayout.channel(frame)).isEqualTo(unsigned(bytes[0], bytes[1]));
        assertThat(HeaderLayout.opCode(frame)).isEqualTo(proto % 16);
        assertThat(HeaderLayout.fromEngine(frame)).isEqualTo(proto / 16 % 2 == 1);
        assertThat(HeaderLayout.more(frame)).isEqualTo(proto / 32 % 2 == 1);
        assertThat(HeaderLayout.outOfBand(frame)).isEqualTo(proto / 64 % 2 == 1);
        assertThat(HeaderLayout.status(frame)).isEqualTo(bytes[3] & 0xFF);
        assertThat(HeaderLayout.id(frame)).isEqualTo(ByteBuffer.wrap(bytes).getLong(4));
        assertThat(HeaderLayout.headersLength(frame)).isEqualTo(headersLength);
        assertThat(HeaderLayout.bodyLength(frame)).isEqualTo(bodyLength);
        assertThat(HeaderLayout.frameLength(frame)).isEqualTo(16 + headersLength + bodyLength);
    }

    @Property
    void theTwoWordsSayTheSameAsTheFrame(@ForAll long first, @ForAll long second) {
        Slot frame = frame(first, second);

        assertThat(HeaderLayout.opCode(first)).isEqualTo(HeaderLayout.opCode(frame));
        assertThat(HeaderLayout.more(first)).isEqualTo(HeaderLayout.more(frame));
        assertThat(HeaderLayout.frameLength(second)).isEqualTo(HeaderLayout.frameLength(frame));
        assertThat(HeaderLayout.hasNoId(first, second)).isEqualTo(HeaderLayout.id(frame) == 0);
    }

    @Property
    void receivingClearsWhatAPeerMayNotSayAndKeepsTheRest(
            @ForAll long first,
            @ForAll long second,
            @ForAll @IntRange(min = 1, max = 65_535) int channel) {
        Slot sent = frame(first, second);
        Slot received = frame(HeaderLayout.received(first, channel), second);

        assertThat(HeaderLayout.channel(received)).isEqualTo(channel);
        assertThat(HeaderLayout.fromEngine(received)).isFalse();
        assertThat(HeaderLayout.status(received)).isZero();
        assertThat(proto(received) & 0x80).as("internal B").isZero();
        assertThat(HeaderLayout.opCode(received)).isEqualTo(HeaderLayout.opCode(sent));
        assertThat(HeaderLayout.more(received)).isEqualTo(HeaderLayout.more(sent));
        assertThat(HeaderLayout.outOfBand(received)).isEqualTo(HeaderLayout.outOfBand(sent));
        assertThat(HeaderLayout.id(received)).isEqualTo(HeaderLayout.id(sent));
        assertThat(HeaderLayout.frameLength(received)).isEqualTo(HeaderLayout.frameLength(sent));
    }

    @Property(edgeCases = EdgeCasesMode.NONE) // there are more of them than tries
    void whatIsWrittenIsRead(
            @ForAll @Size(16) byte[] before,
            @ForAll @IntRange(max = 65_535) int channel,
            @ForAll OpCode opCode,
            @ForAll boolean more,
            @ForAll boolean outOfBand,
            @ForAll Status status,
            @ForAll long id,
            @ForAll @IntRange(max = 65_535) int length) {
        Slot frame = Pools.headed(before);

        HeaderLayout.bodyLength(frame, 65_535 - length);
        HeaderLayout.headersLength(frame, length);
        HeaderLayout.id(frame, id);
        HeaderLayout.markEngine(frame, status);
        HeaderLayout.outOfBand(frame, outOfBand);
        HeaderLayout.more(frame, more);
        HeaderLayout.opCode(frame, opCode);
        HeaderLayout.channel(frame, channel);

        assertThat(HeaderLayout.channel(frame)).isEqualTo(channel);
        assertThat(HeaderLayout.knownOpCode(frame)).isEqualTo(opCode);
        assertThat(HeaderLayout.fromEngine(frame)).isTrue();
        assertThat(HeaderLayout.more(frame)).isEqualTo(more);
        assertThat(HeaderLayout.outOfBand(frame)).isEqualTo(outOfBand);
        assertThat(HeaderLayout.status(frame)).isEqualTo(status.code());
        assertThat(HeaderLayout.id(frame)).isEqualTo(id);
        assertThat(HeaderLayout.headersLength(frame)).isEqualTo(length);
        assertThat(HeaderLayout.bodyLength(frame)).isEqualTo(65_535 - length);
    }

    private static Slot frame(long first, long second) {
        return Pools.headed(ByteBuffer.allocate(16).putLong(first).putLong(second).array());
    }

    private static int unsigned(byte high, byte low) {
        return (high & 0xFF) * 256 + (low & 0xFF);
    }

    private static int proto(Slot frame) {
        return Pools.header(frame)[2] & 0xFF;
    }
}
