package tofu.kit;

/// Refuses numbers that are out of range.
final class Bounds {
    private Bounds() {}

    /// Lets a number pass that is large enough.
    ///
    /// @param name of the number, for who reads the refusal
    /// @return the number
    /// @throws IllegalArgumentException names the number and its least value
    static int atLeast(int least, String name, int number) {
        if (number < least) {
            throw new IllegalArgumentException(
                    name + " is " + number + ", must be at least " + least);
        }
        return number;
    }
}
