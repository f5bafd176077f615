package tofu.tests.faults;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;

/// A program that connects to a peer whose path is cut, and says how it learns of it;
/// [DeadPathFault] starts it.
///
/// Its arguments are the peer's address, and what it shall learn it by: `keepAlive`, `sendTimeout`,
/// `idleNotice`, `defaults` or `nothing`. It prints `open` when it is connected, waits for a line,
/// and prints each status that it is told, with the milliseconds since that line, until its channel
/// has ended or 5 seconds are over; with `defaults`, 90.
final class LonelyPeer {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /// More than any of the ways takes that are chosen to be quick.
    private static final Duration WHILE = Duration.ofSeconds(5);

    private static final Duration LONG_WHILE = Duration.ofSeconds(90);

    private LonelyPeer() {}

    /// Runs the program.
    ///
    /// @param args see above
    /// @throws Exception if it cannot even connect
    public static void main(String[] args) throws Exception {
        BufferedReader input =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (Ampe ampe = Ampe.open(options(args[1]));
                ChannelGroup group = ampe.create()) {
            Message hello = ampe.get().connectTo(Address.connectTo(args[0]));
            int channel = group.enqueueToPeer(hello).channel();
            try (Message answer = group.waitReceive(PATIENCE)) {
                if (answer == null || answer.opCode() != OpCode.HELLO_RESPONSE) {
                    throw new IllegalStateException("not connected: " + answer);
                }
            }
            System.out.println("open");
            input.readLine();
            long begin = System.nanoTime();
            if (args[1].equals("sendTimeout")) {
                sendMuch(ampe, group, channel);
            }
            tell(ampe, group, channel, begin, args[1].equals("defaults") ? LONG_WHILE : WHILE);
        }
    }

    private static Options options(String way) {
        Options.Builder options = Options.builder().closeTimeout(Duration.ofMillis(100));
        Duration second = Duration.ofSeconds(1);
        return switch (way) {
            case "keepAlive" ->
                    options.keepAliveIdle(second)
                            .keepAliveInterval(second)
                            .keepAliveCount(2)
                            .build();
            case "sendTimeout" -> options.sendTimeout(second).build();
            case "idleNotice" -> options.idleNotice(second).build();
            case "defaults", "nothing" -> options.build();
            default -> throw new IllegalArgumentException(way);
        };
    }

    /// Sends until the system and the queue take no more, so until the channel ends.
    private static void sendMuch(Ampe ampe, ChannelGroup group, int channel)
            throws InterruptedException {
        boolean open = true;
        while (open) {
            try (Message message = ampe.get().opCode(OpCode.SIGNAL).channel(channel)) {
                message.body().append("x".repeat(60_000));
                group.enqueueToPeer(message, PATIENCE);
            } catch (AmpeException e) {
                open = false;
            }
        }
    }

    private static void tell(
            Ampe ampe, ChannelGroup group, int channel, long begin, Duration atMost)
            throws InterruptedException {
        boolean ended = false;
        Duration left = atMost;
        while (!ended && left.isPositive()) {
            try (Message notice = group.waitReceive(left)) {
                long millis = (System.nanoTime() - begin) / 1_000_000;
                left = atMost.minusMillis(millis);
                if (notice != null) {
                    System.out.println(notice.status() + " " + millis);
                    ended = notice.endsChannel();
                    if (notice.status() == Status.CHANNEL_IDLE) {
                        group.enqueueToPeer(ampe.get().opCode(OpCode.BYE_SIGNAL).channel(channel));
                    }
                }
            }
        }
    }
}
