package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.ChannelGroup;
import tofu.api.Options;
import tofu.api.Status;

/// A loop fails, and while it does so whatever it calls fails, too, once or for a while: still
/// everybody is told, everything is closed, and closing returns.
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class FailingUnderErrorsTest {
    private static final Options OPTIONS =
            EngineRig.options()
                    .loops(2)
                    .sendQueueMessages(4)
                    .directFlush(false)
                    .leader(false)
                    .build();

    private final QuietLog log = new QuietLog();

    @AfterEach
    void logAgain() {
        log.close();
    }

    enum Kind {
        NO_MEMORY(() -> new OutOfMemoryError("planted")),
        NO_STACK(() -> new StackOverflowError("planted")),
        NO_CLASS(() -> new NoClassDefFoundError("planted")),
        BUG(() -> new IllegalStateException("planted"));

        private final Supplier<Throwable> maker;

        Kind(Supplier<Throwable> maker) {
            this.maker = maker;
        }

        private void raise() {
            switch (maker.get()) {
                case Error error -> throw error;
                case RuntimeException bug -> throw bug;
                default -> throw new AssertionError();
            }
        }
    }

    /// Makes calls of the loops fail: from one of them on, several.
    private static final class Saboteur {
        private final Kind kind;
        private final int first;
        private final int count;
        private final AtomicInteger calls = new AtomicInteger();

        Saboteur(Kind kind, int first, int count) {
            this.kind = kind;
            this.first = first;
            this.count = count;
        }

        void onCall() {
            if (Thread.currentThread().getName().contains("-loop-")) {
                int call = calls.getAndIncrement();
                if (call >= first && call < first + count) {
                    kind.raise();
                }
            }
        }

        boolean hasActed() {
            return calls.get() > first;
        }
    }

    /// Lets a loop fail among waiters of all kinds.
    ///
    /// @return whether the saboteur had anything to do
    private static boolean fail(Saboteur saboteur) throws Exception {
        ThreadedRig rig = new ThreadedRig(OPTIONS);
        List<FutureTask<Status>> waiters = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ChannelGroup group = rig.engine.create();
            int channel = rig.dialSilent(group);
            rig.fill(group, channel);
            waiters.add(LoopFailureTest.start(LoopFailureTest.receiver(group)));
            waiters.add(LoopFailureTest.start(LoopFailureTest.sender(rig.engine, group, channel)));
        }
        for (FakeNet net : rig.nets) {
            net.beforeCall = saboteur::onCall;
        }
        rig.net().pollFailure = new IllegalStateException("planted on the loop");
        rig.net().wakeup();

        for (FutureTask<Status> waiter : waiters) {
            assertThat(LoopFailureTest.result(waiter)).isEqualTo(Status.PROCESSING_FAILED);
        }
        assertThat(ThreadedRig.statusOf(rig.engine::create)).isEqualTo(Status.PROCESSING_FAILED);
        Thread closer = Thread.ofPlatform().daemon().start(rig.engine::close);
        assertThat(closer.join(Duration.ofSeconds(20))).as("closed").isTrue();
        rig.awaitEnd();
        return saboteur.hasActed();
    }

    @ParameterizedTest
    @EnumSource
    void aFailureOfAnyCallWhileFailingKeepsNobodyWaiting(Kind kind) throws Exception {
        int first = 0;
        while (fail(new Saboteur(kind, first, 1))) {
            first++;
        }
        assertThat(first).as("calls that failed").isGreaterThan(3);
    }

    @ParameterizedTest
    @EnumSource
    void failuresOfManyCallsWhileFailingKeepNobodyWaiting(Kind kind) throws Exception {
        assertThat(fail(new Saboteur(kind, 0, 10))).isTrue();
    }
}
