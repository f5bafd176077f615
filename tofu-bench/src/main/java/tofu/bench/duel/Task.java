package tofu.bench.duel;

import java.nio.file.Path;
import java.util.List;

/// What one run measures; travels to both sides as arguments, those written in C as well.
///
/// @param transport `tcp`, `uds`, `tls` or what else a system can
/// @param mode what the sides do; its window goes with it, for those in C
/// @param size length of a message's payload in bytes
/// @param channels channels that are busy at the same time
/// @param idle channels that do nothing beside them
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
    static final int ARGUMENTS = 9;

    List<String> toArguments() {
        return List.of(
                transport,
                mode.toString(),
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
                Mode.of(arguments.get(1)),
                Integer.parseInt(arguments.get(3)),
                Integer.parseInt(arguments.get(4)),
                Integer.parseInt(arguments.get(5)),
                Long.parseLong(arguments.get(6)),
                Long.parseLong(arguments.get(7)),
                Path.of(arguments.get(8)));
    }

    /// How many sequences of messages a [Meter] tells apart: one of each channel, or of each
    /// thread that sends.
    int lanes() {
        return Math.max(channels, mode.senders());
    }

    boolean isOneWay() {
        return mode.isOneWay();
    }

    /// Whether the sockets are those of TCP, also below TLS.
    boolean isTcp() {
        return transport.equals("tcp") || isSecure();
    }

    /// Whether TLS is spoken.
    boolean isSecure() {
        return transport.equals("tls");
    }

    /// Where the receiver listens, if it is a Unix domain socket.
    Path socketFile() {
        return folder.resolve("s");
    }
}
