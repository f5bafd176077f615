package tofu.pool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AmpeException;
import tofu.api.Body;
import tofu.api.Status;

class SlabBodyStreamTest {
    private final SlotPool pool = Pools.ample();
    private final SlabMessage message = Pools.lease(pool);
    private final Body body = message.body();

    @AfterEach
    void everythingComesHome() {
        message.close();
        assertThat(pool.messagesOut()).isZero();
        pool.close();
    }

    @Test
    void anInputStreamReadsTheBodyAndWhatIsAppendedMeanwhile() throws IOException {
        body.append(new byte[] {1, 2, (byte) 0xFF, 4});
        try (InputStream in = body.inputStream()) {
            byte[] target = new byte[5];
            assertThat(in.available()).isEqualTo(4);
            assertThat(in.read()).isEqualTo(1);
            assertThat(in.skip(1)).isOne();
            assertThat(in.skip(-3)).isZero();
            assertThat(in.read()).isEqualTo(255);
            assertThat(in.read(target, 1, 4)).isOne();
            assertThat(target).containsExactly(0, 4, 0, 0, 0);
            assertThat(in.read()).isEqualTo(-1);
            assertThat(in.read(target, 0, 0)).isZero();
            assertThat(in.skip(Long.MAX_VALUE)).isZero();

            body.append(new byte[] {5, 6});

            assertThat(in.readAllBytes()).containsExactly(5, 6);
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> in.read(target, 3, 3));
        }
        assertThat(body.length()).as("closing the stream does nothing").isEqualTo(6);
    }

    @Test
    void anOutputStreamAppends() throws IOException {
        body.append("a");
        try (OutputStream out = body.outputStream()) {
            out.write('b');
            out.write(0x100 + 'c');
            out.write("xdey".getBytes(UTF_8), 1, 2);
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> out.write(new byte[2], 1, 2));
        }
        assertThat(body.append("!").text()).isEqualTo("abcde!");
    }

    @Test
    void streamsEndWithTheLease() {
        InputStream in = body.append("abc").inputStream();
        OutputStream out = body.outputStream();
        message.close();

        for (ThrowingCallable use :
                List.<ThrowingCallable>of(in::read, in::available, () -> out.write(1))) {
            assertThatExceptionOfType(AmpeException.class)
                    .isThrownBy(use)
                    .returns(Status.NULL_MESSAGE, AmpeException::status);
        }
    }
}
