package tofu.tests.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// What one application is told, checked against what all have said.
///
/// Thread: one.
final class Hearing {
    /// The application's channels.
    final Map<Integer, Talk> talks = new LinkedHashMap<>();

    final Set<Integer> listeners = new LinkedHashSet<>();

    /// Channels that lived when it became calm: all that was said on them must arrive.
    final List<Talk> alive = new ArrayList<>();

    /// Updates of the receiver that have not come.
    int updates;

    private final World world;
    private final Host host;
    private final Ledger ledger;
    private final String name;

    Hearing(World world, Host host, String name) {
        this.world = world;
        this.host = host;
        this.ledger = world.ledger();
        this.name = name;
    }

    /// The group or the engine closes: nothing more will be told.
    void forgetChannels() {
        talks.keySet().forEach(host::forget);
        talks.values().forEach(talk -> talk.ended = true);
        listeners.forEach(host::forget);
        talks.clear();
        listeners.clear();
        updates = 0;
    }

    /// Whether something is still to be told: the end of a channel, or an update.
    boolean isOwed() {
        return !talks.isEmpty() || !listeners.isEmpty() || updates != 0;
    }

    /// Takes a message of the group, which stays the caller's.
    void take(Message message) {
        int number = message.channel();
        // The ids of notices are the whole process's.
        long said = message.origin() == Origin.ENGINE ? message.status().code() : message.id();
        world.mix(said << 20 ^ (long) number << 4 ^ message.opCode().code());
        world.note(() -> this + " hears " + message.header());
        Talk talk = talks.get(number);
        if (message.status() == Status.RECEIVER_UPDATE) {
            require(number == 0 && updates > 0, message, "an update that nobody sent");
            updates--;
        } else if (message.endsChannel()) {
            end(number, message);
        } else if (listeners.contains(number)) {
            require(message.opCode() != OpCode.REQUEST, message, "came to a listener");
        } else if (message.origin() == Origin.ENGINE) {
            takeOfEngine(talk, message);
        } else if (message.opCode() == OpCode.HELLO_REQUEST) {
            greet(message);
        } else {
            if (talk == null) {
                throw violation(message, "came on a channel that there is not");
            }
            takeOfPeer(talk, message);
        }
    }

    private void takeOfEngine(@Nullable Talk talk, Message message) {
        if (message.channel() == 0) {
            require(message.status() == Status.POOL_EMPTY, message, "tells what?");
            return;
        }
        if (talk == null) {
            // Of a connection that never said hello.
            require(message.id() == 0, message, "came on a channel that there is not");
            return;
        }
        Post post = ledger.find(message.id());
        if (post != null && comesBack(post, message)) {
            require(post.way == talk.said, message, "comes back on another channel");
            Ledger.check(post, message);
            talk.said.giveBack(post);
        } else if (message.status() == Status.SEND_QUEUE_READY) {
            talk.refused = false;
        } else {
            require(message.opCode() == OpCode.SIGNAL, message, "tells what?");
            require(!alive.contains(talk), message, "ends a channel in good order");
        }
    }

    private static boolean comesBack(Post post, Message message) {
        return post.opCode == message.opCode()
                || (post.opCode == OpCode.HELLO_REQUEST
                        && message.opCode() == OpCode.HELLO_RESPONSE);
    }

    private void greet(Message hello) {
        int number = hello.channel();
        host.use(number);
        Talk dialler = ledger.dialler(hello.id());
        Talk talk =
                dialler == null
                        ? new Talk(number, new Way(), new Way())
                        : new Talk(number, dialler.heard, dialler.said);
        talk.peer = dialler;
        talk.helloOwed = true;
        talks.put(number, talk);
        if (dialler == null) {
            return; // a rude peer's
        }
        require(dialler.peer == null, hello, "has arrived twice");
        dialler.peer = talk;
        takeOfPeer(talk, hello);
    }

    private void takeOfPeer(Talk talk, Message message) {
        world.onHeard();
        require(message.status() == Status.SUCCESS, message, "has a status");
        require(!talk.byeHeard, message, "comes behind a bye");
        if (message.opCode().type() == OpCode.Type.BYE) {
            talk.byeHeard = true;
            talk.answerOwed = message.opCode() == OpCode.BYE_REQUEST && !talk.byeSaid;
        }
        Post post = ledger.find(message.id());
        if (talk.peer == null && (post == null || post.way != talk.heard)) {
            return; // of a rude peer, whose garbage may hit upon any id
        }
        if (post == null) {
            throw violation(message, "was said by nobody");
        }
        require(post.way == talk.heard, message, "was said on another channel");
        require(post.opCode == message.opCode(), message, "has another op code than " + post);
        Ledger.check(post, message);
        talk.heard.deliver(post);
    }

    private void end(int number, Message last) {
        Talk talk = talks.remove(number);
        if (talk != null) {
            talk.ended = true;
            talk.said.checkEnded();
            host.free(number);
        } else if (listeners.remove(number)) {
            host.free(number);
        } else {
            require(last.id() == 0, last, "ends a channel that there is not");
            host.freeStranger(number);
        }
    }

    private void require(boolean condition, Message message, String complaint) {
        if (!condition) {
            throw violation(message, complaint);
        }
    }

    private Violation violation(Message message, String complaint) {
        return new Violation(this + ": " + message.header() + " " + complaint);
    }

    @Override
    public String toString() {
        return name;
    }
}
