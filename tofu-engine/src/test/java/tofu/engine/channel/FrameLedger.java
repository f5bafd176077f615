package tofu.engine.channel;

import static tofu.engine.fuzz.FuzzCheck.check;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.LogChunk;
import tofu.pool.Mail;
import tofu.pool.SlotSource;

/// An application that knows from [NaiveCodec] what has to come. It keeps what comes until it takes
/// it, and compares it twice: when it comes, and when it is taken.
///
/// Thread: one at a time. Owns the chunks that it keeps.
final class FrameLedger implements FrameSink, Outlet {
    private final Backlog backlog = new Backlog();

    private record Kept(Arrived arrived, byte[] frame) {}

    private final byte[] bytes;
    private final NaiveCodec codec;
    private final Deque<Kept> kept = new ArrayDeque<>();
    private final List<Status> notices = new ArrayList<>();
    private long channelId;
    private final int total;
    private int headers;
    private int frames;
    private int others;
    private int irregular;
    private boolean ended;
    private boolean endTaken;
    private boolean scheduled;

    /// Makes a ledger for all bytes of a connection.
    ///
    /// @param channelId the id that notices have; 0 for that of the first frame
    FrameLedger(byte[] bytes, NaiveCodec.Side side, int number, long channelId) {
        this.bytes = bytes;
        this.total = bytes.length / 16;
        this.codec = new NaiveCodec(side, number);
        this.channelId = channelId;
    }

    // ---- what comes

    @Override
    public Status onHeader(long first, long second) {
        headers++;
        check(headers <= total, "asked twice about a header");
        return MessageRules.checkReceived(first, second);
    }

    @Override
    public void onWhole(OpCode opCode, long id) {
        others++;
    }

    @Override
    public void onFrames(LogChunk chunk, int count) {
        int before = frames;
        arrive(chunk, frameLength -> {});
        check(frames - before == count, "another number of frames than was said");
        check(headers == frames || headers == frames + 1, "headers that nobody was asked about");
        check(others == irregular, "frames that are not regular");
    }

    @Override
    public void deliver(Mail mail) {
        check(false, "what comes back was never posted");
    }

    @Override
    public Backlog backlog() {
        return backlog;
    }

    @Override
    public void arrive(LogChunk chunk, SlotSource onTaken) {
        Arrived arrived = new Arrived(chunk, onTaken);
        for (byte[] came : arrived.frames()) {
            byte[] frame = codec.next(bytes, bytes.length);
            kept.add(new Kept(arrived, frame == null ? new byte[0] : frame));
            check(!ended, "a message behind the last notice");
            if (frame == null) {
                throw new AssertionError("one too many, behind a verdict of " + codec.verdict());
            }
            check(Arrays.equals(came, frame), "the frame differs");
            if (channelId == 0) {
                channelId = ByteBuffer.wrap(frame).getLong(4);
            }
            irregular += (frame[2] & 0x0F) > 2 ? 1 : 0;
            frames++;
        }
    }

    @Override
    public void signal(Status status, long id, SlotSource onTaken) {
        check(!ended, "a notice behind the last one");
        check(id == channelId, "the id of a notice");
        notices.add(status);
        ended = status == Status.CHANNEL_CLOSED;
        onTaken.taken(16);
    }

    @Override
    public void schedule() {
        scheduled = true;
    }

    @Override
    public void post() {
        schedule();
    }

    /// The application has taken the last notice.
    void endTaken(int frameLength) {
        check(ended && !endTaken, "the last notice was taken twice, or before it came");
        endTaken = true;
    }

    // ---- what is taken

    /// Takes the message that has waited longest.
    ///
    /// @return false if there is none
    boolean take() {
        Kept next = kept.poll();
        if (next == null) {
            return false;
        }
        check(
                Arrays.equals(next.arrived.take(), next.frame),
                "the frame has changed since it came");
        return true;
    }

    /// Takes all messages.
    ///
    /// @return false if there is none
    boolean takeAll() {
        boolean any = !kept.isEmpty();
        while (take()) {
            // the next one
        }
        return any;
    }

    /// Whether the channel has asked to be called, for once.
    boolean isScheduled() {
        boolean asked = scheduled;
        scheduled = false;
        return asked;
    }

    // ---- what must hold

    /// How many frames have come.
    int frames() {
        return frames;
    }

    /// Checks where a reader is that has consumed so many bytes.
    void checkPlace(FrameReader reader, int position) {
        int begun = codec.position();
        int partial = position - begun;
        check(reader.framesRead() == frames, "frames read and frames that came");
        check(reader.isPartial() == partial > 0, "partial");
        check(reader.partialBytes() == partial, "partial bytes");
        check(reader.missing() == (partial == 0 ? 0 : missing(position)), "missing");
    }

    /// How many bytes are certainly missing of the frame that has begun.
    private int missing(int position) {
        int begun = codec.position();
        if (position - begun < 16) {
            return begun + 16 - position;
        }
        int headersLength = (bytes[begun + 12] & 255) * 256 + (bytes[begun + 13] & 255);
        int bodyLength = (bytes[begun + 14] & 255) * 256 + (bytes[begun + 15] & 255);
        return begun + 16 + headersLength + bodyLength - position;
    }

    /// Checks that nothing is left to come, and why.
    ///
    /// @param refusal why the next header was refused; [Status#SUCCESS] if none was
    /// @return the verdict on the connection
    NaiveCodec.Verdict checkVerdict(Status refusal) {
        check(codec.next(bytes, bytes.length) == null, "a frame is missing");
        boolean refused = codec.verdict() == NaiveCodec.Verdict.REFUSED;
        Status expected = refused ? codec.refusal() : Status.SUCCESS;
        check(refusal == expected, () -> "ended with " + refusal + " instead of " + expected);
        return codec.verdict();
    }

    /// Checks how a channel has ended.
    ///
    /// @param byItself before the peer closed
    /// @return the verdict on the connection
    NaiveCodec.Verdict checkEnd(boolean byItself) {
        check(ended && endTaken, "there was no last notice");
        check(notices.size() <= 2, "more than one reason");
        NaiveCodec.Verdict verdict =
                checkVerdict(notices.size() == 1 ? Status.SUCCESS : notices.getFirst());
        boolean mustEnd =
                verdict == NaiveCodec.Verdict.REFUSED || verdict == NaiveCodec.Verdict.OVER;
        check(byItself == mustEnd, () -> "closed by itself: " + byItself + ", after " + verdict);
        return verdict;
    }
}
