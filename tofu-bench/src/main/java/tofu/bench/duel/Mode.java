package tofu.bench.duel;

import java.util.Arrays;

/// What the two sides do.
enum Mode {
    /// The driver floods, the receiver counts.
    ONE_WAY("one-way", 0, 1),
    /// The same, from two threads on one channel.
    ONE_WAY_FROM_2("one-way-from-2", 0, 2),
    /// The same, from four threads on one channel.
    ONE_WAY_FROM_4("one-way-from-4", 0, 4),
    /// The receiver sends all back; so many messages are on their way.
    ECHO("echo", 256, 1),
    /// The same with a single message: the round trip is what counts.
    PING_PONG("ping-pong", 1, 1),
    /// The same on a connection of its own for each message: what counts are the connections.
    HANDSHAKES("handshakes", 1, 1),
    /// A server whose clients are the program `clients.c`: each has one message on its way.
    CLIENTS_1("clients-1", 1, 1),
    /// The same with eight each.
    CLIENTS_8("clients-8", 8, 1),
    /// The same with 64 each.
    CLIENTS_64("clients-64", 64, 1);

    private final String text;
    private final int window;
    private final int senders;

    Mode(String text, int window, int senders) {
        this.text = text;
        this.window = window;
        this.senders = senders;
    }

    /// Messages of a channel that are on their way, there or back; 0: as many as the system takes.
    int window() {
        return window;
    }

    /// Threads that send on the driver's side.
    int senders() {
        return senders;
    }

    boolean isOneWay() {
        return window == 0;
    }

    /// Whether the driver is the load generator in C, and all channels its connections.
    boolean isServer() {
        return this == CLIENTS_1 || this == CLIENTS_8 || this == CLIENTS_64;
    }

    static Mode of(String text) {
        return Arrays.stream(values())
                .filter(mode -> mode.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no mode " + text));
    }

    @Override
    public String toString() {
        return text;
    }
}
