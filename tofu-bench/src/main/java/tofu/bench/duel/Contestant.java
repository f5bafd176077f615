package tofu.bench.duel;

import java.util.function.Consumer;

/// One system in the comparison: how it receives, and how it sends.
///
/// Both methods go on until the process ends. They give each message to the [Meter], which checks
/// it and knows when the measured window begins and ends. Any exception ends the process.
interface Contestant {
    /// Listens, says where, and then takes messages: counts them in a one-way run, sends each back
    /// otherwise.
    ///
    /// @param listening gets the place, in words that [#drive] of the same system understands
    void serve(Task task, Meter meter, Consumer<String> listening) throws Exception;

    /// Connects and sends: without end in a one-way run, otherwise as many as the mode's window
    /// and then one for each that came back.
    ///
    /// @param place where the other side listens
    void drive(Task task, Meter meter, String place) throws Exception;
}
