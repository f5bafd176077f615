package tofu.engine.loop;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/// [Helm]: one thread at a time drives, and who has work for the loop finds somebody who will look.
public final class HelmStress {
    private HelmStress() {}

    /// A helm, and a sleep that can be ended.
    static class Rig {
        final AtomicBoolean sleepEnded = new AtomicBoolean();
        final Helm helm = new Helm(() -> sleepEnded.set(true));

        /// There is something to do.
        volatile boolean work;

        void bringWork() {
            work = true;
            helm.wake();
        }
    }

    /// Two receivers want to drive.
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE)
    @State
    public static class LeadAgainstLead extends Rig {
        @Actor
        public void one(ZZ_Result r) {
            r.r1 = helm.lead();
        }

        @Actor
        public void other(ZZ_Result r) {
            r.r2 = helm.lead();
        }
    }

    /// Work comes while a leader falls asleep: he sees it, or is woken.
    @JCStressTest
    @Outcome(
            id = {"seen", "woken"},
            expect = ACCEPTABLE)
    @State
    public static class WakeAgainstSleep extends Rig {
        private boolean seen;

        public WakeAgainstSleep() {
            helm.lead();
        }

        @Actor
        public void leader() {
            helm.fallAsleep();
            seen = work;
        }

        @Actor
        public void application() {
            bringWork();
        }

        @Arbiter
        public void rest(L_Result r) {
            r.r1 = seen ? "seen" : sleepEnded.get() ? "woken" : "asleep for ever";
        }
    }

    /// Work comes while the leader leaves: he sees it, or the keeper is called.
    @JCStressTest
    @Outcome(id = "called", expect = ACCEPTABLE)
    @State
    public static class WakeAgainstLeave extends Rig {
        public WakeAgainstLeave() {
            helm.lead();
        }

        @Actor
        public void leader() {
            helm.leave();
            if (work) {
                helm.wake();
            }
        }

        @Actor
        public void application() {
            bringWork();
        }

        @Arbiter
        public void rest(L_Result r) {
            r.r1 = helm.isAdrift() ? "adrift for ever" : "called";
        }
    }

    /// Work comes while a receiver takes a loop that is adrift, and falls asleep.
    @JCStressTest
    @Outcome(
            id = {"seen", "woken"},
            expect = ACCEPTABLE)
    @State
    public static class WakeAgainstLead extends Rig {
        private boolean seen;

        public WakeAgainstLead() {
            helm.lead();
            helm.leave();
        }

        @Actor
        public void receiver() {
            if (helm.lead()) {
                seen = work;
                if (!seen) {
                    helm.fallAsleep();
                    seen = work;
                }
            }
        }

        @Actor
        public void application() {
            bringWork();
        }

        @Arbiter
        public void rest(L_Result r) {
            r.r1 =
                    !helm.isLed()
                            ? "nobody leads"
                            : seen ? "seen" : sleepEnded.get() ? "woken" : "asleep for ever";
        }
    }

    /// Two who have work: one of them wakes whoever is asleep.
    @JCStressTest
    @Outcome(id = "woken", expect = ACCEPTABLE)
    @State
    public static class WakeAgainstWake extends Rig {
        public WakeAgainstWake() {
            helm.lead();
            helm.fallAsleep();
        }

        @Actor
        public void one() {
            bringWork();
        }

        @Actor
        public void other() {
            bringWork();
        }

        @Arbiter
        public void rest(L_Result r) {
            r.r1 = sleepEnded.get() ? "woken" : "asleep for ever";
        }
    }
}
