package tofu.engine.channel;

import static tofu.engine.fuzz.FuzzCheck.check;
import static tofu.engine.fuzz.FuzzCheck.present;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.FrameRange;
import tofu.pool.LogChunk;
import tofu.pool.Mail;
import tofu.pool.Slot;
import tofu.pool.SlotSource;

/// All that a [Stream] was given and has given, so that whatever it does next can be checked: the
/// messages of the application in the order in which they must be sent, the bytes of the peer as
/// [NaiveCodec] reads them, and the inbox.
///
/// Thread: one at a time. Owns the slots in the inbox.
final class StreamModel implements Outlet {
    private final Backlog backlog = new Backlog();

    /// A message that was accepted and has not ended.
    private record Post(long id, OpCode opCode, boolean urgent, byte[] frame) {}

    /// What the application finds: a message that came, one in a slot that came back, or a notice.
    private record Item(
            @Nullable Arrived arrived,
            @Nullable Slot slot,
            Status status,
            @Nullable SlotSource onTaken,
            boolean ofPool) {}

    private final Limits limits;

    // What the application posts.
    private final Map<Long, Post> unended = new HashMap<>();
    private final Deque<Post> postedInOrder = new ArrayDeque<>();
    private final Deque<Post> postedOutOfBand = new ArrayDeque<>();

    /// ByeSignals, which never travel.
    private final Deque<Post> signals = new ArrayDeque<>();

    /// Sent in part.
    private @Nullable Post current;

    private int sentOfCurrent;
    private long unendedBytes;
    private boolean byePosted;
    private boolean refusing;
    private boolean byeSent;
    private boolean refusedForRoom;
    private boolean roomNoticeOut;
    private boolean scheduled;

    // What the peer sends.
    private final NaiveCodec codec;
    private byte[] peer = new byte[256];
    private int peerLength;
    private int peerRead;
    private int delivered;
    private int untaken;

    // What the application gets.
    private final Deque<Item> inbox = new ArrayDeque<>();
    private int slotsInInbox;
    private int chunksInInbox;
    private long channelId;
    private @Nullable Status reason;
    private boolean ended;
    private boolean endTaken;

    StreamModel(boolean client, Limits limits, long helloId) {
        this.limits = limits;
        channelId = client ? helloId : 0;
        codec =
                new NaiveCodec(
                        client ? NaiveCodec.Side.CLIENT : NaiveCodec.Side.SERVER, StreamRun.NUMBER);
    }

    // ---- posting

    /// What must become of a message that is offered now.
    SendQueue.Outcome expected(OpCode opCode, int length) {
        if (ended || ((byePosted || refusing) && opCode != OpCode.BYE_SIGNAL)) {
            return SendQueue.Outcome.CLOSED;
        }
        boolean room =
                unended.size() < limits.sendQueueMessages()
                        && unendedBytes + length <= limits.sendQueueBytes();
        return room || opCode.type() != OpCode.Type.REGULAR
                ? SendQueue.Outcome.ACCEPTED
                : SendQueue.Outcome.FULL;
    }

    /// Nothing more may be posted, but a ByeSignal: writing has failed, or the group has closed.
    void nothingMoreIsTaken() {
        refusing = true;
    }

    void refused(SendQueue.Outcome outcome) {
        refusedForRoom |= outcome == SendQueue.Outcome.FULL;
    }

    void accepted(long id, OpCode opCode, byte[] frame) {
        boolean urgent = (frame[2] & Frame.OUT_OF_BAND) != 0 && opCode != OpCode.HELLO_REQUEST;
        Post post = new Post(id, opCode, urgent, frame);
        unended.put(id, post);
        unendedBytes += frame.length;
        if (opCode == OpCode.BYE_SIGNAL) {
            signals.add(post);
        } else {
            (urgent ? postedOutOfBand : postedInOrder).add(post);
        }
        byePosted |= opCode.type() == OpCode.Type.BYE;
    }

    /// What must be sent next, as the wire spec says; `null` if there is nothing.
    private @Nullable Post next() {
        boolean hello = postedInOrder.stream().anyMatch(StreamModel::isHello);
        boolean urgent = !postedOutOfBand.isEmpty() && !hello;
        return (urgent ? postedOutOfBand : postedInOrder).poll();
    }

    private static boolean isHello(Post post) {
        return post.opCode.type() == OpCode.Type.HELLO;
    }

    /// The kernel has taken some bytes: they must be the next ones of the line.
    void wrote(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            Post post = present(current == null ? next() : current, "bytes that nobody has posted");
            check(!byeSent, "bytes behind a bye");
            current = post;
            int count = Math.min(bytes.length - at, post.frame.length - sentOfCurrent);
            int from = sentOfCurrent;
            check(
                    Arrays.equals(bytes, at, at + count, post.frame, from, from + count),
                    () -> "not the bytes of message " + post.id);
            at += count;
            sentOfCurrent += count;
            if (sentOfCurrent == post.frame.length) {
                sentOfCurrent = 0;
                current = null;
                end(post);
                byeSent = post.opCode.type() == OpCode.Type.BYE;
            }
        }
    }

    private void end(Post post) {
        check(unended.remove(post.id) != null, () -> "message " + post.id + " has ended twice");
        unendedBytes -= post.frame.length;
    }

    boolean hasUnsent() {
        return current != null || !postedInOrder.isEmpty() || !postedOutOfBand.isEmpty();
    }

    int unended() {
        return unended.size();
    }

    /// How many messages that have not ended are in slots of the pool: those that are read before
    /// they are sent, and long ones. The others are bytes of a log.
    int unendedSlots() {
        return (int)
                unended.values().stream()
                        .filter(
                                post ->
                                        post.opCode == OpCode.HELLO_REQUEST
                                                || post.opCode == OpCode.BYE_SIGNAL
                                                || isLong(post.frame))
                        .count();
    }

    private static boolean isLong(byte[] frame) {
        return frame.length > 32 << 10;
    }

    @Override
    public void schedule() {
        scheduled = true;
    }

    @Override
    public void post() {
        schedule();
    }

    /// Whether the loop was asked to call since the last time.
    boolean isScheduled() {
        boolean asked = scheduled;
        scheduled = false;
        return asked;
    }

    // ---- the peer

    void peerSends(byte[] bytes) {
        if (peerLength + bytes.length > peer.length) {
            peer = Arrays.copyOf(peer, 2 * (peerLength + bytes.length));
        }
        System.arraycopy(bytes, 0, peer, peerLength, bytes.length);
        peerLength += bytes.length;
    }

    /// Bytes that the peer has sent and the stream has not read.
    int unread() {
        return peerLength - peerRead;
    }

    /// Takes bytes that the stream reads now, at most as many as there are.
    void read(java.nio.ByteBuffer target, int count) {
        target.put(peer, peerRead, count);
        peerRead += count;
    }

    /// The stream has looked at all that it has read: nothing may be left to deliver.
    ///
    /// @param closed whether the stream has closed because of it
    void checkAllDelivered(boolean closed) {
        byte[] missing = codec.next(peer, peerRead);
        check(missing == null, "a frame is missing");
        if (codec.verdict() == NaiveCodec.Verdict.REFUSED) {
            check(closed, () -> "not closed in spite of " + codec.refusal());
            check(
                    reason == codec.refusal() || (reason == null && codec.hasSaidBye()),
                    () -> "closed with " + reason + " instead of " + codec.refusal());
        }
    }

    // ---- the inbox

    @Override
    public void deliver(Mail mail) {
        switch (mail) {
            case Slot slot -> keep(slot, Slot.Owner.QUEUE, true);
            case FrameRange range ->
                    Memory.cut(range).forEach(slot -> keep(slot, Slot.Owner.LEASE, false));
        }
    }

    private void keep(Slot slot, Slot.Owner owner, boolean ofPool) {
        check(!ended, "a message behind the last notice");
        check(slot.owner() == owner, "a message of somebody else");
        check(slot.buffer().remaining() == slot.capacity(), "a buffer that is not clear");
        check(slot.next() == null, "a slot that is still linked");
        byte[] frame = Frame.bytesOf(slot);
        boolean counts = ofPool || isLong(frame);
        inbox.add(new Item(null, slot, Status.SUCCESS, null, counts));
        slotsInInbox += counts ? 1 : 0;
        check((frame[2] & Frame.ORIGIN) != 0, "it comes back, and nobody says so");
        checkComesBack(frame);
    }

    @Override
    public Backlog backlog() {
        return backlog;
    }

    @Override
    public void arrive(LogChunk chunk, SlotSource onTaken) {
        check(!ended, "a message behind the last notice");
        Arrived arrived = new Arrived(chunk, onTaken);
        for (byte[] frame : arrived.frames()) {
            inbox.add(new Item(arrived, null, Status.SUCCESS, null, false));
            checkFromPeer(frame);
        }
        chunksInInbox++;
    }

    private void checkFromPeer(byte[] frame) {
        byte[] expected = codec.next(peer, peerRead);
        check(expected != null, () -> "a frame too many, behind " + codec.verdict());
        check(Arrays.equals(frame, expected), "a frame that differs");
        if (delivered == 0 && channelId == 0) {
            channelId = id(frame);
        }
        delivered++;
        untaken++;
        check(untaken <= limits.windowMessages(), "more messages than the window is wide");
    }

    private void checkComesBack(byte[] frame) {
        Post post =
                present(
                        unended.get(id(frame)),
                        "a message comes back that has ended, or was never posted");
        check(frame[3] != 0, "a message comes back without a reason");
        byte[] expected = post.frame.clone();
        expected[2] |= Frame.ORIGIN;
        expected[3] = frame[3];
        if (post.opCode == OpCode.HELLO_REQUEST) {
            expected[2] = frame[2]; // it may come back as its response
        }
        check(Arrays.equals(frame, expected), "a message comes back changed");
        if (post == current) {
            current = null;
            sentOfCurrent = 0;
        } else {
            check(
                    postedInOrder.remove(post)
                            || postedOutOfBand.remove(post)
                            || signals.remove(post),
                    "a message comes back from nowhere");
        }
        end(post);
    }

    private static long id(byte[] frame) {
        return java.nio.ByteBuffer.wrap(frame).getLong(4);
    }

    @Override
    public void signal(Status status, long id, SlotSource onTaken) {
        check(!ended, () -> status + " behind the last notice");
        check(id == channelId, () -> "the id of " + status);
        inbox.add(new Item(null, null, status, onTaken, false));
        if (status == Status.SEND_QUEUE_READY) {
            check(refusedForRoom, "news of room that nobody has asked for");
            check(!roomNoticeOut, "news of room twice");
            refusedForRoom = false;
            roomNoticeOut = true;
        } else if (status == Status.CHANNEL_CLOSED) {
            ended = true;
        } else {
            check(reason == null, () -> "two reasons: " + reason + " and " + status);
            reason = status;
        }
    }

    /// The application has taken the last notice.
    void endTaken(int frameLength) {
        check(ended && !endTaken, "the last notice was taken twice, or before it came");
        endTaken = true;
    }

    /// Takes what has waited longest.
    ///
    /// @return false if there is nothing
    boolean take() {
        Item item = inbox.poll();
        if (item == null) {
            return false;
        }
        Slot slot = item.slot;
        SlotSource onTaken = item.onTaken;
        if (item.arrived != null) {
            untaken--;
            item.arrived.take();
            chunksInInbox -= item.arrived.frames().isEmpty() ? 1 : 0;
        } else if (slot != null) {
            slotsInInbox -= item.ofPool ? 1 : 0;
            slot.tellSource();
            slot.release(slot.owner());
        } else if (onTaken != null) {
            roomNoticeOut &= item.status != Status.SEND_QUEUE_READY;
            onTaken.taken(16);
        }
        return true;
    }

    int slotsInInbox() {
        return slotsInInbox;
    }

    int chunksInInbox() {
        return chunksInInbox;
    }

    // ---- the end

    /// The last notice has come.
    boolean hasEnded() {
        return ended;
    }

    /// Everything has ended, and the application has taken it all.
    void checkOver() {
        check(ended && endTaken, "there was no last notice");
        check(unended.isEmpty(), () -> "messages that never ended: " + unended.keySet());
        check(inbox.isEmpty() && untaken == 0, "something is left in the inbox");
    }
}
