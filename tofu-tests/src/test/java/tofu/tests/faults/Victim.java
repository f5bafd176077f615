package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Peer;

/// The process of a [KilledPeer].
///
/// Thread: one at a time. Owns the process and its journal.
final class Victim implements AutoCloseable {
    private final Process process;
    private final Path journal;
    private final boolean server;
    private final Cargo cargo;

    private Victim(Process process, Path journal, boolean server, Cargo cargo) {
        this.process = process;
        this.journal = journal;
        this.server = server;
        this.cargo = cargo;
    }

    /// What a victim has written down: how many requests and answers it has got, each from 1 on.
    record Journal(long requests, long responses) {
        /// Reads a journal, and checks that each kind is in order, without gaps, without doubles.
        static Journal of(byte[] bytes) {
            ByteBuffer entries = ByteBuffer.wrap(bytes);
            long requests = 0;
            long responses = 0;
            while (entries.remaining() >= Long.BYTES) {
                long entry = entries.getLong();
                if (entry > 0) {
                    assertThat(entry).as("request that arrived").isEqualTo(++requests);
                } else {
                    assertThat(-entry).as("response that arrived").isEqualTo(++responses);
                }
            }
            return new Journal(requests, responses);
        }
    }

    static Victim start(boolean server, Cargo cargo) throws IOException {
        Path journal = Files.createTempFile("tofu", ".journal");
        Process process =
                ChildProcess.start(
                        KilledPeer.class,
                        server ? "server" : "client",
                        journal.toString(),
                        "" + cargo.seed());
        return new Victim(process, journal, server, cargo);
    }

    boolean isServer() {
        return server;
    }

    Cargo cargo() {
        return cargo;
    }

    /// Lets a server listen.
    ///
    /// @param address on what
    /// @return where it listens
    String listen(String address) throws IOException {
        tell(address);
        return answer();
    }

    /// Lets a client connect.
    void connect(String address) throws IOException {
        assertThat(answer()).isEqualTo("ready");
        tell(address);
    }

    private void tell(String line) throws IOException {
        process.outputWriter().append(line).append('\n').flush();
    }

    private String answer() throws IOException {
        BufferedReader output = process.inputReader();
        return Objects.requireNonNull(output.readLine(), "the victim died by itself");
    }

    /// Kills it, as `kill -9` does.
    void kill() {
        assertThat(process.isAlive()).as("alive until it is killed").isTrue();
        process.destroyForcibly();
    }

    /// What it has written, once it is dead.
    Journal journal() throws IOException, InterruptedException {
        assertThat(process.waitFor(Peer.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("exit value of a killed process").isEqualTo(128 + 9);
        return Journal.of(Files.readAllBytes(journal));
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.delete(journal);
    }
}
