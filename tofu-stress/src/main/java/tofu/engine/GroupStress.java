package tofu.engine;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.pool.LongSleep;
import tofu.pool.SlabMessage;
import tofu.pool.StressPools;

/// [EngineGroup]: an update reaches the receiver, or stays the caller's; there is no third case.
public final class GroupStress {
    private GroupStress() {}

    private static EngineGroup group() {
        return new EngineGroup(StressEngine.ENGINE, 1);
    }

    private static SlabMessage message() {
        return StressPools.get(StressEngine.ENGINE.pool());
    }

    private static String receive(EngineGroup group) {
        try (Message message = group.waitReceiveNanos(LongSleep.NANOS)) {
            return message == null ? "nothing" : message.status() + " " + message.id();
        } catch (AmpeException e) {
            return e.status().toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    /// Updates the receiver, who may be gone.
    ///
    /// @return what became of the message
    private static String update(EngineGroup group, SlabMessage message) {
        try {
            group.updateReceiver(message);
            return message.isEmptied() ? "moved" : "accepted, but still ours";
        } catch (AmpeException e) {
            String ours = message.isEmptied() ? " and gone" : " and ours";
            message.close();
            return e.status() + ours;
        }
    }

    /// An update comes while the receiver begins to wait.
    @JCStressTest
    @Outcome(id = "RECEIVER_UPDATE 7, moved", expect = ACCEPTABLE)
    @State
    public static class UpdateAgainstReceive {
        private final EngineGroup group = group();
        private final SlabMessage message = message();

        @Actor
        public void receiver(LL_Result r) {
            r.r1 = receive(group);
        }

        @Actor
        public void application(LL_Result r) {
            message.id(7);
            r.r2 = update(group, message);
        }
    }

    /// An update against the end of the group.
    @JCStressTest
    @Outcome(id = "moved, updates again: SHUTDOWN_STARTED and ours", expect = ACCEPTABLE)
    @Outcome(
            id = "SHUTDOWN_STARTED and ours, updates again: SHUTDOWN_STARTED and ours",
            expect = ACCEPTABLE)
    @State
    public static class UpdateAgainstEnd {
        private final EngineGroup group = group();
        private final SlabMessage message = message();

        @Actor
        public void application(LL_Result r) {
            r.r1 = update(group, message);
        }

        @Actor
        public void closer() {
            group.startEnding();
            group.end();
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r2 = "updates again: " + update(group, message());
        }
    }

    /// The group ends while its receiver begins to wait.
    @JCStressTest
    @Outcome(id = "SHUTDOWN_STARTED, 0", expect = ACCEPTABLE)
    @State
    public static class ReceiveAgainstEnd {
        private final EngineGroup group = group();

        @Actor
        public void receiver(LL_Result r) {
            r.r1 = receive(group);
        }

        @Actor
        public void closer() {
            group.startEnding();
            group.end();
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r2 = group.ended().getCount();
        }
    }

    /// Two threads end a group: one of them does it, both find it ended.
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE)
    @Outcome(id = "false, true", expect = ACCEPTABLE)
    @State
    public static class EndAgainstEnd {
        private final EngineGroup group = group();

        @Actor
        public void closer(LL_Result r) {
            r.r1 = group.startEnding();
        }

        @Actor
        public void other(LL_Result r) {
            r.r2 = group.startEnding();
        }
    }
}
