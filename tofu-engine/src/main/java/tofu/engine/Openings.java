package tofu.engine;

import tofu.api.AmpeException;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.engine.link.Arrivals;
import tofu.engine.link.Connection;
import tofu.engine.link.Endpoint;
import tofu.engine.link.ListenSocket;
import tofu.engine.link.Mailbox;
import tofu.engine.link.Outbox;
import tofu.engine.link.Registry;
import tofu.engine.link.Workbench;

/// Makes the channels that applications open.
///
/// Threads: any.
final class Openings {
    private final Registry registry;
    private final Arrivals.Loops loops;
    private final Arrivals arrivals;
    private final int maxChannels;

    Openings(Registry registry, Arrivals.Loops loops, int maxChannels) {
        this.registry = registry;
        this.loops = loops;
        this.arrivals = new Arrivals(loops);
        this.maxChannels = maxChannels;
    }

    /// Makes a channel for a HelloRequest or WelcomeRequest that is about to be enqueued.
    ///
    /// @throws AmpeException with [Status#TOO_MANY_CHANNELS]
    Endpoint open(Mailbox group, OpCode opCode) {
        Workbench bench = loops.choose();
        Outbox outbox = loops.outbox(group, bench);
        int number = registry.reserve();
        if (number == 0) {
            throw new AmpeException(
                    Status.TOO_MANY_CHANNELS,
                    "all " + maxChannels + " channels are in use or resting");
        }
        boolean opened = false;
        try {
            Endpoint endpoint =
                    opCode == OpCode.HELLO_REQUEST
                            ? Connection.connecting(bench, outbox, number)
                            : new ListenSocket(bench, outbox, number, arrivals);
            registry.put(number, endpoint);
            opened = true;
            return endpoint;
        } finally {
            if (!opened) {
                registry.release(number);
            }
        }
    }

    /// Gives back the number of a channel whose first message could not be enqueued.
    void undo(int number) {
        registry.release(number);
    }
}
