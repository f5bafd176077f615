package tofu.recipes;

import java.util.Locale;

/// What the demo's client measured; travels to the parent process as one line of text.
///
/// @param p50Nanos half of the round trips were at least as fast
/// @param p99Nanos all but one in a hundred were at least as fast
/// @param messagesPerSecond one way, 64 bytes
/// @param bytesPerSecond one way, 1 KiB
record DemoFigures(long p50Nanos, long p99Nanos, double messagesPerSecond, double bytesPerSecond) {
    private static final String FIRST_WORD = "figures";

    static final String TABLE_HEAD =
            """
                  | round trip, 64 B (us) | one way, 64 B | one way, 1 KiB
                  |       p50         p99 |    messages/s |           MB/s
            ------+-----------------------+---------------+---------------\
            """;

    String toLine() {
        return String.join(
                " ",
                FIRST_WORD,
                Long.toString(p50Nanos),
                Long.toString(p99Nanos),
                Double.toString(messagesPerSecond),
                Double.toString(bytesPerSecond));
    }

    /// Whether [#toLine()] wrote this line.
    static boolean isIn(String line) {
        return line.startsWith(FIRST_WORD + " ");
    }

    /// Understands what [#toLine()] wrote.
    static DemoFigures of(String line) {
        String[] words = line.split(" ", -1);
        return new DemoFigures(
                Long.parseLong(words[1]),
                Long.parseLong(words[2]),
                Double.parseDouble(words[3]),
                Double.parseDouble(words[4]));
    }

    String toRow(String transport) {
        return String.format(
                Locale.ROOT,
                "%-5s | %9.1f %11.1f | %,13.0f | %,14.1f",
                transport,
                p50Nanos / 1e3,
                p99Nanos / 1e3,
                messagesPerSecond,
                bytesPerSecond / 1e6);
    }
}
