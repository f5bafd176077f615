package tofu.bench.duel;

import io.aeron.ExclusivePublication;
import io.aeron.FragmentAssembler;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.logbuffer.FragmentHandler;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;

/// Aeron: another transport altogether. Shared memory (`ipc`), or its own protocol over UDP
/// (`udp`).
///
/// Media drivers are embedded, with one thread each: one driver for both sides of `ipc`, one for
/// each side of `udp`, there with an MTU of 8 KiB. Who has nothing to do backs off one way, and
/// yields otherwise; spinning, which Aeron's authors recommend, needs more processors than threads.
final class Aeron implements Contestant {
    private static final int TO_RECEIVER = 1;
    private static final int TO_DRIVER = 2;
    private static final int MTU = 8_192;
    private static final int FRAGMENTS = 256;

    @Override
    public void serve(Task task, Meter meter, Consumer<String> listening) throws IOException {
        try (MediaDriver media = mediaDriver(task, Side.SERVE);
                io.aeron.Aeron aeron = aeron(media.aeronDirectoryName())) {
            Subscription in = aeron.addSubscription(channel(task, 0), TO_RECEIVER);
            String answers = channel(task, freeUdpPort());
            listening.accept(resolved(in, task) + " " + answers);
            AeronSender sender = null;
            if (!task.isOneWay()) {
                sender = sender(aeron, answers, TO_DRIVER, task);
            }
            AeronSender out = sender;
            FragmentHandler application =
                    (buffer, offset, length, header) -> {
                        meter.received(buffer.getLong(offset, ByteOrder.BIG_ENDIAN), length);
                        if (out != null) {
                            out.send(buffer, offset, length);
                        }
                    };
            receive(in, application, task);
        }
    }

    @Override
    public void drive(Task task, Meter meter, String place) throws IOException {
        String[] channels = place.split(" ", 2);
        boolean sharesDriver = task.transport().equals("ipc");
        try (MediaDriver media = sharesDriver ? null : mediaDriver(task, Side.DRIVE);
                io.aeron.Aeron aeron =
                        aeron(
                                media == null
                                        ? folder(task, Side.SERVE)
                                        : folder(task, Side.DRIVE))) {
            Subscription in = aeron.addSubscription(channels[1], TO_DRIVER);
            AeronSender out = sender(aeron, channels[0], TO_RECEIVER, task);
            Payload payload = new Payload(task.size());
            while (task.isOneWay()) {
                out.send(payload.with(meter.next()));
            }
            for (int i = 0; i < task.mode().window(); i++) {
                out.send(payload.with(meter.next()));
            }
            FragmentHandler application =
                    (buffer, offset, length, header) -> {
                        meter.received(buffer.getLong(offset, ByteOrder.BIG_ENDIAN), length);
                        out.send(payload.with(meter.next()));
                    };
            receive(in, application, task);
        }
    }

    private static void receive(Subscription in, FragmentHandler application, Task task) {
        FragmentAssembler whole = new FragmentAssembler(application);
        IdleStrategy idle = idle(task);
        while (true) {
            idle.idle(in.poll(whole, FRAGMENTS));
        }
    }

    private static MediaDriver mediaDriver(Task task, String role) {
        return MediaDriver.launchEmbedded(
                new MediaDriver.Context()
                        .aeronDirectoryName(folder(task, role))
                        .threadingMode(ThreadingMode.SHARED)
                        .sharedIdleStrategy(idle(task))
                        .mtuLength(MTU));
    }

    private static io.aeron.Aeron aeron(String folder) {
        return io.aeron.Aeron.connect(new io.aeron.Aeron.Context().aeronDirectoryName(folder));
    }

    private static AeronSender sender(io.aeron.Aeron aeron, String channel, int stream, Task task) {
        ExclusivePublication publication = aeron.addExclusivePublication(channel, stream);
        return new AeronSender(publication, idle(task));
    }

    private static String folder(Task task, String role) {
        return task.folder().resolve(role).toString();
    }

    private static IdleStrategy idle(Task task) {
        return task.isOneWay() ? new BackoffIdleStrategy() : new YieldingIdleStrategy();
    }

    private static String channel(Task task, int port) {
        return task.transport().equals("ipc")
                ? "aeron:ipc"
                : "aeron:udp?endpoint=127.0.0.1:" + port;
    }

    /// The channel with the port that the system chose.
    private static String resolved(Subscription in, Task task) {
        if (task.transport().equals("ipc")) {
            return in.channel();
        }
        String channel = in.tryResolveChannelEndpointPort();
        while (channel == null) {
            Thread.onSpinWait();
            channel = in.tryResolveChannelEndpointPort();
        }
        return channel;
    }

    private static int freeUdpPort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
