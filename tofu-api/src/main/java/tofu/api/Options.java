package tofu.api;

import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Every limit and deadline of an engine. Immutable; [#toString()] prints the effective values.
///
/// Long, for every option stands here four times: said, checked, printed and set.
///
/// How the loops are driven is a matter of the machine more than of the program: the defaults of
/// `loops`, `directFlush`, `leader` and `spin` are what the system properties `tofu.loops`,
/// `tofu.directFlush`, `tofu.leader` and `tofu.spin` (as [Duration#parse(CharSequence)] takes it)
/// say, where they are set; what they cannot mean is refused by [#builder()], by name.
///
/// A limit that can never be reached, because another one is tighter, is no mistake. Values that
/// contradict each other are: they are refused together.
///
/// ```java
/// Options options =
///         Options.builder()
///                 .maxPoolMessages(100_000)
///                 .closeTimeout(Duration.ofSeconds(1))
///                 .build();
/// ```
public final class Options {
    /// Length of the longest message in bytes: header, text headers and body.
    public static final int MAX_MESSAGE_BYTES = BinaryHeader.LENGTH + 2 * 65_535;

    /// The highest number of channels: numbers are 1 to 65,534.
    public static final int MAX_CHANNELS = 65_534;

    /// What the pool needs for a message of the smallest size.
    private static final int SMALLEST_SLOT_BYTES = 128;

    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int MOST_LOOPS = 64;
    /// As many as Linux takes.
    private static final int MOST_PROBES = 127;

    private static final Duration LONGEST_SPIN = Duration.ofMillis(1);

    /// The values, checked.
    private record Values(
            int initialPoolMessages,
            int maxPoolMessages,
            long maxPoolBytes,
            long maxLogBytes,
            int sendQueueMessages,
            long sendQueueBytes,
            int receiveWindowMessages,
            long receiveWindowBytes,
            int maxChannels,
            int maxPendingHandshakes,
            Duration connectTimeout,
            Duration handshakeTimeout,
            Duration frameTimeout,
            Duration byeTimeout,
            Duration closeTimeout,
            Duration channelQuarantine,
            int acceptBacklog,
            Set<PosixFilePermission> udsPermissions,
            @Nullable TlsSettings tls,
            Admission admission,
            Duration keepAliveIdle,
            Duration keepAliveInterval,
            int keepAliveCount,
            Duration sendTimeout,
            Duration idleNotice,
            LeakDetection leakDetection,
            int loops,
            boolean directFlush,
            boolean leader,
            Duration spin) {
        /// Refuses what is out of range, or contradicts another value.
        Values {
            between("maxPoolMessages", maxPoolMessages, 1, 1 << 24);
            between("maxPoolBytes", maxPoolBytes, 1 << 20, Long.MAX_VALUE);
            between("maxLogBytes", maxLogBytes, 0, Long.MAX_VALUE);
            between("initialPoolMessages", initialPoolMessages, 0, 1 << 24);
            within("initialPoolMessages", initialPoolMessages, "maxPoolMessages", maxPoolMessages);
            if (initialPoolMessages > maxPoolBytes / 64 * 63 / SMALLEST_SLOT_BYTES) {
                throw contradiction(
                        "initialPoolMessages", initialPoolMessages, "maxPoolBytes", maxPoolBytes);
            }
            between("sendQueueMessages", sendQueueMessages, 1, 1 << 20);
            between("sendQueueBytes", sendQueueBytes, MAX_MESSAGE_BYTES, 1 << 30);
            between("receiveWindowMessages", receiveWindowMessages, 1, 1 << 20);
            between("receiveWindowBytes", receiveWindowBytes, MAX_MESSAGE_BYTES, 1 << 30);
            between("maxChannels", maxChannels, 1, MAX_CHANNELS);
            between("maxPendingHandshakes", maxPendingHandshakes, 1, MAX_CHANNELS);
            within("maxPendingHandshakes", maxPendingHandshakes, "maxChannels", maxChannels);
            between("connectTimeout", connectTimeout, Duration.ofMillis(1), LONGEST);
            between("handshakeTimeout", handshakeTimeout, Duration.ofMillis(1), LONGEST);
            between("frameTimeout", frameTimeout, Duration.ofMillis(1), LONGEST);
            between("byeTimeout", byeTimeout, Duration.ofMillis(1), LONGEST);
            between("closeTimeout", closeTimeout, Duration.ofMillis(1), LONGEST);
            between("channelQuarantine", channelQuarantine, Duration.ZERO, LONGEST);
            between("acceptBacklog", acceptBacklog, 1, 65_535);
            between("keepAliveIdle", keepAliveIdle, Duration.ofSeconds(1), LONGEST);
            between("keepAliveInterval", keepAliveInterval, Duration.ofSeconds(1), LONGEST);
            between("keepAliveCount", keepAliveCount, 1, MOST_PROBES);
            between("sendTimeout", sendTimeout, Duration.ZERO, LONGEST);
            between("idleNotice", idleNotice, Duration.ZERO, LONGEST);
            between("loops", loops, 1, MOST_LOOPS);
            between("spin", spin, Duration.ZERO, LONGEST_SPIN);
            udsPermissions = Set.copyOf(udsPermissions);
            Objects.requireNonNull(admission, "admission");
            Objects.requireNonNull(leakDetection, "leakDetection");
        }
    }

    private final Values values;

    /// Whether somebody chose the number, which else follows the maximum.
    private final boolean initialChosen;

    /// Likewise.
    private final boolean handshakesChosen;

    private Options(Values values, boolean initialChosen, boolean handshakesChosen) {
        this.values = values;
        this.initialChosen = initialChosen;
        this.handshakesChosen = handshakesChosen;
    }

    /// The options of an engine that was given none.
    ///
    /// @return the defaults
    /// @throws IllegalArgumentException names a system property whose value it cannot have
    public static Options defaults() {
        return builder().build();
    }

    /// Starts from the defaults.
    ///
    /// @return a new builder
    /// @throws IllegalArgumentException names a system property whose value it cannot have
    public static Builder builder() {
        return new Builder();
    }

    /// Starts from these options; they stay as they are.
    ///
    /// @return a new builder
    public Builder toBuilder() {
        return new Builder(this);
    }

    /// Messages of the smallest size (128 bytes) that are allocated at once, 0 to
    /// `maxPoolMessages`, and no more than fit into 63/64 of `maxPoolBytes`.
    ///
    /// @return the number
    public int initialPoolMessages() {
        return values.initialPoolMessages;
    }

    /// Messages that may be out, 1 to 16,777,216, before the pool counts as empty for
    /// [AllocationStrategy#POOL_ONLY] and for receiving.
    ///
    /// @return the number
    public int maxPoolMessages() {
        return values.maxPoolMessages;
    }

    /// Cap of the memory of messages that applications have, in bytes, at least 1 MiB. No message
    /// that an application makes goes beyond it.
    ///
    /// If it is reached and applications have less than half of it, what came still gets memory: of
    /// [#maxLogBytes()], as long as half of that is free, then up to half as much again beyond this
    /// cap; one message of any length in any case.
    ///
    /// @return a number of bytes
    public long maxPoolBytes() {
        return values.maxPoolBytes;
    }

    /// Hard cap of the memory of what is on its way, in bytes, at least 0; beside
    /// [#maxPoolBytes()]. Half of it is for what is enqueued and not sent, half for what came and
    /// was not taken, but at least 1 MiB for each loop. A channel may have as much as is left for
    /// all; its send queue takes one message at least, of more than 4 KiB only if there is a place
    /// for it, or half of [#maxPoolBytes()] is not in use.
    ///
    /// @return bytes
    public long maxLogBytes() {
        return values.maxLogBytes;
    }

    /// Bound of each channel's send queue, 1 to 1,048,576.
    ///
    /// @return the number
    public int sendQueueMessages() {
        return values.sendQueueMessages;
    }

    /// Bound of each channel's send queue, in bytes as on the wire, 131,086 (the longest message)
    /// to 1 GiB.
    ///
    /// @return a number of bytes
    public long sendQueueBytes() {
        return values.sendQueueBytes;
    }

    /// Bound of what each channel has delivered and the application has not yet taken, 1 to
    /// 1,048,576; also bounds the updates that wait in a group.
    ///
    /// @return the number
    public int receiveWindowMessages() {
        return values.receiveWindowMessages;
    }

    /// The same in bytes as on the wire, 131,086 to 1 GiB.
    ///
    /// @return a number of bytes
    public long receiveWindowBytes() {
        return values.receiveWindowBytes;
    }

    /// Channels and listeners at one time, 1 to 65,534.
    ///
    /// @return the number
    public int maxChannels() {
        return values.maxChannels;
    }

    /// Connections accepted that have not yet sent a HelloRequest, 1 to `maxChannels`, since each
    /// has a channel; one more makes the oldest of them give way.
    ///
    /// @return the number
    public int maxPendingHandshakes() {
        return values.maxPendingHandshakes;
    }

    /// How long connecting may take, name lookup included; each address of a name has a fair share
    /// of what is left; also how long a listener's name lookup may take.
    ///
    /// @return the time
    public Duration connectTimeout() {
        return values.connectTimeout;
    }

    /// How long an accepted connection may take to send its HelloRequest.
    ///
    /// @return the time
    public Duration handshakeTimeout() {
        return values.handshakeTimeout;
    }

    /// How long one frame may take from its first byte to its last.
    ///
    /// @return the time
    public Duration frameTimeout() {
        return values.frameTimeout;
    }

    /// How long after a ByeRequest a peer may neither answer nor send anything else.
    ///
    /// @return the time
    public Duration byeTimeout() {
        return values.byeTimeout;
    }

    /// How long closing a group or the engine may take, and how long a peer may take to close its
    /// side after a ByeResponse, or after byes that crossed.
    ///
    /// @return the time
    public Duration closeTimeout() {
        return values.closeTimeout;
    }

    /// How long a channel number rests before it is used again, 0 to 1 hour.
    ///
    /// @return the time
    public Duration channelQuarantine() {
        return values.channelQuarantine;
    }

    /// Connections that the system holds for a listener, 1 to 65,535.
    ///
    /// @return the number
    public int acceptBacklog() {
        return values.acceptBacklog;
    }

    /// The file mode of a Unix domain socket that is listened on.
    ///
    /// @return the permissions, which cannot be changed
    public Set<PosixFilePermission> udsPermissions() {
        return values.udsPermissions;
    }

    /// How channels speak TLS whose address begins with `tls|`.
    ///
    /// @return the settings; `null`, as by default, if there are to be none: their hellos and
    ///     welcomes come back with [Status#TLS_FAILED]
    public @Nullable TlsSettings tls() {
        return values.tls;
    }

    /// Who may connect to the engine's listeners.
    ///
    /// @return [Admission#everybody()] by default
    public Admission admission() {
        return values.admission;
    }

    /// How long a TCP connection is quiet before the system asks the peer's system whether it is
    /// still there (`TCP_KEEPIDLE`), 1 second to 1 hour. Where the JDK's module `jdk.net` or the
    /// system does not have this option or one of the next two, the system's own value counts.
    ///
    /// @return the time, of which fractions of a second do not count
    public Duration keepAliveIdle() {
        return values.keepAliveIdle;
    }

    /// How long the peer's system has to answer before it is asked again (`TCP_KEEPINTVL`), 1
    /// second to 1 hour.
    ///
    /// @return the time, of which fractions of a second do not count
    public Duration keepAliveInterval() {
        return values.keepAliveInterval;
    }

    /// How often the peer's system is asked (`TCP_KEEPCNT`) before the connection counts as broken,
    /// 1 to 127.
    ///
    /// @return the number
    public int keepAliveCount() {
        return values.keepAliveCount;
    }

    /// How long a peer may take nothing of what is to be sent before its channel ends with
    /// [Status#SEND_TIMEOUT], 0 (for ever) to 1 hour. It takes nothing if its machine or the
    /// network is gone, but also if it does not receive: if it is paused, say.
    ///
    /// @return the time
    public Duration sendTimeout() {
        return values.sendTimeout;
    }

    /// How long nothing may come on a channel before its group is told, by a notice with
    /// [Status#CHANNEL_IDLE], 0 (never) to 1 hour. The channel stays open, and the next notice
    /// comes only after something has come again, and then nothing for that long. It counts from
    /// when a client is connected, or a server has received the HelloRequest, and as long as
    /// nobody has said bye; not while the channel is paused, or the application behind.
    ///
    /// @return the time
    public Duration idleNotice() {
        return values.idleNotice;
    }

    /// How closely leaked messages are watched for.
    ///
    /// @return the degree
    public LeakDetection leakDetection() {
        return values.leakDetection;
    }

    /// Event loops, 1 to 64; a channel lives on one of them for life.
    ///
    /// @return the number
    public int loops() {
        return values.loops;
    }

    /// Whether a thread that enqueues a message sends it itself while the loop does nothing else,
    /// instead of waking the loop: one hop less. A receiver that drives the loop sends what it
    /// enqueues in any case.
    ///
    /// @return the switch
    public boolean directFlush() {
        return values.directFlush;
    }

    /// Whether a platform thread that waits for a message drives the loop meanwhile, if there is
    /// one loop and its group is the only one with channels: one hop less.
    ///
    /// @return the switch
    public boolean leader() {
        return values.leader;
    }

    /// How long such a thread looks for events again and again before it sleeps, 0 (never) to 1
    /// millisecond; while that finds nothing, it is tried less and less often.
    ///
    /// @return the time
    public Duration spin() {
        return values.spin;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Options options && values.equals(options.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return "Options["
                + ("initialPoolMessages=" + values.initialPoolMessages)
                + (", maxPoolMessages=" + values.maxPoolMessages)
                + (", maxPoolBytes=" + values.maxPoolBytes)
                + (", maxLogBytes=" + values.maxLogBytes)
                + (", sendQueueMessages=" + values.sendQueueMessages)
                + (", sendQueueBytes=" + values.sendQueueBytes)
                + (", receiveWindowMessages=" + values.receiveWindowMessages)
                + (", receiveWindowBytes=" + values.receiveWindowBytes)
                + (", maxChannels=" + values.maxChannels)
                + (", maxPendingHandshakes=" + values.maxPendingHandshakes)
                + (", connectTimeout=" + values.connectTimeout)
                + (", handshakeTimeout=" + values.handshakeTimeout)
                + (", frameTimeout=" + values.frameTimeout)
                + (", byeTimeout=" + values.byeTimeout)
                + (", closeTimeout=" + values.closeTimeout)
                + (", channelQuarantine=" + values.channelQuarantine)
                + (", acceptBacklog=" + values.acceptBacklog)
                + (", udsPermissions=" + PosixFilePermissions.toString(values.udsPermissions))
                + (", tls=" + values.tls)
                + (", admission=" + values.admission)
                + (", keepAliveIdle=" + values.keepAliveIdle)
                + (", keepAliveInterval=" + values.keepAliveInterval)
                + (", keepAliveCount=" + values.keepAliveCount)
                + (", sendTimeout=" + values.sendTimeout)
                + (", idleNotice=" + values.idleNotice)
                + (", leakDetection=" + values.leakDetection)
                + (", loops=" + values.loops)
                + (", directFlush=" + values.directFlush)
                + (", leader=" + values.leader)
                + (", spin=" + values.spin)
                + "]";
    }

    private static void between(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    name + " is " + value + ", must be " + min + " to " + max);
        }
    }

    private static void between(String name, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException(
                    name + " is " + value + ", must be " + min + " to " + max);
        }
    }

    private static void within(String name, int value, String limit, int most) {
        if (value > most) {
            throw contradiction(name, value, limit, most);
        }
    }

    private static IllegalArgumentException contradiction(
            String name, int value, String limit, long most) {
        return new IllegalArgumentException(
                name + " is " + value + ", which is too much: " + limit + " is " + most);
    }

    /// Collects options; every value has a default. See the accessors of [Options] for meanings
    /// and ranges, which [#build()] checks.
    ///
    /// Threads: one at a time.
    public static final class Builder {
        /// `null`: as many as the pool may have, but no more than a default.
        private @Nullable Integer initialPoolMessages;

        private int maxPoolMessages = 65_536;
        private long maxPoolBytes = 256L << 20;
        private long maxLogBytes = 128L << 20;
        private int sendQueueMessages = 1_024;
        private long sendQueueBytes = 4 << 20;
        private int receiveWindowMessages = 4_096;
        private long receiveWindowBytes = 4 << 20;
        private int maxChannels = MAX_CHANNELS;

        /// `null`: as many as there may be channels, but no more than a default.
        private @Nullable Integer maxPendingHandshakes;

        private Duration connectTimeout = Duration.ofSeconds(10);
        private Duration handshakeTimeout = Duration.ofSeconds(10);
        private Duration frameTimeout = Duration.ofSeconds(30);
        private Duration byeTimeout = Duration.ofSeconds(30);
        private Duration closeTimeout = Duration.ofSeconds(5);
        private Duration channelQuarantine = Duration.ofSeconds(1);
        private int acceptBacklog = 1_024;
        private Set<PosixFilePermission> udsPermissions =
                PosixFilePermissions.fromString("rw-------");
        private @Nullable TlsSettings tls;
        private Admission admission = Admission.everybody();

        /// With interval and count: a peer that is gone is found within a minute.
        private Duration keepAliveIdle = Duration.ofSeconds(30);

        private Duration keepAliveInterval = Duration.ofSeconds(5);
        private int keepAliveCount = 5;
        private Duration sendTimeout = Duration.ZERO;
        private Duration idleNotice = Duration.ZERO;
        private LeakDetection leakDetection = LeakDetection.SAMPLED;
        private int loops = SystemProperty.number("tofu.loops", 1, 1, MOST_LOOPS);
        private boolean directFlush = SystemProperty.isOn("tofu.directFlush");
        private boolean leader = SystemProperty.isOn("tofu.leader");
        private Duration spin =
                SystemProperty.duration("tofu.spin", Duration.ofNanos(50_000), LONGEST_SPIN);

        private Builder() {}

        /// Starts from options; what was never chosen is left so, and still follows other values.
        private Builder(Options from) {
            Values values = from.values;
            initialPoolMessages = from.initialChosen ? values.initialPoolMessages : null;
            maxPoolMessages = values.maxPoolMessages;
            maxPoolBytes = values.maxPoolBytes;
            maxLogBytes = values.maxLogBytes;
            sendQueueMessages = values.sendQueueMessages;
            sendQueueBytes = values.sendQueueBytes;
            receiveWindowMessages = values.receiveWindowMessages;
            receiveWindowBytes = values.receiveWindowBytes;
            maxChannels = values.maxChannels;
            connectTimeout = values.connectTimeout;
            handshakeTimeout = values.handshakeTimeout;
            frameTimeout = values.frameTimeout;
            byeTimeout = values.byeTimeout;
            closeTimeout = values.closeTimeout;
            channelQuarantine = values.channelQuarantine;
            acceptBacklog = values.acceptBacklog;
            udsPermissions = values.udsPermissions;
            tls = values.tls;
            admission = values.admission;
            keepAliveIdle = values.keepAliveIdle;
            keepAliveInterval = values.keepAliveInterval;
            keepAliveCount = values.keepAliveCount;
            sendTimeout = values.sendTimeout;
            idleNotice = values.idleNotice;
            leakDetection = values.leakDetection;
            loops = values.loops;
            directFlush = values.directFlush;
            leader = values.leader;
            spin = values.spin;
            maxPendingHandshakes = from.handshakesChosen ? values.maxPendingHandshakes : null;
        }

        /// Sets [Options#initialPoolMessages()].
        ///
        /// @param initialPoolMessages messages allocated at once
        /// @return this
        public Builder initialPoolMessages(int initialPoolMessages) {
            this.initialPoolMessages = initialPoolMessages;
            return this;
        }

        /// Sets [Options#maxPoolMessages()].
        ///
        /// @param maxPoolMessages messages that may be out
        /// @return this
        public Builder maxPoolMessages(int maxPoolMessages) {
            this.maxPoolMessages = maxPoolMessages;
            return this;
        }

        /// Sets [Options#maxPoolBytes()].
        ///
        /// @param maxPoolBytes bytes of all message memory
        /// @return this
        public Builder maxPoolBytes(long maxPoolBytes) {
            this.maxPoolBytes = maxPoolBytes;
            return this;
        }

        /// Sets [Options#maxLogBytes()].
        ///
        /// @param maxLogBytes bytes of memory for what is on its way
        /// @return this
        public Builder maxLogBytes(long maxLogBytes) {
            this.maxLogBytes = maxLogBytes;
            return this;
        }

        /// Sets [Options#sendQueueMessages()].
        ///
        /// @param sendQueueMessages messages in a channel's send queue
        /// @return this
        public Builder sendQueueMessages(int sendQueueMessages) {
            this.sendQueueMessages = sendQueueMessages;
            return this;
        }

        /// Sets [Options#sendQueueBytes()].
        ///
        /// @param sendQueueBytes bytes in a channel's send queue
        /// @return this
        public Builder sendQueueBytes(long sendQueueBytes) {
            this.sendQueueBytes = sendQueueBytes;
            return this;
        }

        /// Sets [Options#receiveWindowMessages()].
        ///
        /// @param receiveWindowMessages messages delivered and not taken
        /// @return this
        public Builder receiveWindowMessages(int receiveWindowMessages) {
            this.receiveWindowMessages = receiveWindowMessages;
            return this;
        }

        /// Sets [Options#receiveWindowBytes()].
        ///
        /// @param receiveWindowBytes bytes delivered and not taken
        /// @return this
        public Builder receiveWindowBytes(long receiveWindowBytes) {
            this.receiveWindowBytes = receiveWindowBytes;
            return this;
        }

        /// Sets [Options#maxChannels()].
        ///
        /// @param maxChannels channels and listeners
        /// @return this
        public Builder maxChannels(int maxChannels) {
            this.maxChannels = maxChannels;
            return this;
        }

        /// Sets [Options#maxPendingHandshakes()].
        ///
        /// @param maxPendingHandshakes connections without a HelloRequest
        /// @return this
        public Builder maxPendingHandshakes(int maxPendingHandshakes) {
            this.maxPendingHandshakes = maxPendingHandshakes;
            return this;
        }

        /// Sets [Options#connectTimeout()].
        ///
        /// @param connectTimeout time to connect
        /// @return this
        public Builder connectTimeout(Duration connectTimeout) {
            this.connectTimeout = connectTimeout;
            return this;
        }

        /// Sets [Options#handshakeTimeout()].
        ///
        /// @param handshakeTimeout time to the HelloRequest
        /// @return this
        public Builder handshakeTimeout(Duration handshakeTimeout) {
            this.handshakeTimeout = handshakeTimeout;
            return this;
        }

        /// Sets [Options#frameTimeout()].
        ///
        /// @param frameTimeout time for one frame
        /// @return this
        public Builder frameTimeout(Duration frameTimeout) {
            this.frameTimeout = frameTimeout;
            return this;
        }

        /// Sets [Options#byeTimeout()].
        ///
        /// @param byeTimeout time without progress after a ByeRequest
        /// @return this
        public Builder byeTimeout(Duration byeTimeout) {
            this.byeTimeout = byeTimeout;
            return this;
        }

        /// Sets [Options#closeTimeout()].
        ///
        /// @param closeTimeout time to close
        /// @return this
        public Builder closeTimeout(Duration closeTimeout) {
            this.closeTimeout = closeTimeout;
            return this;
        }

        /// Sets [Options#channelQuarantine()].
        ///
        /// @param channelQuarantine rest of a channel number
        /// @return this
        public Builder channelQuarantine(Duration channelQuarantine) {
            this.channelQuarantine = channelQuarantine;
            return this;
        }

        /// Sets [Options#acceptBacklog()].
        ///
        /// @param acceptBacklog connections held by the system
        /// @return this
        public Builder acceptBacklog(int acceptBacklog) {
            this.acceptBacklog = acceptBacklog;
            return this;
        }

        /// Sets [Options#udsPermissions()].
        ///
        /// @param udsPermissions the file mode
        /// @return this
        public Builder udsPermissions(Set<PosixFilePermission> udsPermissions) {
            this.udsPermissions = udsPermissions;
            return this;
        }

        /// Sets [Options#tls()].
        ///
        /// @param tls how to speak TLS, `null` for not at all
        /// @return this
        public Builder tls(@Nullable TlsSettings tls) {
            this.tls = tls;
            return this;
        }

        /// Sets [Options#admission()].
        ///
        /// @param admission who may connect
        /// @return this
        public Builder admission(Admission admission) {
            this.admission = admission;
            return this;
        }

        /// Sets [Options#keepAliveIdle()].
        ///
        /// @param keepAliveIdle quiet time before the first question
        /// @return this
        public Builder keepAliveIdle(Duration keepAliveIdle) {
            this.keepAliveIdle = keepAliveIdle;
            return this;
        }

        /// Sets [Options#keepAliveInterval()].
        ///
        /// @param keepAliveInterval time between questions
        /// @return this
        public Builder keepAliveInterval(Duration keepAliveInterval) {
            this.keepAliveInterval = keepAliveInterval;
            return this;
        }

        /// Sets [Options#keepAliveCount()].
        ///
        /// @param keepAliveCount questions without an answer
        /// @return this
        public Builder keepAliveCount(int keepAliveCount) {
            this.keepAliveCount = keepAliveCount;
            return this;
        }

        /// Sets [Options#sendTimeout()].
        ///
        /// @param sendTimeout time without progress, 0 for any
        /// @return this
        public Builder sendTimeout(Duration sendTimeout) {
            this.sendTimeout = sendTimeout;
            return this;
        }

        /// Sets [Options#idleNotice()].
        ///
        /// @param idleNotice time without anything, 0 for no notice
        /// @return this
        public Builder idleNotice(Duration idleNotice) {
            this.idleNotice = idleNotice;
            return this;
        }

        /// Sets [Options#leakDetection()].
        ///
        /// @param leakDetection how closely to watch
        /// @return this
        public Builder leakDetection(LeakDetection leakDetection) {
            this.leakDetection = leakDetection;
            return this;
        }

        /// Sets [Options#loops()].
        ///
        /// @param loops event loops
        /// @return this
        public Builder loops(int loops) {
            this.loops = loops;
            return this;
        }

        /// Sets [Options#directFlush()].
        ///
        /// @param directFlush whether threads that enqueue may send
        /// @return this
        public Builder directFlush(boolean directFlush) {
            this.directFlush = directFlush;
            return this;
        }

        /// Sets [Options#leader()].
        ///
        /// @param leader whether threads that wait may drive the loop
        /// @return this
        public Builder leader(boolean leader) {
            this.leader = leader;
            return this;
        }

        /// Sets [Options#spin()].
        ///
        /// @param spin how long to look before sleeping
        /// @return this
        public Builder spin(Duration spin) {
            this.spin = spin;
            return this;
        }

        /// Checks the values and makes the options.
        ///
        /// @return the options
        /// @throws IllegalArgumentException names the value, and the limit that it broke, or the
        ///     other value that it contradicts
        public Options build() {
            Values values =
                    new Values(
                            initialPoolMessages == null
                                    ? Math.clamp(maxPoolMessages, 0, 256)
                                    : initialPoolMessages,
                            maxPoolMessages,
                            maxPoolBytes,
                            maxLogBytes,
                            sendQueueMessages,
                            sendQueueBytes,
                            receiveWindowMessages,
                            receiveWindowBytes,
                            maxChannels,
                            maxPendingHandshakes == null
                                    ? Math.clamp(maxChannels, 1, 1_024)
                                    : maxPendingHandshakes,
                            connectTimeout,
                            handshakeTimeout,
                            frameTimeout,
                            byeTimeout,
                            closeTimeout,
                            channelQuarantine,
                            acceptBacklog,
                            udsPermissions,
                            tls,
                            admission,
                            keepAliveIdle,
                            keepAliveInterval,
                            keepAliveCount,
                            sendTimeout,
                            idleNotice,
                            leakDetection,
                            loops,
                            directFlush,
                            leader,
                            spin);
            return new Options(values, initialPoolMessages != null, maxPendingHandshakes != null);
        }
    }
}
