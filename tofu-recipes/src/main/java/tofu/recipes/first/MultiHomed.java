package tofu.recipes.first;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.fixtures.TestAddresses;

/// A server on several addresses, TCP and Unix domain sockets alike: one group, one thread. What it
/// does with messages is a [Services].
///
/// Threads: any may close it; the services run in the server's own.
/// Owns: its group, and with it all its listeners and connections.
public final class MultiHomed implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("tofu.recipes");

    private final ChannelGroup group;
    private final Set<Integer> listeners = new HashSet<>();
    private final List<Address.Client> addresses = new ArrayList<>();
    private final Thread thread;

    private MultiHomed(Ampe ampe, Services services) {
        this.group = ampe.create();
        this.thread =
                Thread.ofPlatform().name("multi-homed").unstarted(() -> serve(ampe, services));
    }

    /// Listens on all addresses, then serves.
    ///
    /// @throws Failure if one of them cannot be listened on; none is then
    public static MultiHomed start(Ampe ampe, List<Address.Server> where, Services services)
            throws InterruptedException {
        MultiHomed server = new MultiHomed(ampe, services);
        try {
            for (Address.Server address : where) {
                server.listen(ampe, address);
            }
            server.thread.start();
            return server;
        } catch (Failure e) {
            server.group.close();
            throw e;
        }
    }

    /// Where to connect to, in the order of the listeners.
    public List<Address.Client> addresses() {
        return List.copyOf(addresses);
    }

    private void listen(Ampe ampe, Address.Server address) throws InterruptedException {
        try (Message welcome = ampe.get()) {
            listeners.add(group.enqueueToPeer(welcome.listenOn(address)).channel());
        }
        while (true) {
            try (Message message = Steps.next(group)) {
                if (message.opCode() == OpCode.WELCOME_RESPONSE) {
                    if (message.status() != Status.SUCCESS) {
                        throw new Failure(address + ": " + message.status());
                    }
                    addresses.add(Address.parse(message).toClient());
                    return;
                }
                // Nobody knows the addresses yet: a client that guessed one is not answered.
            }
        }
    }

    private void serve(Ampe ampe, Services services) {
        services.start(ampe, group);
        try {
            boolean serving = true;
            while (serving) {
                try (Message message = Steps.nextUnlessClosed(group)) {
                    serving = message != null && !isEnd(message) && handle(ampe, services, message);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the same as being closed
        } finally {
            services.stop();
            group.close();
        }
    }

    /// A message that the service cannot digest costs its sender the channel, and nobody else
    /// anything.
    private boolean handle(Ampe ampe, Services services, Message message)
            throws InterruptedException {
        int channel = message.channel();
        try {
            return services.onMessage(message);
        } catch (RuntimeException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "cannot handle what channel " + channel + " says",
                    e);
            Steps.cut(ampe, group, channel);
            return true;
        }
    }

    /// Whether somebody called [#close()], or a listener has failed for good.
    private boolean isEnd(Message message) {
        return message.status() == Status.RECEIVER_UPDATE
                || (message.endsChannel() && listeners.contains(message.channel()));
    }

    /// Stops serving, and closes all connections.
    @Override
    public void close() {
        group.close(); // whoever waits in it is told
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The recipe: an echo server on three TCP ports and two Unix domain sockets; a client on each.
    public static String run(PrintStream out) throws InterruptedException {
        List<Address.Server> where =
                List.of(
                        new Address.TcpServer("127.0.0.1", 0),
                        new Address.UdsServer(TestAddresses.temporaryUdsPath()),
                        new Address.TcpServer("127.0.0.1", 0),
                        new Address.UdsServer(TestAddresses.temporaryUdsPath()),
                        new Address.TcpServer("", 0));
        EchoService echo = new EchoService();
        int right = 0;
        try (Ampe ampe = Ampe.open();
                MultiHomed server = start(ampe, where, echo);
                ChannelGroup client = ampe.create()) {
            for (Address.Client address : server.addresses()) {
                int channel = Steps.connect(ampe, client, address);
                try (Message request = ampe.get()) {
                    request.channel(channel).body().append(address.toString());
                    client.enqueueToPeer(request);
                }
                try (Message response = Steps.receive(client, OpCode.RESPONSE)) {
                    out.println("echo: " + response.body().text());
                    right += response.body().text().equals(address.toString()) ? 1 : 0;
                }
                Steps.bye(ampe, client, channel);
            }
        }
        return right + " of " + where.size() + " addresses answered, " + echo.echoes() + " echoes";
    }
}
