package tofu.tests.sim;

import java.util.ArrayDeque;
import java.util.Deque;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.Status;

/// An application that takes messages out of the pool and keeps them for a while.
///
/// Thread: one.
final class Hoarder extends App {
    private static final int MOST = 200;
    private static final byte[] BODY = new byte[65_535];

    private final Host host;
    private final Choices choices;

    /// Some of its messages are long ones: memory ends before messages do.
    private final boolean heavy;

    private final Deque<Message> hoard = new ArrayDeque<>();

    Hoarder(Host host, Choices choices) {
        this.host = host;
        this.choices = choices;
        this.heavy = choices.oneIn(4);
    }

    @Override
    void act() {
        try {
            if (choices.oneIn(2)) {
                release(1 + choices.below(MOST));
            } else if (!host.closing) {
                take(choices.below(MOST));
            }
        } catch (RuntimeException | Error e) {
            host.survive(e);
        }
    }

    private void take(int count) {
        for (int i = 0; i < count && hoard.size() < MOST; i++) {
            try {
                Message message = host.ampe().get(AllocationStrategy.POOL_ONLY);
                if (message == null) {
                    return;
                }
                hoard.add(message);
                host.held++;
                if (heavy && choices.oneIn(8)) {
                    message.body().append(BODY, 0, choices.below(BODY.length + 1));
                }
            } catch (AmpeException e) {
                if (e.status() != Status.ALLOCATION_FAILED) {
                    throw new Violation("a message was refused", e);
                }
            }
        }
    }

    private void release(int count) {
        for (int i = 0; i < count && !hoard.isEmpty(); i++) {
            Message message = hoard.element();
            try {
                message.close();
            } finally {
                if (message.isEmptied()) {
                    hoard.remove();
                    host.held--;
                }
            }
        }
    }

    /// What is held beyond the end is a warning of the engine's, which would drown the others.
    @Override
    void onClosing(Host closing) {
        if (closing == host) {
            releaseAll();
        }
    }

    @Override
    void calmDown() {
        releaseAll();
    }

    private void releaseAll() {
        host.insistOn(() -> release(hoard.size()));
    }
}
