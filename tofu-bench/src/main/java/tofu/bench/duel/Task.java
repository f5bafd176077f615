package tofu.bench.duel;

import java.nio.file.Path;
import java.util.List;

/// What one run measures; travels to both sides as arguments, those written in C as well.
///
/// @param transport `tcp`, `uds` or what else a system can
/// @param mode what the sides do
/// @param size length of a message's payload in bytes
/// @param channels channels that are busy at the same time; more than one only for tofu
/// @param idle channels that do nothing beside them; some only for tofu
/// @param warmUpNanos how long to go on before anything counts
/// @param measureNanos how long the measured window is
/// @param folder an empty folder for the files of this run
record Task(
        String transport,
        Mode mode,
        int size,
        int channels,
        int idle,
        long warmUpNanos,
        long measureNanos,
        Path folder) {
    static final int ARGUMENTS = 8;

    List<String> toArguments() {
        return List.of(
                transport,
                Integer.toString(mode.window()),
                Integer.toString(size),
                Integer.toString(channels),
                Integer.toString(idle),
                Long.toString(warmUpNanos),
                Long.toString(measureNanos),
                folder.toString());
    }

    static Task of(List<String> arguments) {
        return new Task(
                arguments.get(0),
                Mode.ofWindow(Integer.parseInt(arguments.get(1))),
                Integer.parseInt(arguments.get(2)),
                Integer.parseInt(arguments.get(3)),
                Integer.parseInt(arguments.get(4)),
                Long.parseLong(arguments.get(5)),
                Long.parseLong(arguments.get(6)),
                Path.of(arguments.get(7)));
    }

    /// How many channels a [Meter] tells apart: by their numbers if more than one is busy.
    int lanes() {
        return channels == 1 ? 1 : 1 << 16;
    }

    /// Which of them a channel is.
    int lane(int channel) {
        return channels == 1 ? 0 : channel;
    }

    boolean isOneWay() {
        return mode == Mode.ONE_WAY;
    }

    boolean isTcp() {
        return transport.equals("tcp");
    }

    /// Where the receiver listens, if it is a Unix domain socket.
    Path socketFile() {
        return folder.resolve("s");
    }
}
