package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tofu.tests.scenarios.Streams.bytes;
import static tofu.tests.scenarios.Streams.read;
import static tofu.tests.scenarios.Streams.write;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Message;
import tofu.api.MessageInputStream;
import tofu.api.MessageOutputStream;
import tofu.api.OpCode;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Nobody takes a part of a stream for the whole: only one that was finished ends well.
class UnfinishedStreamScenario {
    private static final Duration PATIENCE = Peer.PATIENCE;

    private static final List<@Nullable String> REASONS =
            Arrays.asList(
                    "disk\r\nfull",
                    null,
                    " ",
                    "\r\n",
                    "x".repeat(2000),
                    "half \ud800 a pair",
                    // Where the reason is cut is the middle of a pair.
                    "x".repeat(998) + "\ud83d\ude00");

    @RegisterExtension final Stage stage = new Stage();

    /// So many bytes, then a failure.
    private static InputStream source(int length) {
        return new SequenceInputStream(
                new ByteArrayInputStream(bytes(length)),
                new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("the disk is gone");
                    }
                });
    }

    @ParameterizedTest
    @CsvSource({
        "TCP, 0", "TCP, 1", "TCP, 65520", "TCP, 65521", "TCP, 1000000",
        "UDS, 0", "UDS, 1", "UDS, 65520", "UDS, 65521", "UDS, 1000000"
    })
    void aSourceThatFailsMakesNoWholeStream(Transport transport, int length) throws Exception {
        Link link = stage.link(transport);
        Running<Boolean> writing =
                Running.run(
                        () ->
                                assertThatThrownBy(
                                                () -> {
                                                    try (MessageOutputStream out =
                                                            write(link, 1, PATIENCE)) {
                                                        source(length).transferTo(out);
                                                        out.finish();
                                                    }
                                                })
                                        .hasMessage("the disk is gone"));
        try (MessageInputStream in = read(link)) {
            expectAborted(in);
        }
        writing.result();
        link.echo("the channel goes on");
    }

    /// Reads what there is, then the failure, again and again.
    private static void expectAborted(MessageInputStream in) {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(in::readAllBytes)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("aborted")
                    .hasMessageContaining("closed before it was finished");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatWasFlushedOfAnUnfinishedStreamCanBeRead(Transport transport) throws Exception {
        Link link = stage.link(transport);
        try (MessageOutputStream out = write(link, 2, PATIENCE)) {
            out.write(bytes(100));
            out.flush();
            out.write(bytes(100));
        }
        try (MessageInputStream in = read(link)) {
            assertThat(in.readNBytes(100)).isEqualTo(bytes(100));
            expectAborted(in);
        }
        link.echo("the channel goes on");
    }

    @ParameterizedTest
    @EnumSource
    void aFedStreamThatIsNotFinishedIsNotWhole(Transport transport) throws Exception {
        Link link = stage.link(transport);
        write(link, 3, PATIENCE).close();
        try (Message first = Streams.receive(link.server());
                MessageInputStream in = MessageInputStream.fed(first, 1, PATIENCE)) {
            expectAborted(in);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStreamThatItsWrapperHasClosedCannotBeFinished(Transport transport) throws Exception {
        Link link = stage.link(transport);
        MessageOutputStream out = write(link, 4, PATIENCE);
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes(1000));
        }
        assertThatThrownBy(out::finish).hasMessage("the stream is closed");
        assertThatThrownBy(out::flush).hasMessage("the stream is closed");
        try (MessageInputStream in = read(link)) {
            expectAborted(in);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFinishedStreamTakesNoMoreAndIsWholeForEver(Transport transport) throws Exception {
        Link link = stage.link(transport);
        MessageOutputStream out = write(link, 5, PATIENCE);
        out.write(1);
        out.finish();
        out.finish();
        assertThatThrownBy(() -> out.write(2)).hasMessage("the stream is finished");
        out.flush();
        out.abort("too late");
        out.close();
        try (MessageInputStream in = read(link)) {
            assertThat(in.readAllBytes()).containsExactly(1);
        }
        link.echo("nothing else was sent");
    }

    /// Closing such a wrapper flushes first what it is around.
    @ParameterizedTest
    @EnumSource
    void aWrapperIsClosedAfterTheStreamWasFinished(Transport transport) throws Exception {
        Link link = stage.link(transport);
        MessageOutputStream out = write(link, 7, PATIENCE);
        DataOutputStream data = new DataOutputStream(new BufferedOutputStream(out));
        data.writeUTF("all of it");
        data.flush();
        out.finish();
        data.close();
        try (DataInputStream in = new DataInputStream(read(link))) {
            assertThat(in.readUTF()).isEqualTo("all of it");
            assertThat(in.read()).as("the end").isEqualTo(-1);
        }
        link.echo("nothing else was sent");
    }

    /// What a peer sees that takes messages one by one, as one of another language may.
    @ParameterizedTest
    @EnumSource
    void theLastMessageSaysThatTheStreamWasNotFinished(Transport transport) throws Exception {
        Link link = stage.link(transport);
        try (MessageOutputStream out = write(link, 6, PATIENCE)) {
            out.write(bytes(10));
            out.flush();
        }
        assertThat(link.server().expect(OpCode.REQUEST, 6).header().more()).isTrue();
        Received last = link.server().expect(OpCode.REQUEST, 6);
        assertThat(last.header().more()).isFalse();
        assertThat(last.header().bodyLength()).isZero();
        assertThat(last.headers()).containsOnlyKeys(MessageOutputStream.ABORTED);
        link.server().expectNothing();
    }

    @ParameterizedTest
    @EnumSource
    void anAbortedStreamIsNoCompleteOne(Transport transport) throws Exception {
        Link link = stage.link(transport);
        for (String reason : REASONS) {
            MessageOutputStream out = write(link, 5, PATIENCE);
            out.write(bytes(100_000));
            out.abort(reason);
            out.close();
            try (MessageInputStream in = read(link)) {
                assertThat(in.readNBytes(MessageOutputStream.DEFAULT_CHUNK_LENGTH)).isNotEmpty();
                String expected =
                        reason == null || reason.isBlank()
                                ? "no reason given"
                                : reason.replaceAll("[\r\n\ud800]", " ");
                assertThatThrownBy(in::read)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("aborted")
                        .hasMessageContaining(
                                expected.substring(0, Math.min(10, expected.length())));
            }
        }
        link.echo("the channel goes on");
    }
}
