package tofu.tests.limits;

import java.util.EnumSet;
import java.util.Set;
import tofu.api.Status;

/// Why an engine may say no at its limits, and while others close things.
final class Refusals {
    /// The channel has ended, or its group is closed. Its number may be another group's by now.
    static final Set<Status> GONE =
            EnumSet.of(
                    Status.CHANNEL_CLOSED,
                    Status.INVALID_CHANNEL_NUMBER,
                    Status.INVALID_CHANNEL_GROUP,
                    Status.SHUTDOWN_STARTED);

    /// As [#GONE], or there is no room.
    static final Set<Status> ALL = EnumSet.copyOf(GONE);

    static {
        ALL.add(Status.SEND_QUEUE_FULL);
        ALL.add(Status.ALLOCATION_FAILED);
        ALL.add(Status.TOO_MANY_CHANNELS);
        ALL.add(Status.INBOX_FULL);
    }

    private Refusals() {}
}
