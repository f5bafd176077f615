package tofu.engine;

import jdk.jfr.FlightRecorder;
import tofu.engine.link.Recorder;

/// Whether this JVM has a flight recorder: the JDK's module for it, `jdk.jfr`, need not be there.
///
/// Threads: any.
final class FlightRecording {
    private static final boolean POSSIBLE = isPossible();

    private FlightRecording() {}

    /// What records the events of an engine, whenever somebody makes a recording.
    ///
    /// @param engine its number
    /// @return [Recorder#NONE] if nobody can
    static Recorder of(int engine) {
        return POSSIBLE ? new JfrRecorder(engine) : Recorder.NONE;
    }

    private static boolean isPossible() {
        Module own = FlightRecording.class.getModule();
        return ModuleLayer.boot().findModule("jdk.jfr").map(own::canRead).orElse(false)
                && FlightRecorder.isAvailable();
    }
}
