package tofu.engine.link;

import java.io.IOException;
import tofu.engine.link.Entrance.Visit;
import tofu.engine.loop.Command;
import tofu.engine.net.NetStream;

/// Brings connections that were accepted to the loops where they will live.
///
/// Threads: the loops.
public final class Arrivals {
    /// The loops to choose from.
    public interface Loops {
        /// Chooses the loop that the next channel lives on.
        ///
        /// @return the loop's bench
        Workbench choose();

        /// Finds where a loop collects what it has for a group.
        ///
        /// @param group the group
        /// @param bench the loop's
        /// @return the only one of both
        Outbox outbox(Mailbox group, Workbench bench);
    }

    /// A connection on its way.
    ///
    /// @param bench of the loop where it will live
    /// @param outbox its group's, on that loop
    /// @param number the channel number that is reserved for it
    /// @param order its place among the [Handshakes]
    private record Arrival(
            Workbench bench, NetStream stream, Visit visit, Outbox outbox, int number, long order)
            implements Command {
        @Override
        public void run(long nowNanos) {
            Registry registry = bench.shared.registry();
            if (outbox.mailbox().isRefusing()) {
                stream.reset();
                visit.end();
                countRefusal();
                registry.release(number);
                return;
            }
            Connection connection;
            boolean registered = false;
            try {
                connection = Connection.accepted(bench, outbox, number, stream, visit);
                // Before it can end: an ended connection's number may be another's already.
                registry.put(number, connection);
                connection.register(stream);
                registered = true;
            } catch (IOException e) {
                return; // the peer has gone
            } finally {
                if (!registered) {
                    stream.close();
                    visit.end();
                    countRefusal();
                    registry.release(number);
                }
            }
            connection.begin(order);
        }

        private void countRefusal() {
            outbox.mailbox().totals().count(Totals.Event.REFUSAL);
        }

        @Override
        public void drop() {
            stream.close();
        }
    }

    private final Loops loops;

    /// The arrivals of one engine.
    ///
    /// @param loops its loops
    public Arrivals(Loops loops) {
        this.loops = loops;
    }

    /// Finds a loop for a connection; it is that loop's then.
    ///
    /// @param visit ended with it
    /// @param acceptedBy the bench of the calling loop
    /// @return false if there is no channel number for it; stream and visit are still the caller's
    boolean send(NetStream stream, Visit visit, Mailbox group, Workbench acceptedBy) {
        Shared shared = acceptedBy.shared;
        int number = shared.registry().reserve();
        if (number == 0) {
            return false;
        }
        Workbench bench = loops.choose();
        Outbox outbox = loops.outbox(group, bench);
        long order = shared.handshakes().arrive();
        Arrival arrival = new Arrival(bench, stream, visit, outbox, number, order);
        if (bench == acceptedBy) {
            arrival.run(bench.loop.now());
        } else {
            bench.loop.execute(arrival);
        }
        return true;
    }
}
