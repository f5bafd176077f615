package tofu.cli.bench;

/// What the two sides do.
enum Mode {
    /// Signals, as many as the connections take; the server counts them and answers a question
    /// about that now and then.
    ONE_WAY("one-way"),
    /// Requests and their responses, a window of them on their way on each connection.
    ECHO("echo"),
    /// The same with one at a time: the round trip is what counts.
    PING_PONG("ping-pong");

    private final String text;

    Mode(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
