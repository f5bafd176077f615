package tofu.cli.top;

import java.util.Locale;
import tofu.management.AmpeMXBean.Stall;
import tofu.management.AmpeMXBean.Stalls;

/// Why messages have to wait; the words are those of the guide's page on metrics.
enum Cause {
    SEND_QUEUE_FULL,
    RECEIVE_WINDOW_CLOSED,
    POOL_EMPTY,
    WRITE_BLOCKED;

    long nanos(Stalls stalls) {
        return of(stalls).nanos();
    }

    private Stall of(Stalls stalls) {
        return switch (this) {
            case SEND_QUEUE_FULL -> stalls.sendQueueFull();
            case RECEIVE_WINDOW_CLOSED -> stalls.receiveWindowClosed();
            case POOL_EMPTY -> stalls.poolEmpty();
            case WRITE_BLOCKED -> stalls.writeBlocked();
        };
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
