package tofu.cli.bench;

import tofu.cli.Quantities;

/// One of the things that are measured.
///
/// @param mode what the two sides do
/// @param size of each body, in bytes
/// @param connections how many at the same time
/// @param window how many requests are on their way on each; 0 for signals
record Cell(Mode mode, int size, int connections, int window) {
    @Override
    public String toString() {
        return mode + " " + Quantities.text(size) + " × " + connections;
    }
}
