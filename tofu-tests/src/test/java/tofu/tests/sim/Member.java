package tofu.tests.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// An application with one group at a time: dials, listens, talks, says bye, closes and begins
/// anew, and checks everything that it is told.
///
/// Thread: one.
final class Member extends App {
    private static final int LARGE = 65_535;

    private final World world;
    private final Host host;
    private final String name;
    private final Choices choices;
    private final Ledger ledger;
    private final boolean slow;
    private final Map<Integer, Talk> talks = new LinkedHashMap<>();
    private final Set<Integer> listeners = new LinkedHashSet<>();

    /// Channels that lived when it became calm: all that was said on them must arrive.
    private final List<Talk> alive = new ArrayList<>();

    private @Nullable ChannelGroup group;
    private int updates;

    Member(World world, Host host, String name, Choices choices) {
        this.world = world;
        this.name = name;
        this.host = host;
        this.choices = choices;
        this.ledger = world.ledger();
        this.slow = choices.oneIn(4);
    }

    // ---- chaos

    @Override
    void act() {
        if (host.closing) {
            return;
        }
        if (group == null) {
            group = host.ampe().create();
        }
        switch (choices.below(16)) {
            case 0, 1, 2, 3, 4 -> receive(slow && !choices.oneIn(8) ? 0 : 1 + choices.below(12));
            case 5, 6, 7, 8, 9 -> sayOften();
            case 10, 11 -> dial();
            case 12 -> listen();
            case 13 -> bye();
            case 14 -> update();
            default -> rarely();
        }
    }

    private void rarely() {
        switch (choices.below(24)) {
            case 23 -> closeGroup();
            case 22 -> closeEngine();
            case 20, 21 -> shut();
            default -> misuse();
        }
    }

    private void sayOften() {
        Talk talk = talkative();
        for (int i = talk == null ? 0 : 1 + choices.below(6); i > 0; i--) {
            say(talk);
        }
    }

    private @Nullable Talk talkative() {
        List<Talk> open = talks.values().stream().filter(Talk::isTalkative).toList();
        return open.isEmpty() ? null : choices.of(open);
    }

    private void say(Talk talk) {
        if (talk.helloOwed && !choices.oneIn(4)) {
            talk.helloOwed = false;
            offer(talk, OpCode.HELLO_RESPONSE, false, false, choices.below(100));
            return;
        }
        OpCode opCode =
                switch (choices.below(3)) {
                    case 0 -> OpCode.REQUEST;
                    case 1 -> OpCode.SIGNAL;
                    default -> OpCode.RESPONSE;
                };
        offer(talk, opCode, choices.oneIn(8), choices.oneIn(6), aLength());
    }

    private int aLength() {
        return switch (choices.below(16)) {
            case 15 -> choices.below(LARGE + 1);
            case 12, 13, 14 -> choices.below(4_000);
            case 0 -> 0;
            default -> choices.below(120);
        };
    }

    private void bye() {
        if (talks.isEmpty()) {
            return;
        }
        Talk talk = choices.of(List.copyOf(talks.values()));
        int kind = choices.below(6);
        if (kind == 5) {
            offer(talk, OpCode.BYE_SIGNAL, true, false, 0);
        } else if (talk.isTalkative()) {
            boolean answer = talk.answerOwed || kind == 4;
            OpCode opCode = answer ? OpCode.BYE_RESPONSE : OpCode.BYE_REQUEST;
            offer(talk, opCode, choices.oneIn(6), false, choices.below(50));
        }
    }

    /// Enqueues a message.
    private void offer(Talk talk, OpCode opCode, boolean urgent, boolean more, int length) {
        AllocationStrategy strategy =
                world.isCalm() ? AllocationStrategy.ALWAYS : AllocationStrategy.POOL_ONLY;
        Post post = ledger.open(talk.said, opCode, urgent, more, length);
        try (Message message = host.ampe().get(strategy)) {
            if (message == null) {
                return;
            }
            Ledger.write(post, message);
            try {
                present().enqueueToPeer(message.channel(talk.number));
            } catch (AmpeException e) {
                onRefused(talk, post, message, e);
                return;
            }
            talk.said.accept(post);
            talk.byeSaid |= opCode.type() == OpCode.Type.BYE;
            talk.answerOwed &= opCode.type() != OpCode.Type.BYE;
            world.note(() -> this + " says " + post + " on " + talk.number);
        } catch (AmpeException e) {
            // Memory for the body, or for the message itself.
            expect(e, Status.ALLOCATION_FAILED);
        }
    }

    private void onRefused(Talk talk, Post post, Message message, AmpeException refusal) {
        if (message.isEmptied()) {
            throw new Violation(post + " was refused, and is gone", refusal);
        }
        expect(refusal, Status.SEND_QUEUE_FULL, Status.CHANNEL_CLOSED);
        if (refusal.status() == Status.SEND_QUEUE_FULL) {
            talk.refused = true;
            if (post.opCode.type() != OpCode.Type.REGULAR) {
                throw new Violation(post + " needs no room", refusal);
            }
        }
        world.note(() -> this + " may not say " + post + ": " + refusal.status());
    }

    private void dial() {
        Address.Client address = world.anAddress();
        Talk talk = new Talk(0, new Way(), new Way());
        Post post = ledger.open(talk.said, OpCode.HELLO_REQUEST, false, false, choices.below(300));
        try (Message hello = host.ampe().get(AllocationStrategy.POOL_ONLY)) {
            if (hello == null) {
                return;
            }
            Ledger.write(post, address.format(hello));
            int number = present().enqueueToPeer(hello).channel();
            host.use(number);
            Talk opened = new Talk(number, talk.said, talk.heard);
            opened.dialler = true;
            opened.said.accept(post);
            talks.put(number, opened);
            ledger.onDialled(post, opened);
            world.note(() -> this + " dials " + address + " on " + number + ": " + post);
        } catch (AmpeException e) {
            expect(e, Status.ALLOCATION_FAILED, Status.TOO_MANY_CHANNELS);
        }
    }

    private void listen() {
        Address.Server address = world.aDoor();
        try (Message welcome = host.ampe().get(AllocationStrategy.POOL_ONLY)) {
            if (welcome == null) {
                return;
            }
            int number = present().enqueueToPeer(address.format(welcome)).channel();
            host.use(number);
            listeners.add(number);
            world.note(() -> this + " listens on " + address + ", " + number);
        } catch (AmpeException e) {
            expect(e, Status.ALLOCATION_FAILED, Status.TOO_MANY_CHANNELS);
        }
    }

    /// Ends a listener.
    private void shut() {
        if (listeners.isEmpty()) {
            return;
        }
        int number = choices.of(List.copyOf(listeners));
        try (Message bye = host.ampe().get(AllocationStrategy.POOL_ONLY)) {
            if (bye != null) {
                present().enqueueToPeer(bye.opCode(OpCode.BYE_SIGNAL).channel(number));
            }
        } catch (AmpeException e) {
            expect(e, Status.ALLOCATION_FAILED, Status.CHANNEL_CLOSED);
        }
    }

    private void update() {
        try {
            if (choices.oneIn(2)) {
                present().updateReceiver(null);
                updates++;
                return;
            }
            try (Message update = host.ampe().get(AllocationStrategy.POOL_ONLY)) {
                if (update != null) {
                    present().updateReceiver(update.opCode(OpCode.SIGNAL));
                    updates++;
                }
            }
        } catch (AmpeException e) {
            expect(e, Status.ALLOCATION_FAILED, Status.INBOX_FULL);
        }
    }

    /// Says something on a channel that there is not, or that is not ours.
    private void misuse() {
        int number = 1 + choices.below(65_534);
        if (talks.containsKey(number) || listeners.contains(number)) {
            return;
        }
        try (Message message = host.ampe().get(AllocationStrategy.POOL_ONLY)) {
            if (message != null) {
                present().enqueueToPeer(message.opCode(OpCode.SIGNAL).channel(number));
                throw new Violation("enqueued to channel " + number + ", which is not ours");
            }
        } catch (AmpeException e) {
            expect(
                    e,
                    Status.ALLOCATION_FAILED,
                    Status.INVALID_CHANNEL_NUMBER,
                    Status.INVALID_MCHN_GROUP);
        }
    }

    private void closeGroup() {
        if (!world.mayWait()) {
            return;
        }
        world.note(() -> this + " closes its group");
        host.closing = true;
        forgetChannels();
        present().close();
        group = null;
        host.closing = false;
    }

    private void closeEngine() {
        if (world.mayWait() && choices.oneIn(6)) {
            world.note(() -> this + " closes its engine");
            forgetChannels();
            host.close();
        }
    }

    private void forgetChannels() {
        talks.keySet().forEach(host::forget);
        talks.values().forEach(talk -> talk.ended = true);
        listeners.forEach(host::forget);
        talks.clear();
        listeners.clear();
        updates = 0;
    }

    // ---- what it is told

    /// Takes messages.
    ///
    /// @return whether there were any
    private boolean receive(int most) {
        for (int i = 0; i < most; i++) {
            try (Message message = present().waitReceive(0)) {
                if (message == null) {
                    return i > 0;
                }
                take(message);
            } catch (InterruptedException e) {
                throw new Violation("interrupted", e);
            }
        }
        return most > 0;
    }

    private void take(Message message) {
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
            require(talk != null, message, "came on a channel that there is not");
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
        require(message.status() == Status.SUCCESS, message, "has a status");
        require(!talk.byeHeard, message, "comes behind a bye");
        if (message.opCode().type() == OpCode.Type.BYE) {
            talk.byeHeard = true;
            talk.answerOwed = message.opCode() == OpCode.BYE_REQUEST && !talk.byeSaid;
        }
        Post post = ledger.find(message.id());
        if (post == null) {
            require(talk.peer == null, message, "was said by nobody");
            return;
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

    // ---- calm

    @Override
    void calmDown() {
        if (host.closed) {
            forgetChannels(); // another application has closed the engine
        } else if (group == null) {
            group = host.ampe().create();
        }
    }

    @Override
    boolean goOn() {
        if (host.closing || group == null) {
            return false;
        }
        boolean busy = receive(Integer.MAX_VALUE);
        for (Talk talk : List.copyOf(talks.values())) {
            if (talk.answerOwed && talk.isTalkative()) {
                offer(talk, OpCode.BYE_RESPONSE, false, false, 0);
                busy = true;
            }
        }
        return busy;
    }

    @Override
    void breakGridlock() {
        if (host.isPoolEmpty()) {
            for (Talk talk : List.copyOf(talks.values())) {
                if (!talk.said.accepted.stream().allMatch(Post::isEnded)) {
                    offer(talk, OpCode.BYE_SIGNAL, true, false, 0);
                }
            }
        }
    }

    @Override
    void checkCalm() {
        for (Talk talk : talks.values()) {
            Talk peer = talk.peer;
            if (peer == null || peer.ended) {
                throw new Violation(this + ": channel " + talk.number + " lives without a peer");
            }
            talk.said.checkDelivered();
            if (talk.refused) {
                throw new Violation(this + ": room on " + talk.number + " was never told");
            }
            alive.add(talk);
        }
        if (updates != 0) {
            throw new Violation(this + ": " + updates + " updates were lost");
        }
    }

    @Override
    void sayBye() {
        for (Talk talk : List.copyOf(talks.values())) {
            // Now and then both say it at once.
            if (talk.isTalkative() && (talk.dialler || choices.oneIn(3))) {
                offer(talk, OpCode.BYE_REQUEST, false, false, 0);
            }
        }
    }

    @Override
    void checkEnded() {
        if (!talks.isEmpty()) {
            throw new Violation(this + ": open after the bye: " + talks.keySet());
        }
        alive.forEach(talk -> talk.said.checkDelivered());
    }

    @Override
    void close() {
        if (!host.closing) {
            host.closing = true;
            forgetChannels();
            present().close();
            group = null;
            host.closing = false;
        }
    }

    // ---- parts

    private ChannelGroup present() {
        ChannelGroup open = group;
        if (open == null) {
            throw new IllegalStateException("no group");
        }
        return open;
    }

    private void require(boolean condition, Message message, String complaint) {
        if (!condition) {
            throw new Violation(this + ": " + message.header() + " " + complaint);
        }
    }

    private static void expect(AmpeException refusal, Status... expected) {
        if (!List.of(expected).contains(refusal.status())) {
            throw new Violation("refused for an odd reason", refusal);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
