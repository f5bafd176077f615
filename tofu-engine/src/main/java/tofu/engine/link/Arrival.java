package tofu.engine.link;

import java.io.IOException;
import tofu.engine.loop.Command;
import tofu.engine.net.NetStream;

/// A connection that was accepted, on its way to the loop where it will live.
///
/// @param bench that loop's
/// @param group the listener's
/// @param number the channel number that is reserved for it
/// @param order its place among the [Handshakes]
record Arrival(Workbench bench, NetStream stream, Mailbox group, int number, long order)
        implements Command {
    /// Finds a loop for a connection; it is that loop's then.
    ///
    /// @param acceptedBy the bench of the calling loop
    /// @return false if there is no channel number for it; the stream is still the caller's
    static boolean send(NetStream stream, Mailbox group, Workbench acceptedBy) {
        Shared shared = acceptedBy.shared;
        int number = shared.registry().reserve();
        if (number == 0) {
            return false;
        }
        Workbench bench = shared.registry().choose();
        Arrival arrival = new Arrival(bench, stream, group, number, shared.handshakes().arrive());
        if (bench == acceptedBy) {
            arrival.run(bench.loop.now());
        } else {
            bench.loop.execute(arrival);
        }
        return true;
    }

    @Override
    public void run(long nowNanos) {
        Registry registry = bench.shared.registry();
        if (group.isRefusing()) {
            stream.reset();
            registry.release(number);
            return;
        }
        Connection connection;
        boolean registered = false;
        try {
            connection = Connection.accepted(this);
            // Before it can end: an ended connection's number may be another's already.
            registry.put(number, connection);
            connection.register(stream);
            registered = true;
        } catch (IOException e) {
            return; // the peer has gone
        } finally {
            if (!registered) {
                stream.close();
                registry.release(number);
            }
        }
        connection.begin(order);
    }

    @Override
    public void drop() {
        stream.close();
    }
}
