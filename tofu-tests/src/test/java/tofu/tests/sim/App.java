package tofu.tests.sim;

/// Somebody who lives in a [World] and is no engine.
///
/// Thread: one.
abstract class App {
    /// Does something, whatever it may be.
    abstract void act();

    /// An engine is about to be closed.
    void onClosing(Host host) {}

    /// In the calm: does what there is to do, and nothing new.
    ///
    /// @return whether there was anything
    boolean goOn() {
        return false;
    }

    /// Chaos is over: gives up what would keep the others from coming to rest.
    abstract void calmDown();

    /// It takes long to come to rest: where all memory is in messages that wait for peers who have
    /// no memory to read them, some channel must be cut.
    void breakGridlock() {}

    /// All is at rest: everything must have arrived, or come back.
    void checkCalm() {}

    /// Says bye wherever it can.
    void sayBye() {}

    /// All is at rest again: nothing may be open.
    void checkEnded() {}

    /// Ends.
    void close() {}
}
