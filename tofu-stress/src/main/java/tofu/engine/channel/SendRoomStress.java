package tofu.engine.channel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.util.concurrent.locks.LockSupport;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import tofu.api.OpCode;
import tofu.pool.LongSleep;
import tofu.pool.Slot;

/// [SendQueue] at its bound: whoever was refused is told when there is room, whoever waits is
/// woken.
public final class SendRoomStress {
    private static final int MANY = 1_000;

    private SendRoomStress() {}

    /// A queue with as many messages as it may have, in its log.
    private static SendQueue full(int maxMessages) {
        SendQueue queue = SendQueueStress.queue(maxMessages, MANY, new StressOutlet());
        for (int i = 0; i < maxMessages; i++) {
            queue.offer(SendQueueStress.slot(OpCode.SIGNAL, i + 1), false, false);
        }
        return queue;
    }

    /// Posts as a thread does that waits for room.
    ///
    /// @return what became of it, or that nobody has woken the thread
    private static Object postWaiting(SendQueue queue, Slot slot) {
        queue.startWaiting();
        try {
            while (true) {
                SendQueue.Outcome outcome = queue.offer(slot, false, true);
                if (outcome != SendQueue.Outcome.FULL) {
                    return outcome;
                }
                if (!LongSleep.isCutShort(() -> LockSupport.parkNanos(queue, LongSleep.NANOS))) {
                    return "not woken";
                }
            }
        } finally {
            queue.stopWaiting();
        }
    }

    /// A post is refused while the one message ends: then the loop knows that it has to tell.
    @JCStressTest
    @Outcome(id = "FULL, true", expect = ACCEPTABLE, desc = "refused, and will be told")
    @Outcome(id = "ACCEPTED, false", expect = ACCEPTABLE)
    @State
    public static class RefusalAgainstRoom {
        private final SendQueue queue = full(1);
        private final Slot slot = SendQueueStress.slot(OpCode.SIGNAL, 9);

        @Actor
        public void poster(LL_Result r) {
            r.r1 = queue.offer(slot, false, false);
        }

        @Actor
        public void loop(LL_Result r) {
            SendQueueStress.sendOne(queue);
            r.r2 = queue.roomMade();
        }

        @Arbiter
        public void clean(LL_Result r) {
            SendQueueStress.drain(queue);
            SendQueueStress.release(slot, r.r1);
        }
    }

    /// Two messages end one after the other; only the second makes room enough to tell.
    @JCStressTest
    @Outcome(id = "FULL, true", expect = ACCEPTABLE, desc = "refused, and will be told")
    @Outcome(id = "ACCEPTED, false", expect = ACCEPTABLE)
    @State
    public static class RefusalAgainstLowWater {
        private final SendQueue queue = full(2);
        private final Slot slot = SendQueueStress.slot(OpCode.SIGNAL, 9);

        @Actor
        public void poster(LL_Result r) {
            r.r1 = queue.offer(slot, false, false);
        }

        @Actor
        public void loop(LL_Result r) {
            SendQueueStress.sendOne(queue);
            boolean first = queue.roomMade();
            SendQueueStress.sendOne(queue);
            boolean second = queue.roomMade();
            r.r2 = first || second;
        }

        @Arbiter
        public void clean(LL_Result r) {
            SendQueueStress.drain(queue);
            SendQueueStress.release(slot, r.r1);
        }
    }

    /// Two posters are refused at once: one notice for both, and none is forgotten.
    @JCStressTest
    @Outcome(id = "FULL, true", expect = ACCEPTABLE, desc = "refused, and will be told")
    @Outcome(id = "ACCEPTED, true", expect = ACCEPTABLE, desc = "the first refusal is told")
    @State
    public static class SecondRefusalAgainstRoom {
        private final SendQueue queue = full(1);
        private final Slot slot = SendQueueStress.slot(OpCode.SIGNAL, 9);
        private boolean told;

        public SecondRefusalAgainstRoom() {
            Slot first = SendQueueStress.slot(OpCode.SIGNAL, 8);
            SendQueueStress.release(first, queue.offer(first, false, false));
        }

        @Actor
        public void poster(LL_Result r) {
            r.r1 = queue.offer(slot, false, false);
        }

        @Actor
        public void loop() {
            SendQueueStress.sendOne(queue);
            told = queue.roomMade();
        }

        @Arbiter
        public void rest(LL_Result r) {
            if (!told && r.r1 == SendQueue.Outcome.ACCEPTED) {
                // The poster took the room before the loop looked: told when his message ends.
                SendQueueStress.sendOne(queue);
                told = queue.roomMade();
            }
            r.r2 = told;
            SendQueueStress.drain(queue);
            SendQueueStress.release(slot, r.r1);
        }
    }

    /// A thread waits for room while the one message ends.
    @JCStressTest
    @Outcome(id = "ACCEPTED, false", expect = ACCEPTABLE)
    @State
    public static class WaiterAgainstRoom {
        private final SendQueue queue = full(1);
        private final Slot slot = SendQueueStress.slot(OpCode.SIGNAL, 9);

        @Actor
        public void waiter(LL_Result r) {
            r.r1 = postWaiting(queue, slot);
        }

        @Actor
        public void loop(LL_Result r) {
            SendQueueStress.sendOne(queue);
            r.r2 = queue.roomMade();
        }

        @Arbiter
        public void clean(LL_Result r) {
            SendQueueStress.drain(queue);
            SendQueueStress.release(slot, r.r1);
        }
    }

    /// A thread waits for room while the channel ends.
    @JCStressTest
    @Outcome(id = "CLOSED, LEASE", expect = ACCEPTABLE)
    @State
    public static class WaiterAgainstClose {
        private final SendQueue queue = full(1);
        private final Slot slot = SendQueueStress.slot(OpCode.SIGNAL, 9);

        @Actor
        public void waiter(LL_Result r) {
            r.r1 = postWaiting(queue, slot);
        }

        @Actor
        public void loop() {
            queue.close();
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r2 = slot.owner();
            SendQueueStress.drain(queue);
            SendQueueStress.release(slot, r.r1);
        }
    }

    /// Two threads wait for the same room: one gets it, the other when that message ends.
    @JCStressTest
    @Outcome(id = "ACCEPTED, ACCEPTED", expect = ACCEPTABLE)
    @State
    public static class WaiterAgainstWaiterWhoEnds {
        private final SendQueue queue = full(1);
        private final Slot one = SendQueueStress.slot(OpCode.SIGNAL, 8);
        private final Slot two = SendQueueStress.slot(OpCode.SIGNAL, 9);

        @Actor
        public void waiter(LL_Result r) {
            r.r1 = postWaiting(queue, one);
            SendQueueStress.sendOne(queue);
            queue.roomMade();
        }

        @Actor
        public void loopThenWaiter(LL_Result r) {
            SendQueueStress.sendOne(queue);
            queue.roomMade();
            r.r2 = postWaiting(queue, two);
            SendQueueStress.sendOne(queue);
            queue.roomMade();
        }

        @Arbiter
        public void clean(LL_Result r) {
            SendQueueStress.drain(queue);
            SendQueueStress.release(one, r.r1);
            SendQueueStress.release(two, r.r2);
        }
    }
}
