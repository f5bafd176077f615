package tofu.recipes;

import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Random;
import tofu.api.Address;
import tofu.api.AllocationStrategy;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Body;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.recipes.first.Failure;
import tofu.recipes.first.Steps;

/// Sends requests to an [EchoServer] and checks every byte of every answer.
///
/// Shows: connecting, having several requests under way at once, what to do when the send queue or
/// the pool has no room, borrowing the memory of a body, and a bye.
///
/// Usage: `EchoClient [--tls FOLDER] ADDRESS COUNT SIZE [WINDOW]`: COUNT requests with bodies of
/// SIZE bytes (0 to 65535), at most WINDOW (default 64) of them unanswered, over TLS with the keys
/// in the server's folder. The exit code is 0 if all answers were right, 1 if not (and standard
/// error says which was wrong, and how), 2 if the arguments make no sense.
public final class EchoClient {
    private static final String USAGE =
            """
            usage: EchoClient ADDRESS COUNT SIZE [WINDOW]
                   EchoClient --tls FOLDER ADDRESS COUNT SIZE [WINDOW]
              FOLDER   that of the server's keys
              ADDRESS  tcp|host|port, uds|/absolute/path, or tls|host|port with a FOLDER
              COUNT    how many requests to send
              SIZE     bytes in each body, 0 to 65535
              WINDOW   how many requests may be unanswered, default 64\
            """;

    /// Bodies start at one of this many places of [#BYTES], by their id: neighbours differ.
    private static final int PLACES = 4_096;

    private static final MemorySegment BYTES = randomBytes(PLACES + Body.MAX_LENGTH);

    private final Ampe ampe;
    private final ChannelGroup group;
    private final Task task;
    private final int channel;

    private EchoClient(Ampe ampe, ChannelGroup group, Task task) throws InterruptedException {
        this.ampe = ampe;
        this.group = group;
        this.task = task;
        this.channel = Steps.connect(ampe, group, task.address);
    }

    /// Runs the client.
    ///
    /// @param args address, count, size and window
    /// @throws InterruptedException never, as nobody interrupts the main thread
    public static void main(String[] args) throws InterruptedException {
        System.exit(run(System.out, System.err, args));
    }

    /// Runs the client in the calling thread.
    ///
    /// @return the exit code
    static int run(PrintStream out, PrintStream err, String... args) throws InterruptedException {
        try {
            TlsFolder tls = TlsFolder.of(args);
            Task task = Task.parse(tls.array());
            try (ProgramEngine engine = ProgramEngine.open(tls.options());
                    ChannelGroup group = engine.ampe().create()) {
                EchoClient client = new EchoClient(engine.ampe(), group, task);
                long start = System.nanoTime();
                client.exchange();
                long nanos = System.nanoTime() - start;
                Steps.bye(engine.ampe(), group, client.channel);
                out.println(task.result(nanos));
            }
            return 0;
        } catch (Failure e) {
            err.println("EchoClient: " + e.getMessage());
            return e.exitCode();
        } catch (AmpeException e) {
            err.println("EchoClient: " + e.getMessage());
            return 1;
        }
    }

    /// Sends as long as the window and the queue have room, then takes one answer, and so on.
    private void exchange() throws InterruptedException {
        long sent = 0; // the id of the last request
        for (long id = 1; id <= task.count; id++) {
            try {
                while (sent < task.count && sent - id + 1 < task.window && send(sent + 1)) {
                    sent++;
                }
                takeAnswer(id);
            } catch (Failure | AmpeException e) {
                String which = "answer " + id + " of " + task.count;
                throw new Failure(which + ": " + e.getMessage(), e);
            }
        }
    }

    /// Sends a request, unless there is no room for it now; then an answer that is under way must
    /// be taken first.
    private boolean send(long id) {
        try (Message request = ampe.get(AllocationStrategy.POOL_ONLY)) {
            if (request == null) {
                return false;
            }
            request.opCode(OpCode.REQUEST).channel(channel).id(id).body().append(body(id));
            group.enqueueToPeer(request);
            return true;
        } catch (AmpeException e) {
            if (e.status() == Status.SEND_QUEUE_FULL) {
                return false;
            }
            throw e;
        }
    }

    private void takeAnswer(long id) throws InterruptedException {
        try (Message answer = Steps.receive(group, OpCode.RESPONSE)) {
            if (answer.id() != id) {
                throw new Failure("the id is " + answer.id());
            }
            if (answer.body().length() != task.size) {
                throw new Failure("the body has " + answer.body().length() + " bytes");
            }
            // Borrowed: the segment is the message's own memory, and is not to be kept.
            long wrong = answer.body().segment().mismatch(body(id));
            if (wrong >= 0) {
                throw new Failure("the body is wrong from byte " + wrong + " on");
            }
        }
    }

    /// The body that belongs to an id.
    private MemorySegment body(long id) {
        return BYTES.asSlice(id % PLACES, task.size);
    }

    private static MemorySegment randomBytes(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return MemorySegment.ofArray(bytes);
    }

    /// What to do.
    ///
    /// @param address where the server is
    /// @param count requests to send
    /// @param size bytes in each body
    /// @param window requests that may be unanswered
    private record Task(Address.Client address, int count, int size, int window) {
        static Task parse(String... args) {
            if (args.length < 3 || args.length > 4) {
                throw Failure.ofArguments("3 or 4 arguments are needed", USAGE);
            }
            return new Task(
                    address(args[0]),
                    number("COUNT", args[1], 0, Integer.MAX_VALUE),
                    number("SIZE", args[2], 0, Body.MAX_LENGTH),
                    args.length == 3 ? 64 : number("WINDOW", args[3], 1, Integer.MAX_VALUE));
        }

        private static Address.Client address(String text) {
            try {
                return Address.connectTo(text);
            } catch (AmpeException e) {
                throw Failure.ofArguments(e.getMessage(), USAGE);
            }
        }

        private static int number(String name, String text, int min, int max) {
            try {
                int value = Integer.parseInt(text);
                if (value >= min && value <= max) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // Falls through to the same words as a number out of range.
            }
            throw Failure.ofArguments(
                    name + " must be " + min + " to " + max + ", is " + text, USAGE);
        }

        String result(long nanos) {
            double seconds = nanos / 1e9;
            return String.format(
                    Locale.ROOT,
                    "%,d echoes of %,d bytes over %s in %.3f s: %,.0f messages/s, %,.1f MB/s",
                    count,
                    size,
                    address,
                    seconds,
                    count / seconds,
                    count / seconds * size / 1e6);
        }
    }
}
