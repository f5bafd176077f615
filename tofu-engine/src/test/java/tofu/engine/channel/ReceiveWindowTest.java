package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import tofu.api.Status;
import tofu.pool.LogChunk;
import tofu.pool.Mail;
import tofu.pool.SlotSource;

class ReceiveWindowTest {
    private final FakeOutlet outlet = new FakeOutlet();
    private final ReceiveWindow window = new ReceiveWindow(16, 1_600, outlet);

    private void deliver(int count, int length) {
        for (int i = 0; i < count; i++) {
            window.delivered(1, length);
        }
    }

    private void take(int count, int length) {
        for (int i = 0; i < count; i++) {
            window.taken(length);
        }
    }

    @Test
    void countsWhatIsDeliveredAndNotTaken() {
        assertThat(window.messagesLeft()).isEqualTo(16);
        assertThat(window.bytesLeft()).isEqualTo(1_600);

        deliver(3, 100);
        take(1, 100);

        assertThat(window.messagesLeft()).isEqualTo(14);
        assertThat(window.untaken()).isEqualTo(2);
        assertThat(window.bytesLeft()).isEqualTo(1_400);
        assertThat(window.isHeld()).isFalse();
    }

    @Test
    void tellsWhatCameAndWhatOfItWasNotTaken() {
        deliver(3, 100);
        take(1, 100);
        Tally tally = new Tally();
        window.addTo(tally);
        assertThat(tally.get(Tally.Figure.RECEIVED_MESSAGES)).isEqualTo(3);
        assertThat(tally.get(Tally.Figure.RECEIVED_BYTES)).isEqualTo(300);
        assertThat(tally.get(Tally.Figure.UNTAKEN_MESSAGES)).isEqualTo(2);
        assertThat(tally.get(Tally.Figure.UNTAKEN_BYTES)).isEqualTo(200);
    }

    @Test
    void whoCountsSeesNoMoreUntakenThanFits() throws Exception {
        ReceiveWindow narrow = new ReceiveWindow(1, 100, outlet);
        AtomicBoolean done = new AtomicBoolean();
        Crew crew = new Crew();
        crew.add(
                () -> {
                    for (int i = 0; i < 2_000_000; i++) {
                        narrow.delivered(1, 100);
                        narrow.taken(100);
                    }
                    done.set(true);
                });
        crew.add(
                () -> {
                    while (!done.get()) {
                        Tally seen = new Tally();
                        narrow.addTo(seen);
                        assertThat(seen.get(Tally.Figure.UNTAKEN_MESSAGES)).isBetween(0L, 1L);
                        assertThat(seen.get(Tally.Figure.UNTAKEN_BYTES)).isBetween(0L, 100L);
                    }
                });
        crew.work();
    }

    @Test
    void theBacklogOfAGroupIsThatOfAllItsChannels() {
        ReceiveWindow other = new ReceiveWindow(16, 1_600, outlet);
        deliver(3, 100);
        other.delivered(2, 50);
        assertThat(outlet.backlog().bytes()).isEqualTo(350);

        other.takenOfMany(20);
        other.taken(30);
        take(1, 100);

        assertThat(outlet.backlog().bytes()).isEqualTo(200);
    }

    @Test
    void isNearlyFullAtAnEighthOfEitherBound() {
        deliver(13, 16);
        assertThat(window.isNearlyFull()).isFalse();
        deliver(1, 16);
        assertThat(window.isNearlyFull()).as("two messages are left").isTrue();
        take(14, 16);
        assertThat(window.isNearlyFull()).isFalse();
        deliver(1, 1_399);
        assertThat(window.isNearlyFull()).as("201 bytes are left").isFalse();
        deliver(1, 16);
        assertThat(window.isNearlyFull()).as("185 bytes are left").isTrue();
        take(1, 15);
        assertThat(window.bytesLeft()).isEqualTo(200);
        assertThat(window.isNearlyFull()).as("200 bytes are left").isTrue();
    }

    @Test
    void aHeldWindowAsksForTheLoopOnceWhenHalfIsTaken() {
        deliver(16, 16);
        assertThat(window.hold()).isTrue();
        assertThat(window.isHeld()).isTrue();

        take(7, 16);
        assertThat(outlet.scheduled()).isZero();
        assertThat(window.isHeld()).isTrue();
        take(1, 16);
        assertThat(outlet.scheduled()).isEqualTo(1);
        assertThat(window.isHeld()).isFalse();
        take(8, 16);
        assertThat(outlet.scheduled()).isZero();
    }

    @Test
    void aHeldWindowWaitsForBytesToo() {
        deliver(10, 150);
        assertThat(window.hold()).isTrue();

        take(4, 150);
        assertThat(outlet.scheduled()).as("ten messages, 700 bytes are left").isZero();
        take(1, 150);
        assertThat(outlet.scheduled()).isEqualTo(1);
    }

    @Test
    void halfOfTheBytesIsEnough() {
        deliver(10, 160);
        assertThat(window.hold()).isTrue();
        take(5, 160);
        assertThat(outlet.scheduled()).as("800 bytes are left").isEqualTo(1);

        assertThat(window.hold()).as("as many").isFalse();
    }

    @Test
    void aPausedWindowIsClosedWhateverIsLeft() {
        assertThat(window.isPaused()).isFalse();
        window.pause(true);
        assertThat(window.isHeld()).isTrue();
        assertThat(window.isPaused()).isTrue();
        assertThat(outlet.scheduled()).isEqualTo(1);
        window.pause(true);
        assertThat(outlet.scheduled()).as("nothing new").isZero();

        window.pause(false);
        assertThat(window.isHeld()).isFalse();
        assertThat(outlet.scheduled()).isEqualTo(1);
        window.pause(false);
        assertThat(outlet.scheduled()).as("nothing new").isZero();
    }

    @Test
    void aPauseDoesNotOpenAFullWindow() {
        deliver(16, 16);
        assertThat(window.hold()).isTrue();
        window.pause(true);
        take(16, 16);
        assertThat(window.isHeld()).isTrue();
        window.pause(false);
        assertThat(window.isHeld()).isFalse();

        deliver(16, 16);
        assertThat(window.hold()).isTrue();
        window.pause(true);
        window.pause(false);
        assertThat(window.isHeld()).isTrue();
    }

    @Test
    void holdingFailsWhenTheApplicationHasTakenMeanwhile() {
        deliver(16, 16);
        take(8, 16);

        assertThat(window.hold()).isFalse();
        assertThat(window.isHeld()).isFalse();
        assertThat(outlet.scheduled()).isZero();
    }

    @Test
    void aMessageThatIsLongerThanWhatWasLeftIsCountedAllTheSame() {
        deliver(1, 1_590);
        deliver(1, 500);

        assertThat(window.bytesLeft()).isEqualTo(-490);
        assertThat(window.hold()).isTrue();
        take(2, 1_045);
        assertThat(outlet.scheduled()).isEqualTo(1);
    }

    @Test
    void whatIsTakenOfManyCountsAndOpensAWindowThatIsHeld() {
        deliver(16, 16);
        window.takenOfMany(16);
        assertThat(window.messagesLeft()).isOne();
        assertThat(window.bytesLeft()).isEqualTo(1_600 - 15 * 16);
        assertThat(window.hold()).isTrue();

        for (int i = 0; i < 7; i++) {
            window.takenOfMany(16);
        }

        assertThat(outlet.scheduled()).isOne();
        assertThat(window.isHeld()).isFalse();
    }

    @Test
    void aWindowOfOneMessageWorks() {
        ReceiveWindow single = new ReceiveWindow(1, 131_086, outlet);
        assertThat(single.isNearlyFull()).isFalse();
        single.delivered(1, 16);
        assertThat(single.isNearlyFull()).isTrue();
        assertThat(single.hold()).isTrue();

        single.taken(16);

        assertThat(outlet.scheduled()).isEqualTo(1);
        assertThat(single.isNearlyFull()).isFalse();
    }

    @Property(tries = 200)
    void whoTakesAllIsNeverLeftWaiting(
            @ForAll @IntRange(min = 1, max = 100) int maxMessages,
            @ForAll @IntRange(min = 131, max = 2_000) int maxBytes,
            @ForAll @IntRange(min = 16, max = 131) int length) {
        ReceiveWindow any = new ReceiveWindow(maxMessages, maxBytes, outlet);
        outlet.scheduled();
        int delivered = 0;
        while (!any.isNearlyFull()) {
            any.delivered(1, length);
            delivered++;
        }
        assertThat(delivered).isBetween(1, maxMessages);
        assertThat(any.hold()).isTrue();

        for (int i = 0; i < delivered; i++) {
            any.taken(length);
        }

        assertThat(outlet.scheduled()).isEqualTo(1);
        assertThat(any.isNearlyFull()).isFalse();
    }

    /// A loop that waits for [Outlet#schedule()], as the real one does.
    private static final class Loop implements Outlet {
        private final Backlog backlog = new Backlog();

        final Semaphore scheduled = new Semaphore(0);

        @Override
        public void deliver(Mail mail) {
            throw new AssertionError("a window delivers nothing");
        }

        @Override
        public Backlog backlog() {
            return backlog;
        }

        @Override
        public void arrive(LogChunk chunk, SlotSource onTaken) {
            throw new AssertionError("a window delivers nothing");
        }

        @Override
        public void signal(Status status, long id, SlotSource onTaken) {
            throw new AssertionError("a window tells nothing");
        }

        @Override
        public void post() {
            throw new AssertionError("a window sends nothing");
        }

        @Override
        public void schedule() {
            scheduled.release();
        }
    }

    @Test
    void holdingAndTakingAtTheSameTimeNeverGetStuck() throws Exception {
        int rounds = 100_000;
        Loop loop = new Loop();
        ReceiveWindow shared = new ReceiveWindow(8, 1_600, loop);
        AtomicInteger inbox = new AtomicInteger();
        Crew crew = new Crew();
        crew.add(
                () -> {
                    for (int i = 0; i < rounds; i++) {
                        while (shared.isNearlyFull() && shared.hold()) {
                            assertThat(loop.scheduled.tryAcquire(20, TimeUnit.SECONDS))
                                    .as("woken after message " + i)
                                    .isTrue();
                        }
                        shared.delivered(1, 16 + i % 100);
                        inbox.incrementAndGet();
                    }
                });
        crew.add(
                () -> {
                    for (int i = 0; i < rounds; i++) {
                        while (inbox.get() == 0) {
                            Thread.onSpinWait();
                        }
                        boolean othersFollow = inbox.decrementAndGet() > 0;
                        if (othersFollow) {
                            shared.takenOfMany(16 + i % 100);
                        } else {
                            shared.taken(16 + i % 100);
                        }
                    }
                });
        crew.work();

        assertThat(shared.messagesLeft()).isEqualTo(8);
        assertThat(shared.bytesLeft()).isEqualTo(1_600);
    }
}
