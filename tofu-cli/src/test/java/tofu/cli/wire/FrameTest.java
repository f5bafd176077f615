package tofu.cli.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// Beginnings of frames, compared as a replay does it.
class FrameTest {
    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    @Test
    void aBeginningIsTheSameButForTheChannel() {
        byte[] request = bytes("0007" + "0000" + "0000000000000005" + "0000" + "0002" + "6869");
        byte[] other = request.clone();
        other[1] = 8;
        for (int length = 0; length <= request.length; length++) {
            assertThat(Frame.beginsAs(Arrays.copyOf(request, length), other)).isTrue();
        }
        other[16]++;
        assertThat(Frame.beginsAs(Arrays.copyOf(request, 16), other)).isTrue();
        assertThat(Frame.beginsAs(Arrays.copyOf(request, 17), other)).isFalse();
        assertThat(Frame.beginsAs(Arrays.copyOf(request, 19), request)).isFalse();
    }

    @Test
    void theIdOfAHelloDoesNotCount() {
        byte[] hello = bytes("0007" + "0300" + "0000000000000005" + "0000" + "0000");
        byte[] again = bytes("0009" + "0300" + "0000000000000077" + "0000" + "0000");
        byte[] signal = bytes("0009" + "0200" + "0000000000000077" + "0000" + "0000");
        assertThat(Frame.beginsAs(Arrays.copyOf(hello, 14), again)).isTrue();
        assertThat(Frame.beginsAs(Arrays.copyOf(hello, 14), signal)).isFalse();
    }
}
