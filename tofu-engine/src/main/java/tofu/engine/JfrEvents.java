package tofu.engine;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Throttle;
import org.jspecify.annotations.Nullable;

/// The events that a flight recorder gets of engines. What a setting of a recording does not say,
/// these annotations do.
///
/// What peers can make happen as often as they like is throttled: it is counted anyway.
///
/// No stack traces: most events end on a loop, whose stack says nothing.
final class JfrEvents {
    private static final String OFTEN = "300/s";
    private static final String SHORT = "10 ms";

    private JfrEvents() {}

    /// Any of an engine.
    @StackTrace(false)
    abstract static class OfEngine extends Event {
        @Label("Engine")
        @Description("Tells the engines of a process apart, as in the names of their threads")
        int engine;
    }

    /// Any of a channel.
    abstract static class OfChannel extends OfEngine {
        @Label("Group")
        @Description("Tells the groups of an engine apart")
        long group;

        @Label("Channel")
        @Description("The channel's number, which another channel may have later")
        int channel;

        @Label("Serial")
        @Description("Tells all channels of an engine apart, ended ones included")
        long serial;

        @Label("Role")
        @Description("CLIENT has connected, SERVER was accepted, LISTENER accepts")
        @Nullable String role;

        @Label("Local Address")
        @Nullable String localAddress;

        @Label("Remote Address")
        @Nullable String remoteAddress;
    }

    @Name("tofu.Connect")
    @Label("Connect")
    @Category({"tofu", "Channels"})
    @Description(
            "A channel has a peer. Of a client the time since it began to look for one; a server's"
                    + " has none")
    @Throttle(OFTEN)
    static final class Connect extends OfChannel {}

    @Name("tofu.Handshake")
    @Label("Handshake")
    @Category({"tofu", "Channels"})
    @Description("A handshake with a peer that was completed")
    @Throttle(OFTEN)
    static final class Handshake extends OfChannel {
        @Label("Layer")
        @Description("TLS, or TOFU: the peer has said hello")
        @Nullable String layer;
    }

    @Name("tofu.Close")
    @Label("Close")
    @Category({"tofu", "Channels"})
    @Description("A channel has ended, listeners included")
    @Throttle(OFTEN)
    static final class Close extends OfChannel {
        @Label("Reason")
        @Description("The status that says why; CHANNEL_CLOSED after a bye")
        @Nullable String reason;

        @Label("Sent Messages")
        long sentMessages;

        @Label("Sent Bytes")
        @DataAmount
        long sentBytes;

        @Label("Returned Messages")
        @Description("Came back to their application unsent")
        long returnedMessages;

        @Label("Received Messages")
        long receivedMessages;

        @Label("Received Bytes")
        @DataAmount
        long receivedBytes;
    }

    /// Messages that had to wait.
    abstract static class Stall extends OfChannel {
        @Label("Cause")
        @Nullable String cause;
    }

    @Name("tofu.SendStall")
    @Label("Send Stall")
    @Category({"tofu", "Flow Control"})
    @Description(
            "Messages could not be enqueued (SEND_QUEUE_FULL), or sent (WRITE_BLOCKED): most likely"
                    + " the peer takes none")
    @Threshold(SHORT)
    @Throttle(OFTEN)
    static final class SendStall extends Stall {}

    @Name("tofu.ReceiveStall")
    @Label("Receive Stall")
    @Category({"tofu", "Flow Control"})
    @Description(
            "A channel was not read, as its application takes nothing (RECEIVE_WINDOW_CLOSED), or"
                    + " as there is no memory (POOL_EMPTY)")
    @Threshold(SHORT)
    @Throttle(OFTEN)
    static final class ReceiveStall extends Stall {}

    @Name("tofu.FrameRejected")
    @Label("Frame Rejected")
    @Category({"tofu", "Channels"})
    @Description("A frame of a peer was no message of this protocol; it has ended its channel")
    @Throttle(OFTEN)
    static final class FrameRejected extends OfChannel {
        @Label("Reason")
        @Description("The status that says what was wrong")
        @Nullable String reason;
    }

    @Name("tofu.DeadlineHit")
    @Label("Deadline Hit")
    @Category({"tofu", "Channels"})
    @Description("A channel has ended as a deadline was hit")
    @Throttle(OFTEN)
    static final class DeadlineHit extends OfChannel {
        @Label("Deadline")
        @Description("CONNECT, HANDSHAKE, FRAME, BYE, CLOSE or SEND")
        @Nullable String deadline;
    }

    @Name("tofu.PoolEmpty")
    @Label("Pool Empty")
    @Category({"tofu", "Memory"})
    @Description("A receiver was told that there is no memory for its next message")
    @Throttle(OFTEN)
    static final class PoolEmpty extends OfEngine {
        @Label("Group")
        @Description("Tells the groups of an engine apart")
        long group;

        @Label("Bytes")
        @Description("Memory that is allocated for messages")
        @DataAmount
        long bytes;

        @Label("Maximal Bytes")
        @Description("As much may be, see Options.maxPoolBytes")
        @DataAmount
        long maxBytes;
    }

    @Name("tofu.Leak")
    @Label("Leak")
    @Category({"tofu", "Memory"})
    @Description("Messages that became unreachable without having been closed or moved")
    static final class Leak extends OfEngine {
        @Label("Messages")
        @Description("Of those that were watched, since the last event of the same place")
        int messages;

        @Label("Got At")
        @Description("Where the application got them")
        @Nullable String gotAt;
    }

    @Name("tofu.LoopStall")
    @Label("Loop Stall")
    @Category({"tofu", "Loops"})
    @Description("A loop was busy for so long without a look at its sockets")
    @Threshold(SHORT)
    @Throttle(OFTEN)
    static final class LoopStall extends OfEngine {
        @Label("Loop")
        @Description("The loop's number, as in the name of its thread")
        int loop;
    }
}
