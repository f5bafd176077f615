package tofu.engine.link;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tofu.api.Status;
import tofu.pool.SlotSource;

/// Tells groups of the end of connections that never said hello, up to a bound: peers that connect
/// and go again, as fast as they can, must not use up memory and channel numbers while a group is
/// behind. Beyond the bound such a connection ends without a notice.
///
/// Thread: the loop.
final class Strangers {
    private static final int MAX_NOTICES = 64;

    private final Notices notices;

    /// Notices that no application has taken yet; lowered on its thread.
    private final AtomicInteger untaken = new AtomicInteger();

    Strangers(Notices notices) {
        this.notices = notices;
    }

    void tell(
            Outbox outbox,
            int channel,
            Status status,
            @Nullable String cause,
            long id,
            SlotSource onTaken) {
        // The last word is never dropped behind the reason for it.
        int places = status == Status.CHANNEL_CLOSED ? 1 : 2;
        if (untaken.get() > MAX_NOTICES - places) {
            onTaken.taken(0);
            return;
        }
        notices.tell(
                outbox,
                channel,
                status,
                cause,
                id,
                frameLength -> {
                    untaken.getAndDecrement();
                    onTaken.taken(frameLength);
                });
        untaken.getAndIncrement(); // now that there is one: it may have been taken already
    }
}
