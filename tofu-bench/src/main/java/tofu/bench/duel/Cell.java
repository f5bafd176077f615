package tofu.bench.duel;

import java.nio.file.Path;

/// What systems are compared in: one place of the table.
///
/// @param channels busy channels
/// @param idle idle channels beside them
record Cell(Mode mode, String transport, int size, int channels, int idle) {
    static Cell of(Task task) {
        return new Cell(task.mode(), task.transport(), task.size(), task.channels(), task.idle());
    }

    Task task(long warmUpNanos, long measureNanos, Path folder) {
        return new Task(transport, mode, size, channels, idle, warmUpNanos, measureNanos, folder);
    }

    /// Whether there is more than the one channel.
    boolean isAboutScale() {
        return channels > 1 || idle > 0;
    }

    @Override
    public String toString() {
        String scale =
                mode.isServer()
                        ? channels + " connections"
                        : channels + " busy and " + idle + " idle channels";
        return mode
                + ", "
                + transport
                + ", "
                + size
                + " B"
                + (isAboutScale() || mode.isServer() ? ", " + scale : "");
    }
}
