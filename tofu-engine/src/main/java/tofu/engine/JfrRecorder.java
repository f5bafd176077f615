package tofu.engine;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.stream.Collectors;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.engine.JfrEvents.OfChannel;
import tofu.engine.channel.Span;
import tofu.engine.channel.Tally;
import tofu.engine.channel.Tally.Figure;
import tofu.engine.link.Account;
import tofu.engine.link.Endpoint;
import tofu.engine.link.Recorder;

/// Records the events of an engine for the JDK's flight recorder.
///
/// As long as nobody records, it is asked whether somebody does, and that is all: nothing is
/// allocated, and no event is made before the first recording. Times are the recorder's own.
///
/// What cannot be recorded for want of memory or stack is lost, and the engine goes on.
///
/// Threads: any.
final class JfrRecorder implements Recorder {
    /// So much of a stack says where a message was got.
    private static final int MOST_FRAMES = 16;

    /// One event of each kind, which is only asked whether somebody records it. Made when there is
    /// a recorder: that takes tens of milliseconds.
    private static final class Any {
        static final JfrEvents.Connect CONNECT = new JfrEvents.Connect();
        static final JfrEvents.Handshake HANDSHAKE = new JfrEvents.Handshake();
        static final JfrEvents.Close CLOSE = new JfrEvents.Close();
        static final JfrEvents.SendStall SEND_STALL = new JfrEvents.SendStall();
        static final JfrEvents.ReceiveStall RECEIVE_STALL = new JfrEvents.ReceiveStall();
        static final JfrEvents.FrameRejected REJECTED = new JfrEvents.FrameRejected();
        static final JfrEvents.DeadlineHit DEADLINE = new JfrEvents.DeadlineHit();
        static final JfrEvents.PoolEmpty POOL_EMPTY = new JfrEvents.PoolEmpty();
        static final JfrEvents.Leak LEAK = new JfrEvents.Leak();
        static final JfrEvents.LoopStall LOOP_STALL = new JfrEvents.LoopStall();

        private Any() {}

        /// Makes the recorder know all events, so that it is no loop that makes the first one, and
        /// no virtual thread is pinned while another one loads what an event takes.
        static void know() {
            // they are made by the call
            Lasting.know();
        }
    }

    private final int engine;

    JfrRecorder(int engine) {
        this.engine = engine;
        if (isStarted()) {
            Any.know();
        }
    }

    /// Whether there was ever a recording in this process.
    private static boolean isStarted() {
        return FlightRecorder.isInitialized();
    }

    // ---- what lasts

    /// An event that has begun.
    private record Lasting(JfrRecorder recorder, OfChannel event, Endpoint channel)
            implements Span {
        /// Loads the class.
        static void know() {
            // it is loaded by the call
        }

        @Override
        public void end() {
            try {
                event.end();
                if (event.shouldCommit()) {
                    recorder.commit(event, channel);
                }
            } catch (VirtualMachineError | LinkageError lost) {
                // see above
            }
        }
    }

    private Span begin(OfChannel event, Endpoint channel) {
        event.begin();
        return new Lasting(this, event, channel);
    }

    @Override
    public @Nullable Span connecting(Endpoint channel) {
        try {
            return isStarted() && Any.CONNECT.isEnabled()
                    ? begin(new JfrEvents.Connect(), channel)
                    : null;
        } catch (VirtualMachineError | LinkageError lost) {
            return null;
        }
    }

    @Override
    public @Nullable Span shakingHands(Endpoint channel, Layer layer) {
        try {
            if (!isStarted() || !Any.HANDSHAKE.isEnabled()) {
                return null;
            }
            JfrEvents.Handshake event = new JfrEvents.Handshake();
            event.layer = layer.name();
            return begin(event, channel);
        } catch (VirtualMachineError | LinkageError lost) {
            return null;
        }
    }

    @Override
    public @Nullable Span stalling(Endpoint channel, Cause cause) {
        try {
            if (!isStarted()) {
                return null;
            }
            JfrEvents.Stall event =
                    switch (cause) {
                        case SEND_QUEUE_FULL, WRITE_BLOCKED ->
                                Any.SEND_STALL.isEnabled() ? new JfrEvents.SendStall() : null;
                        case RECEIVE_WINDOW_CLOSED, POOL_EMPTY ->
                                Any.RECEIVE_STALL.isEnabled() ? new JfrEvents.ReceiveStall() : null;
                    };
            if (event == null) {
                return null;
            }
            event.cause = cause.name();
            return begin(event, channel);
        } catch (VirtualMachineError | LinkageError lost) {
            return null;
        }
    }

    // ---- what happens

    @Override
    public void closed(Endpoint channel, Status reason) {
        try {
            if (isStarted() && Any.CLOSE.isEnabled()) {
                JfrEvents.Close event = new JfrEvents.Close();
                event.reason = reason.name();
                if (event.shouldCommit()) {
                    Tally tally = new Tally();
                    channel.account().addTo(tally, 0); // nothing lasts any more
                    event.sentMessages = tally.get(Figure.SENT_MESSAGES);
                    event.sentBytes = tally.get(Figure.SENT_BYTES);
                    event.returnedMessages = tally.get(Figure.RETURNED_MESSAGES);
                    event.receivedMessages = tally.get(Figure.RECEIVED_MESSAGES);
                    event.receivedBytes = tally.get(Figure.RECEIVED_BYTES);
                    commit(event, channel);
                }
            }
        } catch (VirtualMachineError | LinkageError lost) {
            // see above
        }
    }

    @Override
    public void frameRejected(Endpoint channel, Status reason) {
        try {
            if (isStarted() && Any.REJECTED.isEnabled()) {
                JfrEvents.FrameRejected event = new JfrEvents.FrameRejected();
                event.reason = reason.name();
                commitIfWanted(event, channel);
            }
        } catch (VirtualMachineError | LinkageError lost) {
            // see above
        }
    }

    @Override
    public void deadlineHit(Endpoint channel, DeadlineName deadline) {
        try {
            if (isStarted() && Any.DEADLINE.isEnabled()) {
                JfrEvents.DeadlineHit event = new JfrEvents.DeadlineHit();
                event.deadline = deadline.name();
                commitIfWanted(event, channel);
            }
        } catch (VirtualMachineError | LinkageError lost) {
            // see above
        }
    }

    @Override
    public void poolEmpty(long group, long bytes, long maxBytes) {
        try {
            if (isStarted() && Any.POOL_EMPTY.isEnabled()) {
                JfrEvents.PoolEmpty event = new JfrEvents.PoolEmpty();
                event.engine = engine;
                event.group = group;
                event.bytes = bytes;
                event.maxBytes = maxBytes;
                event.commit();
            }
        } catch (VirtualMachineError | LinkageError lost) {
            // see above
        }
    }

    @Override
    public void leaked(int messages, Throwable got) {
        try {
            if (isStarted() && Any.LEAK.isEnabled()) {
                JfrEvents.Leak event = new JfrEvents.Leak();
                event.engine = engine;
                event.messages = messages;
                event.gotAt = stackOf(got);
                event.commit();
            }
        } catch (VirtualMachineError | LinkageError lost) {
            // see above
        }
    }

    // ---- loops

    @Override
    public Busy loop(int number) {
        return new JfrBusy(engine, number);
    }

    /// Measures one loop, by an event that is used again and again until it is recorded.
    private static final class JfrBusy implements Busy {
        private final int engine;
        private final int loop;

        /// The one that has begun, or is to be used next; `null` before the first.
        private JfrEvents.@Nullable LoopStall event;

        private boolean begun;

        JfrBusy(int engine, int loop) {
            this.engine = engine;
            this.loop = loop;
        }

        @Override
        public void begin() {
            begun = false;
            try {
                if (isStarted() && Any.LOOP_STALL.isEnabled()) {
                    JfrEvents.LoopStall next = event == null ? new JfrEvents.LoopStall() : event;
                    next.begin();
                    event = next;
                    begun = true;
                }
            } catch (VirtualMachineError | LinkageError lost) {
                // see above
            }
        }

        @Override
        public void end() {
            JfrEvents.LoopStall over = event;
            if (!begun || over == null) {
                return;
            }
            begun = false;
            try {
                over.end();
                if (over.shouldCommit()) {
                    event = null;
                    over.engine = engine;
                    over.loop = loop;
                    over.commit();
                }
            } catch (VirtualMachineError | LinkageError lost) {
                // see above
            }
        }
    }

    // ---- what they say

    private void commitIfWanted(OfChannel event, Endpoint channel) {
        if (event.shouldCommit()) {
            commit(event, channel);
        }
    }

    private void commit(OfChannel event, Endpoint channel) {
        Account account = channel.account();
        event.engine = engine;
        event.group = account.totals().serial();
        event.channel = channel.channel().number();
        event.serial = account.serial();
        event.role = channel.role().name();
        event.localAddress = text(channel.localAddress());
        event.remoteAddress = text(channel.remoteAddress());
        event.commit();
    }

    private static @Nullable String text(@Nullable SocketAddress address) {
        if (address instanceof InetSocketAddress inet && !inet.isUnresolved()) {
            return inet.getAddress().getHostAddress() + ":" + inet.getPort();
        }
        return address == null ? null : address.toString();
    }

    private static String stackOf(Throwable got) {
        return Arrays.stream(got.getStackTrace())
                .limit(MOST_FRAMES)
                .map(StackTraceElement::toString)
                .collect(Collectors.joining("\n"));
    }
}
