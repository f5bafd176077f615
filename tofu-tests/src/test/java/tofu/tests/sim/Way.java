package tofu.tests.sim;

import java.util.ArrayList;
import java.util.List;
import tofu.api.OpCode;

/// One direction of a channel as the two applications see it: what was enqueued at one end, and
/// what has come out at the other.
///
/// Thread: one.
final class Way {
    final List<Post> accepted = new ArrayList<>();
    private int nextPosition;
    private int nextUrgentPosition;
    private int heard;
    private int heardUrgent;

    /// A bye went ahead of what was enqueued before it.
    private boolean overtaken;

    private int lastReturned = -1;
    private int lastReturnedUrgent = -1;

    void accept(Post post) {
        post.position = post.urgent ? nextUrgentPosition++ : nextPosition++;
        accepted.add(post);
        overtaken |= overtakes(post);
    }

    /// The message accepted last was refused after all.
    void retract(Post post) {
        accepted.removeLast();
        if (post.urgent) {
            nextUrgentPosition--;
        } else {
            nextPosition--;
        }
        check(post, !post.sent, "refused, and sent");
        post.position = Post.NOT_ACCEPTED;
        overtaken = accepted.stream().anyMatch(Way::overtakes);
    }

    private static boolean overtakes(Post post) {
        return post.urgent && post.opCode.type() == OpCode.Type.BYE;
    }

    /// A message has come out: it must be the next one.
    void deliver(Post post) {
        int due = post.urgent ? heardUrgent++ : heard++;
        check(post, post.position == due, "delivered where position " + due + " was due");
        check(post, !post.delivered, "delivered twice");
        check(post, post.sent, "delivered, and never sent");
        post.delivered = true;
        if (post.opCode.type() == OpCode.Type.HELLO) {
            List<Post> behind = accepted.subList(accepted.indexOf(post) + 1, accepted.size());
            check(post, behind.stream().noneMatch(other -> other.delivered), "overtaken");
        }
    }

    /// A message has come back: never one that was sent, and in order.
    void giveBack(Post post) {
        check(post, !post.returned, "returned twice");
        check(post, !post.sent, "returned, and sent whole");
        post.returned = true;
        if (post.opCode == OpCode.BYE_SIGNAL || overtaken) {
            return; // a ByeSignal comes back first; what a bye overtook, before what is under way
        }
        int last = post.urgent ? lastReturnedUrgent : lastReturned;
        check(post, post.position > last, "returned behind position " + last);
        if (post.urgent) {
            lastReturnedUrgent = post.position;
        } else {
            lastReturned = post.position;
        }
    }

    /// The channel has ended at the sender's side: nothing may be open.
    void checkEnded() {
        for (Post post : accepted) {
            check(post, post.isEnded(), "neither sent nor returned when its channel ended");
        }
    }

    /// Everything has had time to arrive.
    void checkDelivered() {
        for (Post post : accepted) {
            check(post, post.delivered || post.returned, "stuck on a channel that lives");
        }
    }

    private static void check(Post post, boolean holds, String complaint) {
        if (!holds) {
            throw new Violation(post + ": " + complaint);
        }
    }
}
