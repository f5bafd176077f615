package tofu.tests.limits;

import java.time.Duration;
import tofu.api.Options;

/// A limit or a deadline of an engine, as small as it may be.
enum Bound {
    NONE {
        @Override
        void tighten(Options.Builder options) {}
    },
    POOL_BYTES {
        @Override
        void tighten(Options.Builder options) {
            options.maxPoolBytes(1 << 20).maxPoolMessages(65_536);
        }
    },
    FEW_POOL_BYTES {
        @Override
        void tighten(Options.Builder options) {
            options.maxPoolBytes(4 << 20).maxPoolMessages(4_096);
        }
    },
    POOL_MESSAGES {
        @Override
        void tighten(Options.Builder options) {
            options.initialPoolMessages(0).maxPoolMessages(1);
        }
    },
    FEW_POOL_MESSAGES {
        @Override
        void tighten(Options.Builder options) {
            options.initialPoolMessages(0).maxPoolMessages(64);
        }
    },
    SEND_QUEUE_MESSAGES {
        @Override
        void tighten(Options.Builder options) {
            options.sendQueueMessages(1);
        }
    },
    SEND_QUEUE_BYTES {
        @Override
        void tighten(Options.Builder options) {
            options.sendQueueBytes(Options.MAX_MESSAGE_BYTES);
        }
    },
    RECEIVE_WINDOW_MESSAGES {
        @Override
        void tighten(Options.Builder options) {
            options.receiveWindowMessages(1);
        }
    },
    RECEIVE_WINDOW_BYTES {
        @Override
        void tighten(Options.Builder options) {
            options.receiveWindowBytes(Options.MAX_MESSAGE_BYTES);
        }
    },
    /// Of a client; a server needs one for each listener, and one more.
    CHANNELS {
        @Override
        void tighten(Options.Builder options) {
            options.maxChannels(1);
        }
    },
    PENDING_HANDSHAKES {
        @Override
        void tighten(Options.Builder options) {
            options.maxPendingHandshakes(1);
        }
    },
    QUARANTINE {
        @Override
        void tighten(Options.Builder options) {
            options.channelQuarantine(Duration.ZERO);
        }
    },
    BACKLOG {
        @Override
        void tighten(Options.Builder options) {
            options.acceptBacklog(1);
        }
    },
    CONNECT_TIMEOUT {
        @Override
        void tighten(Options.Builder options) {
            options.connectTimeout(SHORTEST);
        }
    },
    HANDSHAKE_TIMEOUT {
        @Override
        void tighten(Options.Builder options) {
            options.handshakeTimeout(SHORTEST);
        }
    },
    FRAME_TIMEOUT {
        @Override
        void tighten(Options.Builder options) {
            options.frameTimeout(SHORTEST);
        }
    },
    BYE_TIMEOUT {
        @Override
        void tighten(Options.Builder options) {
            options.byeTimeout(SHORTEST);
        }
    },
    CLOSE_TIMEOUT {
        @Override
        void tighten(Options.Builder options) {
            options.closeTimeout(SHORTEST);
        }
    },
    ALL_LIMITS {
        @Override
        void tighten(Options.Builder options) {
            tightenAll(options, CONNECT_TIMEOUT.ordinal());
        }
    },
    ALL {
        @Override
        void tighten(Options.Builder options) {
            tightenAll(options, ALL_LIMITS.ordinal());
        }
    };

    private static final Duration SHORTEST = Duration.ofMillis(1);

    abstract void tighten(Options.Builder options);

    /// Whether there is little memory.
    boolean concernsPool() {
        return this == POOL_BYTES || this == FEW_POOL_BYTES || compareTo(ALL_LIMITS) >= 0;
    }

    private static void tightenAll(Options.Builder options, int end) {
        for (Bound bound : values()) {
            boolean few = bound == FEW_POOL_BYTES || bound == FEW_POOL_MESSAGES;
            if (!few && bound.ordinal() < end) {
                bound.tighten(options);
            }
        }
    }
}
