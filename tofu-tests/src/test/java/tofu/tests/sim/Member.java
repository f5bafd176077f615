package tofu.tests.sim;

import java.time.Duration;
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
import tofu.api.Status;

/// An application with one group at a time: dials, listens, talks, says bye, closes and begins
/// anew, and checks everything that it is told. Somewhat long: all that an application can do.
///
/// Thread: one.
final class Member extends App {
    private static final int LARGE = 65_535;
    private static final int NO_CHANNEL = 65_535;

    private final World world;
    private final Host host;
    private final String name;
    private final Choices choices;
    private final Ledger ledger;
    private final boolean slow;

    /// Every other message is a long one: memory ends before messages do.
    private final boolean heavy;

    private final Hearing hearing;
    private final Map<Integer, Talk> talks;
    private final Set<Integer> listeners;

    private @Nullable ChannelGroup group;
    private boolean waiting;

    Member(World world, Host host, String name, Choices choices) {
        this.world = world;
        this.name = name;
        this.host = host;
        this.choices = choices;
        this.ledger = world.ledger();
        this.slow = choices.oneIn(4);
        this.heavy = choices.oneIn(4);
        this.hearing = new Hearing(world, host, name);
        this.talks = hearing.talks;
        this.listeners = hearing.listeners;
    }

    // ---- chaos

    @Override
    void act() {
        if (host.closing || waiting) {
            return;
        }
        try {
            if (host.isFailed()) {
                learnOfFailure();
            } else {
                actOn();
            }
        } catch (RuntimeException | Error e) {
            host.survive(e);
        }
    }

    private void actOn() {
        if (group == null && !begin()) {
            return;
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

    /// Makes a group.
    ///
    /// @return false if the engine says that it has failed
    private boolean begin() {
        try {
            group = host.ampe().create();
            return true;
        } catch (AmpeException e) {
            expect(e);
            return false;
        }
    }

    /// The engine has failed: it says so, whatever it is asked, and is closed some day.
    private void learnOfFailure() {
        ChannelGroup open = group;
        host.checkTold(host.ampe()::create);
        if (open != null) {
            host.checkTold(() -> open.waitReceiveNanos(0));
        }
        hearing.forgetChannels();
        if (choices.oneIn(4)) {
            closeGroup();
            closeEngine();
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
        if (talk == null) {
            return;
        }
        for (int i = 1 + choices.below(6); i > 0; i--) {
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
        if (heavy && choices.oneIn(2)) {
            return choices.below(LARGE + 1);
        }
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
            talk.said.accept(post); // it may be sent before the call returns
            try {
                enqueue(message.channel(talk.number));
            } catch (AmpeException e) {
                talk.said.retract(post);
                onRefused(talk, post, message, e);
                return;
            } catch (RuntimeException | Error e) {
                // Thrown: it is still ours. Or else it counts as said.
                if (!message.isEmptied()) {
                    talk.said.retract(post);
                }
                throw e;
            }
            host.enqueued++;
            talk.byeSaid |= opCode.type() == OpCode.Type.BYE;
            talk.answerOwed &= opCode.type() != OpCode.Type.BYE;
            world.note(() -> this + " says " + post + " on " + talk.number);
        } catch (AmpeException e) {
            // Memory for the body, or for the message itself.
            expect(e, Status.ALLOCATION_FAILED);
        }
    }

    /// Enqueues a message, and now and then waits until there is room for it.
    private void enqueue(Message message) {
        if (world.isCalm() || !world.mayWait() || !choices.oneIn(4)) {
            present().enqueueToPeer(message);
            return;
        }
        long start = world.now();
        long nanos = world.waitFor(aPatience());
        waiting = true;
        host.held++;
        try {
            present().enqueueToPeer(message, Duration.ofNanos(nanos));
        } catch (AmpeException e) {
            if (e.status() == Status.SEND_QUEUE_FULL) {
                checkFull(message, world.now() - start, nanos);
            }
            throw e;
        } catch (InterruptedException e) {
            throw new Violation("interrupted", e);
        } finally {
            host.held--;
            waiting = false;
        }
    }

    private long aPatience() {
        return switch (choices.below(4)) {
            case 0 -> 0;
            case 1 -> choices.below(200_000);
            case 2 -> choices.below(50) * 1_000_000L;
            default -> choices.below(3_000) * 1_000_000L;
        };
    }

    /// Whoever waited for room was refused: he has waited long enough, and there is none now.
    private void checkFull(Message message, long waitedNanos, long nanos) {
        if (waitedNanos < nanos) {
            throw new Violation(this + ": waited " + waitedNanos + " of " + nanos + " ns for room");
        }
        // Not always: who does not wait is promised a notice of room, as he should have been.
        if (choices.oneIn(2)) {
            try {
                present().enqueueToPeer(message);
            } catch (AmpeException e) {
                expect(e, Status.SEND_QUEUE_FULL);
                return;
            }
            throw new Violation(this + ": waited for room, and was not given it");
        }
    }

    private void onRefused(Talk talk, Post post, Message message, AmpeException refusal) {
        if (message.isEmptied()) {
            throw new Violation(post + " was refused, and is gone", refusal);
        }
        Ledger.check(post, message);
        expect(refusal, Status.SEND_QUEUE_FULL, Status.CHANNEL_CLOSED);
        if (refusal.status() == Status.SEND_QUEUE_FULL) {
            talk.refused = true;
            if (post.opCode.type() != OpCode.Type.REGULAR) {
                throw new Violation(post + " needs no room", refusal);
            }
        } else {
            talk.answerOwed = false; // trying again and again would leave the clock no turn
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
            Ledger.write(post, hello.connectTo(address));
            int number = present().enqueueToPeer(hello).channel();
            host.enqueued++;
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
            // Left to the engine, its id would be the next of the whole process.
            welcome.listenOn(address).id(Ledger.FOREIGN - 1);
            int number = present().enqueueToPeer(welcome).channel();
            host.enqueued++;
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
                host.enqueued++;
            }
        } catch (AmpeException e) {
            expect(e, Status.ALLOCATION_FAILED, Status.CHANNEL_CLOSED);
        }
    }

    private void update() {
        try {
            if (choices.oneIn(2)) {
                present().updateReceiver(null);
                hearing.updates++;
                return;
            }
            try (Message update = host.ampe().get(AllocationStrategy.POOL_ONLY)) {
                if (update != null) {
                    present().updateReceiver(update.opCode(OpCode.SIGNAL));
                    hearing.updates++;
                }
            }
        } catch (AmpeException e) {
            expect(e, Status.ALLOCATION_FAILED, Status.INBOX_FULL);
        }
    }

    /// Says something on a channel that there cannot be.
    private void misuse() {
        try (Message message = host.ampe().get(AllocationStrategy.POOL_ONLY)) {
            if (message != null) {
                present().enqueueToPeer(message.opCode(OpCode.SIGNAL).channel(NO_CHANNEL));
                throw new Violation("enqueued to channel " + NO_CHANNEL);
            }
        } catch (AmpeException e) {
            expect(e, Status.ALLOCATION_FAILED, Status.INVALID_CHANNEL_NUMBER);
        }
    }

    private void closeGroup() {
        if (!world.mayWait() || group == null) {
            return;
        }
        world.note(() -> this + " closes its group");
        host.closing = true;
        hearing.forgetChannels();
        host.insistOn(present()::close);
        group = null;
        host.closing = false;
    }

    private void closeEngine() {
        if (world.mayWait() && choices.oneIn(6)) {
            world.note(() -> this + " closes its engine");
            hearing.forgetChannels();
            world.onClosing(host);
            host.close();
        }
    }

    // ---- what it is told

    /// Takes messages.
    ///
    /// @return whether there were any
    private boolean receive(int most) {
        for (int i = 0; i < most; i++) {
            try (Message message = present().waitReceiveNanos(patience())) {
                if (message == null) {
                    return i > 0;
                }
                hearing.take(message);
            } catch (AmpeException e) {
                expect(e);
                return false;
            } catch (InterruptedException e) {
                throw new Violation("interrupted", e);
            } finally {
                waiting = false;
            }
        }
        return most > 0;
    }

    /// How long to wait for a message; whoever waits does nothing else.
    private long patience() {
        if (world.isCalm() || !world.mayWait() || !choices.oneIn(4)) {
            return 0;
        }
        waiting = true;
        return world.waitFor(1 + choices.below(200_000));
    }

    // ---- calm

    @Override
    void calmDown() {
        if (host.closed) {
            hearing.forgetChannels(); // another application has closed the engine
        } else if (host.isFailed()) {
            host.insistOn(this::learnOfFailure);
        } else if (group == null) {
            begin();
        }
    }

    @Override
    boolean goOn() {
        if (host.isFailed()) {
            // It may have failed in the last moments of chaos, and nobody asked it before the calm.
            // Whoever closes something and waits is further down this stack: his turn is first.
            boolean late = hearing.isOwed() && !host.closing;
            if (late) {
                calmDown();
            }
            return late;
        }
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
            hearing.alive.add(talk);
        }
        if (hearing.updates != 0) {
            throw new Violation(this + ": " + hearing.updates + " updates were lost");
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
        hearing.alive.forEach(talk -> talk.said.checkDelivered());
    }

    @Override
    void close() {
        if (!host.closing && group != null) {
            host.closing = true;
            hearing.forgetChannels();
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

    private void expect(AmpeException refusal, Status... expected) {
        if (refusal.status() == Status.PROCESSING_FAILED) {
            host.onFailed(refusal);
        } else if (!List.of(expected).contains(refusal.status())) {
            throw new Violation("refused for an odd reason", refusal);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
