package tofu.bench.duel;

import java.util.Arrays;

/// What the two sides do.
enum Mode {
    /// The driver floods, the receiver counts.
    ONE_WAY("one-way", 0),
    /// The receiver sends all back; so many messages are on their way.
    ECHO("echo", 256),
    /// The same with a single message: the round trip is what counts.
    PING_PONG("ping-pong", 1);

    private final String text;
    private final int window;

    Mode(String text, int window) {
        this.text = text;
        this.window = window;
    }

    /// Messages that are on their way, there or back; 0: as many as the system takes.
    int window() {
        return window;
    }

    static Mode of(String text) {
        return Arrays.stream(values())
                .filter(mode -> mode.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no mode " + text));
    }

    static Mode ofWindow(int window) {
        return Arrays.stream(values())
                .filter(mode -> mode.window == window)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no mode of window " + window));
    }

    @Override
    public String toString() {
        return text;
    }
}
