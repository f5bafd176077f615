package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import tofu.tests.rigs.ChildProcess;

/// The process of a [Crowd].
///
/// Thread: one at a time. Owns the process.
final class Mob implements AutoCloseable {
    private final Process process;

    private Mob(Process process) {
        this.process = process;
    }

    /// When the first and the last were closed.
    ///
    /// @param firstMillis after it had connected, or said its first word
    /// @param lastMillis the same
    record End(long firstMillis, long lastMillis) {}

    /// Starts one and waits until all have connected.
    static Mob gather(String address, int count, Crowd.Manner manner) throws IOException {
        Process process =
                ChildProcess.start(Crowd.class, address, String.valueOf(count), manner.name());
        assertThat(process.inputReader().readLine()).isEqualTo("connected");
        return new Mob(process);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// Waits until all are closed.
    End end() throws IOException {
        String line = process.inputReader().readLine();
        assertThat(line).matches("ended \\d+ \\d+");
        String[] words = line.split(" ");
        return new End(Long.parseLong(words[1]), Long.parseLong(words[2]));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
