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

        assertThat(frame.channel()).isEqualTo(unsigned(bytes[0], bytes[1]));
        assertThat(frame.opCode()).isEqualTo(proto % 16);
        assertThat(frame.fromEngine()).isEqualTo(proto / 16 % 2 == 1);
        assertThat(frame.more()).isEqualTo(proto / 32 % 2 == 1);
        assertThat(frame.outOfBand()).isEqualTo(proto / 64 % 2 == 1);
        assertThat(frame.status()).isEqualTo(bytes[3] & 0xFF);
        assertThat(frame.id()).isEqualTo(ByteBuffer.wrap(bytes).getLong(4));
        assertThat(frame.headersLength()).isEqualTo(headersLength);
        assertThat(frame.bodyLength()).isEqualTo(bodyLength);
        assertThat(frame.frameLength()).isEqualTo(16 + headersLength + bodyLength);
    }

    @Property
    void theTwoWordsSayTheSameAsTheFrame(@ForAll long first, @ForAll long second) {
        Slot frame = frame(first, second);

        assertThat(HeaderLayout.opCode(first)).isEqualTo(frame.opCode());
        assertThat(HeaderLayout.more(first)).isEqualTo(frame.more());
        assertThat(HeaderLayout.frameLength(second)).isEqualTo(frame.frameLength());
        assertThat(HeaderLayout.hasNoId(first, second)).isEqualTo(frame.id() == 0);
    }

    @Property
    void receivingClearsWhatAPeerMayNotSayAndKeepsTheRest(
            @ForAll long first,
            @ForAll long second,
            @ForAll @IntRange(min = 1, max = 65_535) int channel) {
        Slot sent = frame(first, second);
        Slot received = frame(HeaderLayout.received(first, channel), second);

        assertThat(received.channel()).isEqualTo(channel);
        assertThat(received.fromEngine()).isFalse();
        assertThat(received.status()).isZero();
        assertThat(proto(received) & 0x80).as("internal B").isZero();
        assertThat(received.opCode()).isEqualTo(sent.opCode());
        assertThat(received.more()).isEqualTo(sent.more());
        assertThat(received.outOfBand()).isEqualTo(sent.outOfBand());
        assertThat(received.id()).isEqualTo(sent.id());
        assertThat(received.frameLength()).isEqualTo(sent.frameLength());
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

        frame.bodyLength(65_535 - length);
        frame.headersLength(length);
        frame.id(id);
        frame.markEngine(status);
        frame.outOfBand(outOfBand);
        frame.more(more);
        frame.opCode(opCode);
        frame.channel(channel);

        assertThat(frame.channel()).isEqualTo(channel);
        assertThat(frame.knownOpCode()).isEqualTo(opCode);
        assertThat(frame.fromEngine()).isTrue();
        assertThat(frame.more()).isEqualTo(more);
        assertThat(frame.outOfBand()).isEqualTo(outOfBand);
        assertThat(frame.status()).isEqualTo(status.code());
        assertThat(frame.id()).isEqualTo(id);
        assertThat(frame.headersLength()).isEqualTo(length);
        assertThat(frame.bodyLength()).isEqualTo(65_535 - length);
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
