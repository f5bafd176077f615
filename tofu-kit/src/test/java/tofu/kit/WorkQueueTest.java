package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Channel;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;

/// What [WorkQueueProperties] does not see: workers that are gone before the queue knows it, want
/// of memory, and the end of the queue.
@Timeout(60)
class WorkQueueTest {
    private static final int DELIVERIES = 2;

    /// Two of them are as many bytes as one peer may put.
    private static final int BIG = 65_000;

    private final AtomicBoolean none = new AtomicBoolean();
    private final List<Long> givenUp = new ArrayList<>();

    /// The near side's number by that of the far side, in the order in which they came.
    private final Map<Integer, Integer> near = new TreeMap<>();

    /// What sessions do besides.
    private Session others = message -> {};

    private Rig rig;
    private WorkQueue queue;
    private Address.Client address;
    private int lastNear;

    @BeforeEach
    void open() throws InterruptedException {
        rig = new Rig(Options.builder().maxPoolBytes(4 << 20).build(), Proxies.shortOfMemory(none));
        queue =
                new WorkQueue(
                        rig.dispatcher,
                        WorkQueue.Settings.builder()
                                .patience(Duration.ofHours(1))
                                .deliveries(DELIVERIES)
                                .build(),
                        (number, job) -> givenUp.add(number));
        Server server =
                Server.builder(rig.dispatcher)
                        .listenOn(Rig.fresh())
                        .sessions(
                                (peer, hello) -> {
                                    lastNear = peer.channel();
                                    return queue.session(peer, others);
                                })
                        .start();
        address = rig.address(server);
    }

    @AfterEach
    void close() {
        none.set(false);
        rig.close();
    }

    private int worker() throws InterruptedException {
        int worker = rig.farConnect(address);
        near.put(worker, lastNear);
        return worker;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// Asks for a job, and sees to it that the queue knows it.
    private void waitForJob(int worker) throws InterruptedException {
        rig.farAsk(worker, WorkQueue.TAKE, "3600000", "");
        long id = rig.farAsk(worker, WorkQueue.DONE, "no number", "");
        try (Message answer = rig.farNext(OpCode.RESPONSE, worker)) {
            assertThat(answer.id()).isEqualTo(id);
        }
    }

    private void assertGets(int worker, String job, int delivery) throws InterruptedException {
        try (Message given = rig.farNext(OpCode.RESPONSE, worker)) {
            assertThat(given.body().text()).isEqualTo(job);
            assertThat(given.headers().first(WorkQueue.DELIVERY))
                    .isEqualTo(Integer.toString(delivery));
        }
    }

    /// Ends a worker's channel; the queue does not hear of it yet.
    private void goUnseen(int worker) throws InterruptedException {
        int number = Objects.requireNonNull(near.get(worker));
        Channel channel = Objects.requireNonNull(rig.dispatcher.group().channel(number));
        rig.farSend(OpCode.BYE_SIGNAL, worker, 1, "");
        Patience patience = new Patience();
        long start = System.nanoTime();
        while (channel.state() != Channel.State.CLOSED) {
            Thread.onSpinWait();
            patience.check(start, "end of a worker");
        }
    }

    @Test
    void whoIsGoneIsGivenNothing() throws Exception {
        int holder = worker();
        int waiting = worker();
        int third = worker();
        queue.offer(bytes("job"));
        rig.farAsk(holder, WorkQueue.TAKE, "0", "");
        assertGets(holder, "job", 1);
        waitForJob(waiting);
        waitForJob(third);
        goUnseen(holder);
        goUnseen(waiting);
        assertGets(third, "job", 2);
        assertThat(givenUp).isEmpty();
        assertThat(queue.deliveries()).isEqualTo(2);
    }

    /// What a peer has put counts for the whole queue only, once it has gone.
    @Test
    void aPeerThatIsGoneLeavesItsJobsAndItsNextSessionMayPutAsMany() throws Exception {
        queue = bounded(Options.MAX_MESSAGE_BYTES * 3L);
        int putter = worker();
        assertThat(put(putter)).isEmpty();
        assertThat(put(putter)).isEmpty();
        assertThat(put(putter)).contains("no more than 131086 bytes of jobs put by one peer");
        assertThat(put(worker())).isEmpty();
        assertThat(queue.offer(new byte[BIG])).as("nobody's").isTrue();
        rig.farSend(OpCode.BYE_SIGNAL, putter, 1, "");
        rig.farEnd(putter);
        putter = worker();
        assertThat(put(putter)).isEmpty();
        assertThat(queue.jobs()).isEqualTo(5);
        assertThat(queue.jobBytes()).isEqualTo(5 * (16 + BIG));
        assertThat(put(putter)).isEmpty();
        assertThat(put(worker())).contains("no more than 393258 bytes of jobs in the queue");
        assertThat(queue.offer(new byte[BIG])).isFalse();
        assertThat(queue.offer(new byte[16])).isTrue();
    }

    @Test
    void aJobThatIsDoneMakesRoomForItsPutter() throws Exception {
        queue = bounded(Options.MAX_MESSAGE_BYTES * 2L);
        int putter = worker();
        assertThat(put(putter)).isEmpty();
        assertThat(put(putter)).isEmpty();
        int holder = worker();
        rig.farAsk(holder, WorkQueue.TAKE, "0", "");
        rig.farNext(OpCode.RESPONSE, holder).close();
        assertThat(put(putter)).as("in hand is not done").isNotEmpty();
        rig.farAsk(holder, WorkQueue.DONE, "1", "");
        rig.farNext(OpCode.RESPONSE, holder).close();
        assertThat(put(putter)).isEmpty();
    }

    @Test
    void aJobThatIsGivenUpMakesRoomForItsPutter() throws Exception {
        queue = bounded(Options.MAX_MESSAGE_BYTES * 2L);
        int putter = worker();
        assertThat(put(putter)).isEmpty();
        assertThat(put(putter)).isEmpty();
        for (int delivery = 1; delivery <= DELIVERIES; delivery++) {
            assertThat(put(putter)).isNotEmpty();
            int holder = worker();
            rig.farAsk(holder, WorkQueue.TAKE, "0", "");
            rig.farNext(OpCode.RESPONSE, holder).close();
            rig.farSend(OpCode.BYE_SIGNAL, holder, 1, "");
            int number = Objects.requireNonNull(near.get(holder));
            rig.until("gone", () -> rig.dispatcher.group().channel(number) == null);
        }
        rig.until("given up", () -> !givenUp.isEmpty());
        assertThat(put(putter)).isEmpty();
    }

    private WorkQueue bounded(long jobBytes) {
        return new WorkQueue(
                rig.dispatcher,
                WorkQueue.Settings.builder()
                        .jobBytes(jobBytes)
                        .putBytesPerPeer(Options.MAX_MESSAGE_BYTES)
                        .patience(Duration.ofHours(1))
                        .deliveries(DELIVERIES)
                        .build(),
                (number, job) -> givenUp.add(number));
    }

    /// Puts a big job.
    ///
    /// @return why it was refused; empty if it was not
    private Optional<String> put(int peer) throws InterruptedException {
        rig.farAsk(peer, WorkQueue.PUT, "x", "x".repeat(BIG));
        try (Message answer = rig.farNext(OpCode.RESPONSE, peer)) {
            return Optional.ofNullable(answer.headers().first(WorkQueue.REFUSED));
        }
    }

    @Test
    void theEndOfTheDispatcherGivesNothingUp() throws Exception {
        int holder = worker();
        int waiting = worker();
        queue.offer(bytes("job"));
        rig.farAsk(holder, WorkQueue.TAKE, "0", "");
        assertGets(holder, "job", 1);
        waitForJob(waiting);
        rig.dispatcher.close();
        assertThat(givenUp).isEmpty();
        assertThat(queue.deliveries()).isEqualTo(1);
        assertThat(rig.failures).isEmpty();
    }

    @Test
    void aJobThatThereIsNoMemoryToGiveWaitsAndSoDoesItsWorker() throws Exception {
        int worker = worker();
        waitForJob(worker);
        List<Message> hoard = new ArrayList<>();
        hoardAll(hoard);
        queue.offer(bytes("job"));
        rig.dispatcher.turn(0);
        assertThat(queue.deliveries()).isZero();
        hoard.forEach(Message::close);
        rig.advance(Duration.ofSeconds(1));
        assertGets(worker, "job", 1);
        assertThat(rig.failures).isEmpty();
    }

    @Test
    void whoCannotBeToldThatThereIsNoJobIsToldLater() throws Exception {
        int worker = worker();
        rig.farAsk(worker, WorkQueue.TAKE, "1000", "");
        long id = rig.farAsk(worker, WorkQueue.DONE, "no number", "");
        try (Message answer = rig.farNext(OpCode.RESPONSE, worker)) {
            assertThat(answer.id()).isEqualTo(id);
        }
        none.set(true);
        rig.advance(Duration.ofSeconds(1));
        none.set(false);
        rig.advance(Duration.ofSeconds(1));
        assertAnswer(worker, WorkQueue.NONE);
        assertThat(rig.failures).isEmpty();
    }

    private void assertAnswer(int worker, String header) throws InterruptedException {
        try (Message answer = rig.farNext(OpCode.RESPONSE, worker)) {
            assertThat(answer.headers().first(header)).isNotNull();
        }
    }

    @Test
    void aQueueThatIsClosedTellsOfWhatIsInNobodysHands() throws Exception {
        int waiting = worker();
        waitForJob(waiting);
        waitForJob(waiting);
        queue.offer(bytes("one"));
        assertGets(waiting, "one", 1);
        int holder = worker();
        queue.offer(bytes("two"));
        assertGets(waiting, "two", 1);
        waitForJob(holder);
        queue.close();
        rig.dispatcher.turn(0);
        rig.dispatcher.turn(0);
        assertAnswer(holder, WorkQueue.REFUSED);
        assertThat(givenUp).isEmpty();

        rig.farAsk(waiting, WorkQueue.DONE, "1", "");
        try (Message answer = rig.farNext(OpCode.RESPONSE, waiting)) {
            assertThat(answer.headers().first(WorkQueue.REFUSED)).isNull();
        }
        assertThat(queue.done()).isEqualTo(1);
        rig.farSend(OpCode.BYE_SIGNAL, waiting, 1, "");
        rig.until("given up", () -> !givenUp.isEmpty());
        assertThat(givenUp).containsExactly(2L);
        assertThat(queue.jobs()).isZero();
        assertThat(rig.failures).isEmpty();
    }

    @Test
    void aQueueThatIsClosedTakesNothingAnyMore() throws Exception {
        queue.offer(bytes("one"));
        queue.offer(bytes("two"));
        queue.close();
        assertThatThrownBy(() -> queue.offer(bytes("three")))
                .isInstanceOfSatisfying(
                        AmpeException.class,
                        e -> assertThat(e.status()).isEqualTo(Status.SHUTDOWN_STARTED));
        int worker = worker();
        assertThat(givenUp).containsExactly(1L, 2L);
        rig.farAsk(worker, WorkQueue.PUT, "x", "four");
        assertAnswer(worker, WorkQueue.REFUSED);
        rig.farAsk(worker, WorkQueue.TAKE, "0", "");
        assertAnswer(worker, WorkQueue.REFUSED);
        assertThat(queue.jobs()).isZero();
        queue.close();
        rig.dispatcher.close();
        queue.close();
        assertThat(givenUp).hasSize(2);
        assertThat(rig.failures).isEmpty();
    }

    @Test
    void aQueueIsClosedThoughThereIsTooMuchToDo() throws Exception {
        queue.offer(bytes("job"));
        rig.dispatcher.turn(0);
        boolean room = true;
        while (room) {
            try {
                rig.dispatcher.execute(() -> {});
            } catch (RejectedExecutionException e) {
                room = false;
            }
        }
        queue.close();
        rig.dispatcher.turn(0);
        assertThat(givenUp).containsExactly(1L);
    }

    @Test
    void aQueueThatIsClosedLeavesItsTimersToOthers() throws Exception {
        waitForJob(worker());
        rig.fillTimers();
        queue.close();
        rig.dispatcher.turn(0);
        rig.dispatcher.turn(0);
        assertThat(rig.fillTimers()).as("the queue's, and of who has waited").hasSize(2);
    }

    private void hoardAll(List<Message> hoard) {
        try {
            while (true) {
                hoard.add(rig.message());
            }
        } catch (AmpeException e) {
            assertThat(e.status()).isEqualTo(Status.ALLOCATION_FAILED);
        }
    }

    @Test
    void whatElseASessionThrowsAtItsEndHoldsUpNoJob() throws Exception {
        others =
                new Session() {
                    @Override
                    public void onMessage(Message message) {}

                    @Override
                    public void onEnd(Status reason) {
                        throw new IllegalStateException("bad end");
                    }
                };
        int holder = worker();
        int waiting = worker();
        queue.offer(bytes("job"));
        rig.farAsk(holder, WorkQueue.TAKE, "0", "");
        assertGets(holder, "job", 1);
        waitForJob(waiting);
        rig.farSend(OpCode.BYE_SIGNAL, holder, 1, "");
        assertGets(waiting, "job", 2);
        assertThat(rig.failures).singleElement().asString().contains("bad end");
    }
}
