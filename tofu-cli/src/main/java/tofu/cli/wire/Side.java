package tofu.cli.wire;

import tofu.cli.Terminal;

/// The two ends of a connection, by who has connected.
enum Side {
    /// The one that has connected.
    CLIENT("client", "c>s", Terminal.Colour.CYAN),
    /// The one that has listened.
    SERVER("server", "s>c", Terminal.Colour.MAGENTA);

    private final String text;
    private final String arrow;
    private final Terminal.Colour colour;

    Side(String text, String arrow, Terminal.Colour colour) {
        this.text = text;
        this.arrow = arrow;
        this.colour = colour;
    }

    Side other() {
        return this == CLIENT ? SERVER : CLIENT;
    }

    /// How the direction of what it sends is printed.
    String arrow() {
        return arrow;
    }

    Terminal.Colour colour() {
        return colour;
    }

    @Override
    public String toString() {
        return text;
    }
}
