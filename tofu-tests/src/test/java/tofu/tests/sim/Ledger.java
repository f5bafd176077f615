package tofu.tests.sim;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tofu.api.Message;
import tofu.api.OpCode;

/// Everything that applications have enqueued in a world, found by its id, and what it consists of.
///
/// Thread: one.
final class Ledger {
    /// Ids from here on are not ours: what rude peers send.
    static final long FOREIGN = 1L << 62;

    private static final int LONGEST = 65_535;
    private static final byte[] PATTERN = pattern();
    private static final MemorySegment PATTERN_SEGMENT = MemorySegment.ofArray(PATTERN);
    private static final String HEADER = "post";

    private final List<Post> posts = new ArrayList<>();

    /// The channels that were dialled, by the id of their HelloRequest.
    private final Map<Long, Talk> dialled = new HashMap<>();

    private static byte[] pattern() {
        byte[] bytes = new byte[LONGEST + 256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8) * 7);
        }
        return bytes;
    }

    /// Notes a post that is about to be enqueued.
    Post open(Way way, OpCode opCode, boolean urgent, boolean more, int length) {
        Post post = new Post(posts.size() + 1L, way, opCode, urgent, more, length);
        posts.add(post);
        return post;
    }

    /// Finds a post.
    ///
    /// @return the post, `null` for a message that a rude peer made up
    @Nullable Post find(long id) {
        if (id <= 0 || id > posts.size()) {
            return null;
        }
        return posts.get((int) id - 1);
    }

    /// Notes a channel that was dialled.
    void onDialled(Post hello, Talk talk) {
        dialled.put(hello.id, talk);
    }

    /// The channel that was dialled with a HelloRequest.
    @Nullable Talk dialler(long helloId) {
        return dialled.get(helloId);
    }

    /// Hears of a frame that went out whole.
    void onSent(long id) {
        Post post = find(id);
        if (post == null || !post.isAccepted() || post.sent || post.returned) {
            throw new Violation("sent, but " + (post == null ? "never posted: " + id : post));
        }
        post.sent = true;
    }

    /// Writes what a post says into a message that may have an address already.
    static void write(Post post, Message message) {
        message.opCode(post.opCode).id(post.id).outOfBand(post.urgent).more(post.more);
        if (post.id % 3 == 0) {
            message.headers().append(HEADER, Long.toString(post.id));
        }
        message.body().append(PATTERN, offset(post), post.length);
    }

    /// Checks that a message says what its post said.
    static void check(Post post, Message message) {
        MemorySegment body = message.body().segment();
        boolean same =
                message.outOfBand() == post.urgent
                        && message.more() == post.more
                        && body.byteSize() == post.length
                        && difference(post, body) == -1
                        && (post.id % 3 != 0
                                || Long.toString(post.id).equals(message.headers().first(HEADER)));
        if (!same) {
            throw new Violation(
                    "%s of %d bytes has changed at %d: %s"
                            .formatted(
                                    post, post.length, difference(post, body), message.header()));
        }
    }

    private static long difference(Post post, MemorySegment body) {
        int start = offset(post);
        return MemorySegment.mismatch(
                body, 0, body.byteSize(), PATTERN_SEGMENT, start, (long) start + post.length);
    }

    private static int offset(Post post) {
        return (int) post.id & 0xFF;
    }

    int size() {
        return posts.size();
    }
}
