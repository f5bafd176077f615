package tofu.bench.duel;

import java.util.List;
import java.util.stream.Stream;

/// Connections over TLS, and how many of them can be made in a second.
final class Tls {
    /// What is measured, if nobody says what.
    static final List<String> SYSTEMS =
            List.of(
                    "tofu",
                    "sslengine",
                    "netty-nio-app",
                    "netty-nio-loop",
                    "netty-openssl-app",
                    "netty-openssl-loop");

    static final List<Integer> SIZES = List.of(64, 1_024, 16_384, 60_000);

    static final List<Cell> CELLS =
            Stream.concat(
                            SIZES.stream().map(size -> cell(Mode.ONE_WAY, size)),
                            Stream.of(Mode.ECHO, Mode.PING_PONG, Mode.HANDSHAKES)
                                    .map(mode -> cell(mode, 64)))
                    .toList();

    private Tls() {}

    /// The place of the table.
    static Cell cell(Mode mode, int size) {
        return new Cell(mode, "tls", size, 1, 0);
    }
}
