package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.AmpeException;
import tofu.api.Channel;
import tofu.api.Message;
import tofu.api.OpCode;

@Timeout(60)
class HeartbeatTest {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final AtomicBoolean none = new AtomicBoolean();
    private Rig rig;
    private int channel;
    private int farChannel;
    private boolean ended;
    private int signals;
    private int answers;

    @BeforeEach
    void open() throws InterruptedException {
        rig = new Rig(Proxies.refusing(none));
        channel = rig.connect();
        farChannel = rig.farNumber(channel);
        rig.dispatcher.on(
                channel,
                message -> {
                    ended |= message.endsChannel();
                    signals += message.opCode() == OpCode.SIGNAL && !ended ? 1 : 0;
                    answers += message.opCode() == OpCode.RESPONSE ? 1 : 0;
                    assertThat(message.opCode()).isNotEqualTo(OpCode.REQUEST);
                });
    }

    @AfterEach
    void close() {
        assertThat(rig.failures).isEmpty();
        rig.close();
    }

    private void farSignal() throws InterruptedException {
        int before = signals;
        rig.farSend(OpCode.SIGNAL, farChannel, 1, "");
        rig.until("signal", () -> signals > before);
    }

    private boolean farGotABeat() throws InterruptedException {
        rig.dispatcher.turn(0);
        // What is sent now comes behind a beat, if there is one.
        try (Message mark = rig.message()) {
            rig.dispatcher.send(mark.opCode(OpCode.SIGNAL).channel(channel));
        }
        try (Message first = rig.farNext()) {
            if (first.opCode() == OpCode.SIGNAL) {
                return false;
            }
            assertThat(first.opCode()).isEqualTo(OpCode.REQUEST);
            assertThat(first.headers().first(Heartbeat.BEAT)).isNotNull();
        }
        rig.farNext(OpCode.SIGNAL).close();
        return true;
    }

    private void assertIsAskedOnceMoreAndCut(Heartbeat heartbeat) throws InterruptedException {
        assertThat(farGotABeat()).isTrue();
        assertThat(ended).isFalse();
        rig.advance(INTERVAL);
        rig.until("end", () -> ended);
        assertThat(heartbeat.dead()).isEqualTo(1);
    }

    @Test
    void aSilentPeerIsAskedAndThenCut() throws Exception {
        Heartbeat heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, 3);
        heartbeat.watch(channel);
        rig.advance(INTERVAL); // the hello was a sign of life
        assertThat(farGotABeat()).isFalse();
        rig.advance(INTERVAL);
        assertThat(farGotABeat()).isTrue();
        rig.advance(INTERVAL);
        assertIsAskedOnceMoreAndCut(heartbeat);
    }

    @Test
    void aPeerThatAnswersLives() throws Exception {
        Heartbeat heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, 2);
        heartbeat.watch(channel);
        rig.advance(INTERVAL);
        for (int i = 0; i < 5; i++) {
            rig.advance(INTERVAL);
            try (Message beat = rig.farNext(OpCode.REQUEST)) {
                rig.far.enqueueToPeer(beat.opCode(OpCode.RESPONSE)); // as any server does
            }
            farSignal();
            rig.advance(INTERVAL);
        }
        assertThat(ended).isFalse();
        assertThat(heartbeat.dead()).isZero();
    }

    /// Want of memory here says nothing of the peer.
    @Test
    void whoCouldNotBeAskedIsNotDead() throws Exception {
        Heartbeat heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, 3);
        heartbeat.watch(channel);
        rig.advance(INTERVAL);
        rig.advance(INTERVAL);
        assertThat(farGotABeat()).isTrue();
        none.set(true);
        for (int i = 0; i < 4; i++) {
            rig.advance(INTERVAL);
        }
        none.set(false);
        assertThat(heartbeat.dead()).isZero();
        assertThat(rig.failures).hasSize(4);
        rig.failures.clear();

        rig.advance(INTERVAL);
        assertIsAskedOnceMoreAndCut(heartbeat);
    }

    /// What it sends is not read, so its answers cannot be seen.
    @Test
    void nothingIsHeldAgainstAPeerThatIsPaused() throws Exception {
        Heartbeat heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, 2);
        heartbeat.watch(channel);
        Channel view = Objects.requireNonNull(rig.dispatcher.group().channel(channel));
        view.pauseReceive();
        for (int i = 0; i < 5; i++) {
            rig.advance(INTERVAL);
        }
        rig.dispatcher.turn(0);
        assertThat(heartbeat.dead()).isZero();
        assertThat(ended).isFalse();
        // The first one has found it heard by its hello.
        for (int i = 0; i < 4; i++) {
            try (Message beat = rig.farNext(OpCode.REQUEST)) {
                assertThat(beat.headers().first(Heartbeat.BEAT)).as("a sign of ours").isNotNull();
            }
        }

        view.resumeReceive();
        rig.advance(INTERVAL); // what came meanwhile may not be read yet
        assertThat(farGotABeat()).isTrue();
        rig.advance(INTERVAL);
        assertIsAskedOnceMoreAndCut(heartbeat);
    }

    @Test
    void whoCannotBeAskedCostsNobodyElseABeat() throws Exception {
        boolean[] open = new boolean[1];
        rig.dispatcher.on(OpCode.WELCOME_RESPONSE, message -> open[0] = true);
        int listener;
        try (Message welcome = rig.message()) {
            listener =
                    rig.dispatcher.group().enqueueToPeer(welcome.listenOn(Rig.fresh())).channel();
        }
        rig.until("listening", () -> open[0]);
        int later = rig.connect();
        int farLater = rig.farNumber(later);
        Heartbeat heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, 2);
        for (int number : new int[] {channel, listener, later}) {
            heartbeat.watch(number);
        }
        rig.advance(INTERVAL);
        for (int i = 0; i < 3; i++) {
            rig.advance(INTERVAL);
            answerBeat(farChannel);
            answerBeat(farLater);
            rig.advance(INTERVAL);
        }
        assertThat(heartbeat.dead()).isZero();
        assertThat(rig.failures).isNotEmpty().allMatch(AmpeException.class::isInstance);
        rig.failures.clear();
    }

    /// Answers a beat, and sees to it that the answer has come.
    private void answerBeat(int far) throws InterruptedException {
        int[] came = new int[1];
        Filter filter =
                message -> {
                    came[0] += message.opCode() == OpCode.RESPONSE ? 1 : 0;
                    return false;
                };
        rig.dispatcher.filterFirst(filter);
        try (Message beat = rig.farNext(OpCode.REQUEST, far)) {
            rig.far.enqueueToPeer(beat.opCode(OpCode.RESPONSE));
        }
        rig.until("answer", () -> came[0] > 0);
        rig.dispatcher.unfilter(filter);
    }

    @Test
    void whatOnlyHasItsTextHeaderIsNoBeat() throws Exception {
        Requester requester = new Requester(rig.dispatcher);
        Heartbeat heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, 2);
        heartbeat.watch(channel);
        farBeat(OpCode.SIGNAL, 1);
        rig.until("signal", () -> signals == 1);
        farBeat(OpCode.RESPONSE, 1);
        rig.until("response", () -> answers == 1);

        CompletableFuture<Message> asked;
        try (Message request = rig.message()) {
            asked = requester.ask(channel, request, Duration.ofHours(1));
        }
        try (Message request = rig.farNext(OpCode.REQUEST)) {
            farBeat(OpCode.RESPONSE, request.id());
        }
        rig.until("answer", asked::isDone);
        asked.join().close();
    }

    private void farBeat(OpCode opCode, long id) {
        try (Message message = rig.message()) {
            message.opCode(opCode).channel(farChannel).id(id);
            message.headers().append(Heartbeat.BEAT, "?");
            rig.far.enqueueToPeer(message);
        }
    }

    @Test
    void anAnswerToABeatIsOneInAnyWords() throws Exception {
        Heartbeat heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, 2);
        heartbeat.watch(channel);
        rig.advance(INTERVAL);
        rig.advance(INTERVAL);
        try (Message beat = rig.farNext(OpCode.REQUEST)) {
            rig.farSend(OpCode.RESPONSE, farChannel, beat.id(), "what?");
        }
        farSignal();
        assertThat(answers).isZero();
    }

    @Test
    void anAnswerIsASignOfLifeForAllThatWatch() throws Exception {
        Heartbeat one = new Heartbeat(rig.dispatcher, INTERVAL, 2);
        Heartbeat other = new Heartbeat(rig.dispatcher, INTERVAL, 2);
        int[] answers = new int[1];
        rig.dispatcher.filterFirst(
                message -> {
                    answers[0] += message.opCode() == OpCode.RESPONSE ? 1 : 0;
                    return false;
                });
        one.watch(channel);
        other.watch(channel);
        rig.advance(INTERVAL);
        for (int i = 2; i <= 10; i += 2) {
            int count = i;
            rig.advance(INTERVAL);
            for (int k = 0; k < 2; k++) {
                try (Message beat = rig.farNext(OpCode.REQUEST)) {
                    rig.far.enqueueToPeer(beat.opCode(OpCode.RESPONSE));
                }
            }
            rig.until("answers", () -> answers[0] == count);
            rig.advance(INTERVAL);
        }
        assertThat(one.dead() + other.dead()).isZero();
    }

    @Test
    void aBeatOfThePeerIsASignOfLifeForAllThatWatch() throws Exception {
        Heartbeat one = new Heartbeat(rig.dispatcher, INTERVAL, 2);
        Heartbeat other = new Heartbeat(rig.dispatcher, INTERVAL, 2);
        one.watch(channel);
        other.watch(channel);
        for (int i = 0; i < 5; i++) {
            rig.farAsk(farChannel, Heartbeat.BEAT, "?", "");
            rig.farNext(OpCode.RESPONSE).close();
            rig.advance(INTERVAL);
            assertThat(farGotABeat()).as("or another answer").isFalse();
        }
    }

    @Test
    void aBusyChannelHasNoBeats() throws Exception {
        Heartbeat heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, 2);
        heartbeat.watch(channel);
        for (int i = 0; i < 5; i++) {
            farSignal();
            rig.advance(INTERVAL);
            assertThat(farGotABeat()).isFalse();
        }
    }

    /// It answers one after the other, so that its answer to a beat would come too late.
    @Test
    void answersThatAreTakenAreSignsOfLife() throws Exception {
        Requester requester = new Requester(rig.dispatcher);
        Heartbeat heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, 2);
        heartbeat.watch(channel);
        int[] parts = new int[1];
        try (Message request = rig.message()) {
            var _ =
                    requester.askForStream(
                            channel, request, Duration.ofHours(1), part -> parts[0]++);
        }
        long id;
        try (Message request = rig.farNext(OpCode.REQUEST)) {
            id = request.id();
        }
        for (int i = 1; i <= 5; i++) {
            int count = i;
            rig.farSend(OpCode.RESPONSE, farChannel, id, "part", true);
            rig.until("part", () -> parts[0] == count);
            rig.advance(INTERVAL);
        }
        assertThat(heartbeat.dead()).isZero();
        assertThat(farGotABeat()).isFalse();
        rig.farSend(OpCode.RESPONSE, farChannel, id, "last", false);
        rig.until("last", () -> parts[0] == 6);
    }

    @Test
    void aPeerThatOnlyListensGetsABeatInEachInterval() throws Exception {
        Heartbeat heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, 2, true);
        heartbeat.watch(channel);
        for (int i = 0; i < 5; i++) {
            farSignal();
            rig.advance(INTERVAL);
            assertThat(farGotABeat()).isTrue();
        }
    }

    @Test
    void thePeersBeatsAreAnswered() throws Exception {
        Heartbeat heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, 2);
        heartbeat.watch(channel);
        long id = rig.farAsk(farChannel, Heartbeat.BEAT, "?", "");
        try (Message answer = rig.farNext(OpCode.RESPONSE)) {
            assertThat(answer.id()).isEqualTo(id);
        }
    }

    @Test
    void whatIsNotWatchedIsLeftAlone() throws Exception {
        Heartbeat heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, 1);
        heartbeat.watch(channel);
        heartbeat.unwatch(channel);
        rig.advance(INTERVAL);
        rig.advance(INTERVAL);
        assertThat(farGotABeat()).isFalse();
        heartbeat.watch(channel);
        heartbeat.close();
        rig.advance(INTERVAL);
        rig.advance(INTERVAL);
        rig.advance(INTERVAL);
        assertThat(farGotABeat()).isFalse();
        assertThat(ended).isFalse();
    }
}
