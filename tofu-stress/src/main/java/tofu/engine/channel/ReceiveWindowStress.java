package tofu.engine.channel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/// [ReceiveWindow]: reading is never held back for ever while there is room; either the loop sees
/// the room, or the receiver sees that it has to call the loop.
public final class ReceiveWindowStress {
    private static final int MANY = 1_000;
    private static final int LENGTH = 16;

    private ReceiveWindowStress() {}

    /// What a loop makes of it that looked at the window for the last time.
    private static String verdict(
            ReceiveWindow window, boolean lastHold, StressOutlet outlet, boolean roomIsThere) {
        if (window.isHeld()) {
            return roomIsThere ? "held with room" : "held without room";
        }
        return lastHold && outlet.scheduled() == 0 ? "free, but nobody says so" : "goes on";
    }

    /// The receiver takes the two messages that fill the window while the loop holds reading back.
    @JCStressTest
    @Outcome(id = "true, goes on", expect = ACCEPTABLE, desc = "held, then called")
    @Outcome(id = "false, goes on", expect = ACCEPTABLE, desc = "saw the room")
    @State
    public static class TakenAgainstHold {
        private final StressOutlet outlet = new StressOutlet();
        private final ReceiveWindow window = new ReceiveWindow(2, MANY, outlet);
        private boolean held;

        public TakenAgainstHold() {
            window.delivered(1, LENGTH);
            window.delivered(1, LENGTH);
        }

        @Actor
        public void receiver() {
            window.taken(LENGTH);
            window.taken(LENGTH);
        }

        @Actor
        public void loop() {
            held = window.hold();
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r1 = held;
            r.r2 = verdict(window, held, outlet, true);
        }
    }

    /// The same, where it is the bytes that fill the window.
    @JCStressTest
    @Outcome(id = "true, goes on", expect = ACCEPTABLE, desc = "held, then called")
    @Outcome(id = "false, goes on", expect = ACCEPTABLE, desc = "saw the room")
    @State
    public static class BytesTakenAgainstHold {
        private final StressOutlet outlet = new StressOutlet();
        private final ReceiveWindow window = new ReceiveWindow(MANY, 2 * LENGTH, outlet);
        private boolean held;

        public BytesTakenAgainstHold() {
            window.delivered(1, LENGTH);
            window.delivered(1, LENGTH);
        }

        @Actor
        public void receiver() {
            window.taken(LENGTH);
        }

        @Actor
        public void loop() {
            held = window.hold();
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r1 = held;
            r.r2 = verdict(window, held, outlet, true);
        }
    }

    /// The loop finds room, delivers again, and holds again, while the receiver takes: a release
    /// that was meant for the first hold may come after the second, and must not be the last word.
    @JCStressTest
    @Outcome(id = "true, goes on", expect = ACCEPTABLE, desc = "held, then called")
    @Outcome(id = "true, held without room", expect = ACCEPTABLE, desc = "the receiver's turn")
    @State
    public static class TakenAgainstHoldAndHold {
        private final StressOutlet outlet = new StressOutlet();
        private final ReceiveWindow window = new ReceiveWindow(2, MANY, outlet);
        private boolean held;

        public TakenAgainstHoldAndHold() {
            window.delivered(1, LENGTH);
            window.delivered(1, LENGTH);
        }

        @Actor
        public void receiver() {
            window.taken(LENGTH);
        }

        @Actor
        public void loop() {
            held = window.hold();
            if (!held) {
                window.delivered(1, LENGTH);
                held = window.hold();
            }
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r1 = held;
            r.r2 = verdict(window, held, outlet, window.messagesLeft() > 0);
        }
    }
}
