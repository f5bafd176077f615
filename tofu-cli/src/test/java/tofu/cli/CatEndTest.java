package tofu.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tofu.api.Address;
import tofu.api.Message;
import tofu.api.MessageOutputStream;
import tofu.api.Options;
import tofu.fixtures.TestAddresses;
import tofu.kit.Peer;
import tofu.kit.Server;
import tofu.kit.Session;

/// `cat` whose peer ends first.
class CatEndTest {
    /// More than the queues on the way hold.
    private static final int LONG_FILE_BYTES = 64 << 20;

    /// A server that says bye to the first message, and answers none.
    ///
    /// @param station closed with it
    private record Curt(Station station, String address) implements AutoCloseable {
        static Curt start() throws Failure {
            Station station = Station.open(Options.defaults());
            Address.Server here = new Address.UdsServer(TestAddresses.temporaryUdsPath());
            Server server =
                    Server.builder(station.dispatcher())
                            .listenOn(here)
                            .sessions((peer, hello) -> message -> peer.bye())
                            .start();
            return new Curt(station, EchoCommand.listening(server).getFirst().toString());
        }

        @Override
        public void close() {
            station.close();
        }
    }

    private static Path zeros(Path file, int length) throws IOException {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(length);
        }
        return file;
    }

    @Test
    @Tag("long")
    void noMoreIsPrintedThanIsWanted() throws Exception {
        try (Station station = Station.open(Options.defaults())) {
            Server server =
                    Server.builder(station.dispatcher())
                            .listenOn(new Address.UdsServer(TestAddresses.temporaryUdsPath()))
                            .sessions((peer, hello) -> chatty(station, peer))
                            .start();
            String address = EchoCommand.listening(server).getFirst().toString();
            try (Run cat = Run.toEnd("cat", "--stay", "-n", "1", "-d", "?", address)) {
                assertThat(cat.exitCode()).as(cat.toString()).isZero();
                assertThat(cat.out()).isEqualTo("0\n");
            }
        }
    }

    /// Says much after its hello, which is enqueued once this has returned.
    private static Session chatty(Station station, Peer peer) {
        station.dispatcher()
                .execute(
                        () -> {
                            for (int i = 0; i < 200; i++) {
                                try (Message signal = peer.message()) {
                                    signal.body().append("" + i);
                                    peer.send(signal);
                                }
                            }
                        });
        return message -> {};
    }

    @Test
    void aByeInPlaceOfAnAnswerIsExitCodeOne() throws Exception {
        try (Curt curt = Curt.start();
                Run cat = Run.toEnd("cat", "-t", "request", "-d", "?", curt.address())) {
            assertThat(cat.exitCode()).as(cat.toString()).isEqualTo(1);
            assertThat(cat.err())
                    .isEqualTo("tofuctl cat: the peer has said bye, and has not answered 1\n");
        }
    }

    @Test
    @Tag("long")
    void aByeWithinAFileIsExitCodeFour(@TempDir Path folder) throws Exception {
        Path file = zeros(folder.resolve("f"), LONG_FILE_BYTES);
        try (Curt curt = Curt.start();
                Run cat = Run.toEnd("cat", curt.address(), file.toString())) {
            assertThat(cat.exitCode()).as(cat.toString()).isEqualTo(4);
            assertThat(cat.err())
                    .isEqualTo("tofuctl cat: the peer has said bye before all was sent\n");
        }
    }

    @Test
    @Tag("long")
    void aByeWhileTheInputGoesOnIsExitCodeFour() throws Exception {
        try (Curt curt = Curt.start();
                Run cat = Run.start("cat", curt.address())) {
            type(cat, "one");
            assertThat(cat.exitCode()).as(cat.toString()).isEqualTo(4);
        }
    }

    @Test
    @Tag("long")
    void aByeAfterAllWasSentIsAGoodEnd() throws Exception {
        try (Curt curt = Curt.start();
                Run signal = Run.toEnd("cat", "--stay", "-d", "!", curt.address());
                Run asks = Run.toEnd("cat", "--stay", "-t", "request", "-d", "?", curt.address())) {
            assertThat(signal.exitCode()).as(signal.toString()).isZero();
            assertThat(asks.exitCode()).as("who stays need not be answered: " + asks).isZero();
        }
    }

    @Test
    @Tag("long")
    void onePeerThatLeavesWithinAFileIsNotTheEndForTheOthers(@TempDir Path folder)
            throws Exception {
        Path file = zeros(folder.resolve("f"), LONG_FILE_BYTES);
        int messages = LONG_FILE_BYTES / MessageOutputStream.DEFAULT_CHUNK_LENGTH + 1;
        String here = "uds|" + TestAddresses.temporaryUdsPath();
        try (Run server = Run.start("cat", "--listen", here, "-", file.toString());
                Run leaves = Run.start(receiver(2, server.address()))) {
            type(leaves, "first");
            server.awaitOut("first\n"::equals); // so that it gets the input, which is empty
            try (Run stays = Run.start(receiver(messages, server.address()))) {
                type(stays, "second");
                server.awaitOut("first\nsecond\n"::equals);
                server.input().close(); // now comes the file

                assertThat(leaves.exitCode()).as(leaves.toString()).isZero();
                assertThat(stays.exitCode()).as(stays.toString()).isZero();
            }
        }
    }

    private static void type(Run run, String line) throws IOException {
        run.input().write((line + "\n").getBytes(UTF_8));
        run.input().flush();
    }

    private static String[] receiver(int messages, String address) {
        return new String[] {"cat", "--stay", "-o", "none", "-n", "" + messages, address};
    }
}
