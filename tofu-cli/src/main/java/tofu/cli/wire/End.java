package tofu.cli.wire;

/// How one direction of a connection ends.
enum End {
    /// The sender has closed its direction, or its process has ended.
    FIN("closed"),
    /// The connection was broken.
    RESET("reset"),
    /// A fault that was asked for.
    CUT("cut");

    private final String text;

    End(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
