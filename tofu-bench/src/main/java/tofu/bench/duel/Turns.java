package tofu.bench.duel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/// Compares builds in one run: the processes of all are alive at the same time, but stopped
/// (`SIGSTOP`), and each pair runs alone for a short window in turn (`SIGCONT`). What slows the
/// machine down for seconds slows all builds down, so that small differences are seen.
///
/// Thread: one.
final class Turns implements AutoCloseable {
    /// Not measured, after a pair goes on: until its caches and its socket are as they were.
    private static final long SETTLE_NANOS = 100_000_000;

    private static final long START_NANOS = 20_000_000_000L;
    private static final long PAUSE_NANOS = 10_000_000;

    /// What the fields of [#records] are called.
    static final List<String> HEAD =
            List.of(
                    "mode",
                    "transport",
                    "size",
                    "channels",
                    "build",
                    "rotation",
                    "messages_per_second",
                    "sender_cpu_nanos",
                    "receiver_cpu_nanos");

    private final List<Pair> pairs = new ArrayList<>();

    /// One build's two processes.
    private record Pair(String name, Sides sides, LiveCount count, Path folder) {
        void signal(String signal) throws IOException, InterruptedException {
            Process kill =
                    new ProcessBuilder(
                                    "kill",
                                    "-" + signal,
                                    Long.toString(sides.receiver().pid()),
                                    Long.toString(sides.driver().pid()))
                            .inheritIO()
                            .start();
            if (kill.waitFor() != 0) {
                throw new IOException(name + ": a side has ended");
            }
        }
    }

    /// What one build did in one window.
    ///
    /// @param rate messages per second
    /// @param senderCpu processor time per message, in nanoseconds
    record Window(String build, int rotation, double rate, double senderCpu, double receiverCpu) {
        double cpu() {
            return senderCpu + receiverCpu;
        }
    }

    /// Starts all builds, warms each up alone, and stops it.
    Turns(List<Entrant> builds, Cell cell, DuelArguments arguments)
            throws IOException, InterruptedException {
        // A stopped process cannot see that this one has ended.
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        try {
            for (Entrant build : builds) {
                Path folder = Referee.newFolder();
                Task task = cell.task(arguments.warmUpNanos(), arguments.measureNanos(), folder);
                Sides sides = Sides.start(build, build, task, Pinning.of(arguments.pin()));
                String judge = task.isOneWay() ? Side.SERVE : Side.DRIVE;
                Pair pair = new Pair(build.name(), sides, LiveCount.of(task, judge), folder);
                pairs.add(pair);
                awaitMore(pair, 0);
                Pause.of(arguments.warmUpNanos());
                pair.signal("STOP");
            }
        } catch (IOException | InterruptedException e) {
            close();
            throw e;
        }
    }

    /// Lets each build run in turn, and each second time in the other order.
    List<Window> run(int rotations, long windowNanos) throws IOException, InterruptedException {
        List<Window> windows = new ArrayList<>();
        List<Pair> order = new ArrayList<>(pairs);
        for (int rotation = 1; rotation <= rotations; rotation++) {
            for (Pair pair : order) {
                windows.add(window(pair, rotation, windowNanos));
            }
            Collections.reverse(order);
        }
        return windows;
    }

    private static Window window(Pair pair, int rotation, long nanos)
            throws IOException, InterruptedException {
        Sides sides = pair.sides();
        pair.signal("CONT");
        Pause.of(SETTLE_NANOS);
        long start = System.nanoTime();
        long count = pair.count().get();
        long sender = sides.driver().cpuNanos();
        long receiver = sides.receiver().cpuNanos();
        Pause.of(nanos);
        awaitMore(pair, count); // on a busy machine a window may be too short for a single one
        double seconds = (System.nanoTime() - start) / 1e9;
        double messages = pair.count().get() - count;
        double senderNanos = sides.driver().cpuNanos() - sender;
        double receiverNanos = sides.receiver().cpuNanos() - receiver;
        pair.signal("STOP");
        return new Window(
                pair.name(),
                rotation,
                messages / seconds,
                senderNanos / messages,
                receiverNanos / messages);
    }

    private static void awaitMore(Pair pair, long count) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (pair.count().get() == count) {
            if (System.nanoTime() - start > START_NANOS) {
                throw new IOException(pair.name() + ": no message; " + pair.sides().lastWords());
            }
            Pause.of(PAUSE_NANOS);
        }
    }

    /// All windows, for [Csv].
    static Stream<List<String>> records(Cell cell, List<Window> windows) {
        return windows.stream()
                .map(
                        window ->
                                List.of(
                                        cell.mode().toString(),
                                        cell.transport(),
                                        Integer.toString(cell.size()),
                                        Integer.toString(cell.channels()),
                                        window.build(),
                                        Integer.toString(window.rotation()),
                                        Texts.number("%.0f", window.rate()),
                                        Texts.number("%.1f", window.senderCpu()),
                                        Texts.number("%.1f", window.receiverCpu())));
    }

    @Override
    public synchronized void close() {
        for (Pair pair : pairs) {
            try {
                pair.signal("CONT");
            } catch (IOException e) {
                // It has ended: as good.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            pair.sides().close();
            Referee.delete(pair.folder());
        }
        pairs.clear();
    }
}
