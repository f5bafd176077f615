package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import tofu.api.Address;
import tofu.api.BinaryHeader;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;

/// Peers that bring, take and finish jobs, their own and others', and go, in any order: every job
/// is where a small model says, none is lost, and no bound is passed.
class WorkQueueProperties {
    private static final int PEERS = 3;
    private static final int JOBS = 4;

    /// Three long ones and a short one.
    private static final long JOB_BYTES = 151_000;

    private static final int PUT_PER_PEER = 3;

    /// Two long ones and a short one.
    private static final long PUT_BYTES_PER_PEER = Options.MAX_MESSAGE_BYTES;

    private static final int LONG = 50_000;
    private static final int JOBS_PER_PEER = 2;
    private static final int DELIVERIES = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// What happens next.
    sealed interface Step {
        record Put(int peer, boolean isLong) implements Step {}

        /// The server brings a job itself.
        record Offer(boolean isLong) implements Step {}

        /// Asks for a job, and waits so long for it.
        record Take(int peer, int seconds) implements Step {}

        /// Says that the n-th job that was ever given is done; it may be another's, or done.
        record Done(int peer, int nth) implements Step {}

        /// The peer goes, and another one comes.
        record Replace(int peer) implements Step {}

        record Pass(int seconds) implements Step {}
    }

    @Provide
    Arbitrary<Step> steps() {
        Arbitrary<Integer> peer = Arbitraries.integers().between(0, PEERS - 1);
        Arbitrary<Integer> nth = Arbitraries.integers().between(0, 9);
        Arbitrary<Boolean> isLong = Arbitraries.of(true, false);
        return Arbitraries.frequencyOf(
                Tuple.of(6, Combinators.combine(peer, isLong).as(Step.Put::new)),
                Tuple.of(2, isLong.map(Step.Offer::new)),
                Tuple.of(
                        6,
                        Combinators.combine(peer, Arbitraries.of(0, 5, 3_600, 1_000_000))
                                .as(Step.Take::new)),
                Tuple.of(4, Combinators.combine(peer, nth).as(Step.Done::new)),
                Tuple.of(2, peer.map(Step.Replace::new)),
                Tuple.of(2, Arbitraries.integers().between(1, 12).map(Step.Pass::new)));
    }

    @Property(tries = 60)
    void everyJobIsWhereTheModelSays(@ForAll List<@From("steps") Step> steps) throws Exception {
        try (Run run = new Run()) {
            for (Step step : steps) {
                run.take(step);
                run.check();
            }
        }
    }

    /// A job as the model has it.
    private static final class Job {
        private final int number;
        private final String body;

        /// Who has put it; -1 if nobody has who is still there.
        private int putter;

        private int deliveries;
        private int holder = -1;
        private long deadline;

        /// In the order of all timers.
        private int timer;

        Job(int number, boolean isLong, int putter) {
            this.number = number;
            this.body = "job " + number + (isLong ? "x".repeat(LONG) : "");
            this.putter = putter;
        }

        long bytes() {
            return BinaryHeader.LENGTH + body.length();
        }
    }

    private record Wish(int peer, long id, long deadline, int timer) {}

    private static final class Run implements AutoCloseable {
        private final Rig rig = new Rig();
        private final WorkQueue queue;
        private final Address.Client address;
        private final int[] channels = new int[PEERS];
        private final List<String> givenUp = new ArrayList<>();

        private final SortedMap<Integer, Job> open = new TreeMap<>();
        private final Deque<Wish> wishes = new ArrayDeque<>();
        private final Map<Long, Job> given = new LinkedHashMap<>();
        private final List<String> modelGivenUp = new ArrayList<>();
        private long nowSeconds;
        private int made;
        private int timers;
        private long done;

        Run() throws InterruptedException {
            queue =
                    new WorkQueue(
                            rig.dispatcher,
                            WorkQueue.Settings.builder()
                                    .jobs(JOBS)
                                    .jobBytes(JOB_BYTES)
                                    .putPerPeer(PUT_PER_PEER)
                                    .putBytesPerPeer(PUT_BYTES_PER_PEER)
                                    .jobsPerPeer(JOBS_PER_PEER)
                                    .patience(PATIENCE)
                                    .deliveries(DELIVERIES)
                                    .build(),
                            (number, job) -> givenUp.add(new String(job, StandardCharsets.UTF_8)));
            Server server =
                    Server.builder(rig.dispatcher)
                            .listenOn(Rig.fresh())
                            .sessions((peer, hello) -> queue.session(peer))
                            .start();
            address = rig.address(server);
            for (int i = 0; i < PEERS; i++) {
                channels[i] = rig.farConnect(address);
            }
        }

        void take(Step step) throws InterruptedException {
            switch (step) {
                case Step.Put put -> put(put.peer(), put.isLong());
                case Step.Offer offer -> offer(offer.isLong());
                case Step.Take take -> wish(take.peer(), take.seconds());
                case Step.Done finish -> finish(finish.peer(), finish.nth());
                case Step.Replace replace -> replace(replace.peer());
                case Step.Pass pass -> pass(pass.seconds());
            }
        }

        private List<Job> jobs() {
            List<Job> jobs = new ArrayList<>(open.values());
            given.values().stream().filter(job -> job.holder >= 0).forEach(jobs::add);
            return jobs;
        }

        private static long bytes(List<Job> jobs) {
            return jobs.stream().mapToLong(Job::bytes).sum();
        }

        /// Which bound leaves no room for one more job beside others.
        private static String lack(Job job, List<Job> others, int most, long bytes, String what) {
            if (others.size() >= most) {
                return "no more than " + most + " " + what;
            }
            boolean room = bytes(others) + job.bytes() <= bytes;
            return room ? "" : "no more than " + bytes + " bytes of " + what;
        }

        private String lack(Job job) {
            return lack(job, jobs(), JOBS, JOB_BYTES, "jobs in the queue");
        }

        private void put(int peer, boolean isLong) throws InterruptedException {
            Job job = new Job(++made, isLong, peer);
            List<Job> own = jobs().stream().filter(each -> each.putter == peer).toList();
            String of = "jobs put by one peer";
            String lack = lack(job, own, PUT_PER_PEER, PUT_BYTES_PER_PEER, of);
            lack = lack.isEmpty() ? lack(job) : lack;
            long id = rig.farAsk(channels[peer], WorkQueue.PUT, "x", job.body);
            try (Message answer = rig.farNext(OpCode.RESPONSE, channels[peer])) {
                assertThat(answer.id()).isEqualTo(id);
                String refusal = answer.headers().first(WorkQueue.REFUSED);
                assertThat(Objects.requireNonNullElse(refusal, "")).isEqualTo(lack);
            }
            if (lack.isEmpty()) {
                open.put(job.number, job);
                handOut();
            }
        }

        private void offer(boolean isLong) throws InterruptedException {
            Job job = new Job(++made, isLong, -1);
            boolean room = lack(job).isEmpty();
            assertThat(queue.offer(job.body.getBytes(StandardCharsets.UTF_8))).isEqualTo(room);
            rig.dispatcher.turn(0);
            if (room) {
                open.put(job.number, job);
                handOut();
            }
        }

        private void wish(int peer, int seconds) throws InterruptedException {
            long waits = wishes.stream().filter(wish -> wish.peer() == peer).count();
            long holds = given.values().stream().filter(job -> job.holder == peer).count();
            long id = rig.farAsk(channels[peer], WorkQueue.TAKE, seconds + "000", "");
            if (waits + holds >= JOBS_PER_PEER) {
                expectAnswer(peer, id, false);
            } else {
                settle(peer);
                int longest = Math.min(seconds, 3_600);
                wishes.add(new Wish(peer, id, nowSeconds + longest, ++timers));
                handOut();
                if (seconds == 0) {
                    pass(0);
                }
            }
        }

        /// Each job that meets a wish arrives at that peer.
        private void handOut() throws InterruptedException {
            while (!open.isEmpty() && !wishes.isEmpty()) {
                Job job = Objects.requireNonNull(open.remove(open.firstKey()));
                Wish wish = wishes.remove();
                job.deliveries++;
                job.holder = wish.peer();
                job.timer = ++timers;
                job.deadline = nowSeconds + PATIENCE.toSeconds();
                try (Message response = rig.farNext(OpCode.RESPONSE, channels[wish.peer()])) {
                    assertThat(response.id()).isEqualTo(wish.id());
                    assertThat(response.body().text()).isEqualTo(job.body);
                    assertThat(response.headers().first(WorkQueue.DELIVERY))
                            .isEqualTo(Integer.toString(job.deliveries));
                    given.put(Long.parseLong(response.headers().first(WorkQueue.JOB)), job);
                }
            }
        }

        private void finish(int peer, int nth) throws InterruptedException {
            List<Long> numbers = List.copyOf(given.keySet());
            long number = numbers.isEmpty() ? 77 : numbers.get(nth % numbers.size());
            Job job = given.get(number);
            boolean mine = job != null && job.holder == peer;
            String text = Long.toString(number);
            long id = rig.farAsk(channels[peer], WorkQueue.DONE, text, "");
            expectAnswer(peer, id, mine);
            if (mine) {
                Objects.requireNonNull(job).holder = -1;
                done++;
            }
        }

        private void replace(int peer) throws InterruptedException {
            ChannelGroup near = rig.dispatcher.group();
            int before = near.channels().size();
            rig.farSend(OpCode.BYE_REQUEST, channels[peer], 1, "");
            rig.farEnd(channels[peer]);
            channels[peer] = rig.farConnect(address);
            // The far side knows of both before the near side has to know of the end.
            rig.until("the old channel is gone", () -> near.channels().size() == before);
            wishes.removeIf(wish -> wish.peer() == peer);
            jobs().stream().filter(job -> job.putter == peer).forEach(job -> job.putter = -1);
            List<Job> abandoned =
                    given.values().stream().filter(job -> job.holder == peer).toList();
            abandoned.forEach(job -> job.holder = -1);
            takeBack(abandoned);
        }

        private void pass(int seconds) throws InterruptedException {
            nowSeconds += seconds;
            rig.advance(Duration.ofSeconds(seconds));
            runTimers();
        }

        /// What is due, one by one, in order of time.
        private void runTimers() throws InterruptedException {
            Optional<Job> job =
                    given.values().stream()
                            .filter(each -> each.holder >= 0 && each.deadline <= nowSeconds)
                            .min(Comparator.comparing(each -> at(each.deadline, each.timer)));
            Optional<Wish> wish =
                    wishes.stream()
                            .filter(each -> each.deadline() <= nowSeconds)
                            .min(Comparator.comparing(each -> at(each.deadline(), each.timer())));
            long ofJob = job.map(each -> at(each.deadline, each.timer)).orElse(Long.MAX_VALUE);
            long ofWish =
                    wish.map(each -> at(each.deadline(), each.timer())).orElse(Long.MAX_VALUE);
            if (ofJob < ofWish) {
                job.orElseThrow().holder = -1;
                takeBack(List.of(job.orElseThrow()));
                runTimers();
            } else if (wish.isPresent()) {
                wishes.remove(wish.get());
                try (Message none = rig.farNext(OpCode.RESPONSE, channels[wish.get().peer()])) {
                    assertThat(none.id()).isEqualTo(wish.get().id());
                    assertThat(none.headers().first(WorkQueue.NONE)).isNotNull();
                }
                runTimers();
            }
        }

        private static long at(long seconds, int timer) {
            return (seconds << 32) + timer;
        }

        private void takeBack(List<Job> jobs) throws InterruptedException {
            for (Job job : jobs) {
                if (job.deliveries < DELIVERIES) {
                    open.put(job.number, job);
                } else {
                    modelGivenUp.add(job.body);
                }
            }
            handOut();
        }

        private void settle(int peer) throws InterruptedException {
            // A number that no job has: its answer comes behind all else.
            long id = rig.farAsk(channels[peer], WorkQueue.DONE, "nothing", "");
            boolean seen = false;
            List<Message> others = new ArrayList<>();
            while (!seen) {
                Message answer = rig.farNext(OpCode.RESPONSE, channels[peer]);
                seen = answer.id() == id;
                if (seen) {
                    answer.close();
                } else {
                    others.add(answer);
                }
            }
            rig.farBack(others);
        }

        private void expectAnswer(int peer, long id, boolean taken) throws InterruptedException {
            try (Message answer = rig.farNext(OpCode.RESPONSE, channels[peer])) {
                assertThat(answer.id()).isEqualTo(id);
                assertThat(answer.headers().first(WorkQueue.REFUSED) == null).isEqualTo(taken);
            }
        }

        void check() {
            assertThat(queue.jobs()).isEqualTo(jobs().size());
            assertThat(queue.jobBytes()).isEqualTo(bytes(jobs()));
            assertThat(queue.done()).isEqualTo(done);
            assertThat(givenUp).containsExactlyInAnyOrderElementsOf(modelGivenUp);
            assertThat(rig.failures).isEmpty();
        }

        @Override
        public void close() {
            rig.close();
        }
    }
}
