package tofu.tests.faults;

import java.time.Duration;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Running;

/// Answers every request of a group's channels with what it was asked, until the group is closed.
///
/// Thread: one, which waits for messages.
final class Echo implements Running.Action {
    private static final Duration LONG = Duration.ofHours(1);

    private final Peer peer;
    private long answers;

    private Echo(Peer peer) {
        this.peer = peer;
    }

    /// Starts to answer; the group's inbox is its own from now on.
    ///
    /// @return the thread, whose result is how many requests were answered
    static Running<Long> start(Peer peer) {
        Echo echo = new Echo(peer);
        return Running.start(
                () -> {
                    echo.run();
                    return echo.answers;
                });
    }

    @Override
    public void run() throws InterruptedException {
        boolean open = true;
        while (open) {
            try (Message message = peer.group().waitReceive(LONG)) {
                if (message != null && message.origin() == Origin.APPLICATION) {
                    answer(message);
                }
            } catch (AmpeException e) {
                if (e.status() != Status.SHUTDOWN_STARTED) {
                    throw e;
                }
                open = false;
            }
        }
    }

    private void answer(Message message) throws InterruptedException {
        if (message.opCode().role() != OpCode.Role.REQUEST) {
            return;
        }
        boolean counts = message.opCode() == OpCode.REQUEST;
        message.opCode(message.opCode().echo());
        try {
            peer.group().enqueueToPeer(message, LONG);
            answers += counts ? 1 : 0;
        } catch (AmpeException e) {
            if (!e.channelEnded()) {
                throw e;
            }
        }
    }
}
