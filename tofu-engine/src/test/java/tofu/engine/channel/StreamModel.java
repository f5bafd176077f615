package tofu.engine.channel;

import static tofu.engine.fuzz.FuzzCheck.check;

import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.Slot;
import tofu.pool.SlotSource;

/// All that a [Stream] was given and has given, so that whatever it does next can be checked: the
/// messages of the application in the order in which they must be sent, the bytes of the peer as
/// [NaiveCodec] reads them, and the inbox.
///
/// Thread: one at a time. Owns the slots in the inbox.
final class StreamModel implements Outlet {
    /// A message that was accepted and has not ended.
    private record Post(long id, OpCode opCode, boolean urgent, byte[] frame) {}

    /// What the application finds: a message in a slot, or a notice without one.
    private record Item(@Nullable Slot slot, Status status, @Nullable SlotSource onTaken) {}

    private final Limits limits;

    // What the application posts.
    private final Map<Long, Post> unended = new HashMap<>();
    private final Deque<Post> postedInOrder = new ArrayDeque<>();
    private final Deque<Post> postedOutOfBand = new ArrayDeque<>();
    private final List<Post> line = new ArrayList<>();
    private int sentOfFirst;
    private long unendedBytes;
    private boolean byePosted;
    private boolean writingFailed;
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
        if (ended || ((byePosted || writingFailed) && opCode != OpCode.BYE_SIGNAL)) {
            return SendQueue.Outcome.CLOSED;
        }
        boolean room =
                unended.size() < limits.sendQueueMessages()
                        && unendedBytes + length <= limits.sendQueueBytes();
        return room || opCode.type() != OpCode.Type.REGULAR
                ? SendQueue.Outcome.ACCEPTED
                : SendQueue.Outcome.FULL;
    }

    /// Nothing can be sent any more.
    void writingFailed() {
        writingFailed = true;
    }

    void refused(SendQueue.Outcome outcome) {
        refusedForRoom |= outcome == SendQueue.Outcome.FULL;
    }

    void accepted(long id, OpCode opCode, byte[] frame) {
        boolean urgent = (frame[2] & Frame.OUT_OF_BAND) != 0 && opCode != OpCode.HELLO_REQUEST;
        Post post = new Post(id, opCode, urgent, frame);
        unended.put(id, post);
        unendedBytes += frame.length;
        (urgent ? postedOutOfBand : postedInOrder).add(post);
        byePosted |= opCode.type() == OpCode.Type.BYE;
    }

    /// The loop is about to take what was posted: puts it in the line as the wire spec says.
    void turn(boolean connecting) {
        if (connecting && line.isEmpty() && !postedInOrder.isEmpty()) {
            line.add(postedInOrder.remove());
        }
        int place = 0;
        if (!line.isEmpty() && (sentOfFirst > 0 || isHello(line.getFirst()))) {
            place = 1;
        }
        while (place < line.size() && line.get(place).urgent) {
            place++;
        }
        line.addAll(place, postedOutOfBand);
        line.addAll(postedInOrder);
        postedOutOfBand.clear();
        postedInOrder.clear();
    }

    private static boolean isHello(Post post) {
        return post.opCode.type() == OpCode.Type.HELLO;
    }

    /// The kernel has taken some bytes: they must be the next ones of the line.
    void wrote(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            check(!line.isEmpty(), "bytes that nobody has posted");
            check(!byeSent, "bytes behind a bye");
            Post first = line.getFirst();
            int count = Math.min(bytes.length - at, first.frame.length - sentOfFirst);
            check(
                    Arrays.equals(
                            bytes, at, at + count, first.frame, sentOfFirst, sentOfFirst + count),
                    () -> "not the bytes of message " + first.id);
            at += count;
            sentOfFirst += count;
            if (sentOfFirst == first.frame.length) {
                sentOfFirst = 0;
                line.removeFirst();
                end(first);
                byeSent = first.opCode.type() == OpCode.Type.BYE;
            }
        }
    }

    private void end(Post post) {
        check(unended.remove(post.id) != null, () -> "message " + post.id + " has ended twice");
        unendedBytes -= post.frame.length;
    }

    boolean hasUnsent() {
        return !line.isEmpty();
    }

    int unended() {
        return unended.size();
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
    public void deliver(Slot slot) {
        check(!ended, "a message behind the last notice");
        check(slot.owner() == Slot.Owner.QUEUE, "a message of somebody else");
        check(slot.buffer().remaining() == slot.capacity(), "a buffer that is not clear");
        check(slot.next() == null, "a slot that is still linked");
        inbox.add(new Item(slot, Status.SUCCESS, null));
        slotsInInbox++;
        byte[] frame = slot.frame().toArray(ValueLayout.JAVA_BYTE);
        if ((frame[2] & Frame.ORIGIN) == 0) {
            checkFromPeer(frame);
        } else {
            checkComesBack(frame);
        }
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
        Post post = unended.get(id(frame));
        check(post != null, "a message comes back that has ended, or was never posted");
        check(frame[3] != 0, "a message comes back without a reason");
        byte[] expected = post.frame.clone();
        expected[2] |= Frame.ORIGIN;
        expected[3] = frame[3];
        if (post.opCode == OpCode.HELLO_REQUEST) {
            expected[2] = frame[2]; // it may come back as its response
        }
        check(Arrays.equals(frame, expected), "a message comes back changed");
        if (!line.isEmpty() && line.getFirst() == post) {
            sentOfFirst = 0;
        }
        check(
                line.remove(post) || postedInOrder.remove(post) || postedOutOfBand.remove(post),
                "a message comes back from nowhere");
        end(post);
    }

    private static long id(byte[] frame) {
        return java.nio.ByteBuffer.wrap(frame).getLong(4);
    }

    @Override
    public void signal(Status status, long id, SlotSource onTaken) {
        check(!ended, () -> status + " behind the last notice");
        check(id == channelId, () -> "the id of " + status);
        inbox.add(new Item(null, status, onTaken));
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
        if (slot != null) {
            boolean fromPeer = !slot.fromEngine();
            untaken -= fromPeer ? 1 : 0;
            slotsInInbox--;
            slot.tellSource();
            slot.release(Slot.Owner.QUEUE);
        } else if (onTaken != null) {
            roomNoticeOut &= item.status != Status.SEND_QUEUE_READY;
            onTaken.taken(16);
        }
        return true;
    }

    int slotsInInbox() {
        return slotsInInbox;
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
