package tofu.bench.duel;

import java.io.IOException;
import java.util.List;

/// The two processes of a run, from when the driver has been told where the receiver listens.
///
/// Thread: one.
record Sides(Child receiver, Child driver) implements AutoCloseable {
    private static final long START_NANOS = 20_000_000_000L;

    /// Starts both.
    ///
    /// @param driving the system whose driver it is, mostly the receiver's own
    static Sides start(Entrant entrant, Entrant driving, Task task, Pinning pinning)
            throws IOException, InterruptedException {
        List<String> serve = entrant.side(Side.SERVE, task);
        Child receiver = Child.start(pinning.lower(serve), task.folder().resolve("receiver"));
        try {
            String place =
                    receiver.line(Side.LISTENING, patienceNanos(task))
                            .substring(Side.LISTENING.length());
            List<String> drive = driving.side(Side.DRIVE, task, place);
            Child driver = Child.start(pinning.upper(drive), task.folder().resolve("driver"));
            return new Sides(receiver, driver);
        } catch (IOException | InterruptedException e) {
            receiver.close();
            throw e;
        }
    }

    /// How long a side may take until it has measured.
    static long patienceNanos(Task task) {
        return START_NANOS + task.warmUpNanos() + task.measureNanos();
    }

    /// What either has complained about.
    String lastWords() throws IOException {
        return receiver.lastWords() + driver.lastWords();
    }

    @Override
    public void close() {
        driver.close();
        receiver.close();
    }
}
