package tofu.cli.bench;

import java.util.List;
import org.HdrHistogram.Histogram;

/// What was measured of one [Cell].
///
/// @param cell what was measured
/// @param seconds for so long, after the warm-up
/// @param messages so many were received: by the server if it is one way, else responses by us
/// @param times round trips in nanoseconds; empty if it is one way
/// @param samples how many messages a second, in even steps of time
record Result(Cell cell, double seconds, long messages, Histogram times, List<Sample> samples) {
    /// The rate of one step.
    ///
    /// @param seconds its end, since the end of the warm-up
    /// @param messagesPerSecond the rate
    record Sample(double seconds, double messagesPerSecond) {}

    double messagesPerSecond() {
        return seconds > 0 ? messages / seconds : 0;
    }

    double bytesPerSecond() {
        return messagesPerSecond() * cell.size();
    }

    boolean hasTimes() {
        return times.getTotalCount() > 0;
    }
}
