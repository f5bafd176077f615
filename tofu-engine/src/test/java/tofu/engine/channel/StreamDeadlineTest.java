package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tofu.api.Status;

/// Nobody waits for ever, and nobody is blamed for what we have not read.
class StreamDeadlineTest {
    private static final Frame LONG = Frame.request(9).withBody(100);

    private static byte[] part(int from, int to) {
        return Arrays.copyOfRange(LONG.bytes(), from, to);
    }

    // -- a peer that takes nothing

    /// As usual, but with 60 for a peer that takes nothing.
    private static final Limits IMPATIENT =
            new Limits(8, 100_000, 8, 200_000, 10, 20, 30, 40, 50, 60, 0);

    @Test
    void aPeerThatTakesNothingIsGivenUp() {
        try (StreamRig rig = StreamRig.client(IMPATIENT, new Memory())) {
            rig.post(Frame.request(9).withBody(100));
            rig.stream.onSendBlocked(rig.now);
            assertThat(rig.timeLeft()).isEqualTo(60);
            rig.pass(59);
            rig.stream.onSendBlocked(rig.now);
            assertThat(rig.timeLeft()).as("to be told again buys no time").isEqualTo(1);
            rig.pass(1);

            rig.checkEnded(
                    true,
                    "REQUEST 9 +100 back SEND_TIMEOUT",
                    "notice SEND_TIMEOUT 1",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aPeerThatTakesALittleIsNotGivenUp() {
        try (StreamRig rig = StreamRig.client(IMPATIENT, new Memory())) {
            rig.post(Frame.request(9).withBody(100));
            for (int i = 0; i < 10; i++) {
                rig.stream.onSendBlocked(rig.now);
                rig.pass(59);
                rig.write(10);
            }
            assertThat(rig.timeLeft()).as("the rest of it was taken").isEqualTo(-1);
            rig.write();
            assertThat(rig.stream.state()).isEqualTo(State.OPEN);
        }
    }

    @Test
    void whoeverHasAskedForNoSuchThingWaitsForEver() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(9).withBody(100));
            rig.stream.onSendBlocked(rig.now);
            assertThat(rig.timeLeft()).isEqualTo(-1);
            rig.write();
        }
    }

    // -- a handshake of another layer

    @Test
    void aClientsHandshakeHasItsOwnTime() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.pass(9);
            rig.connect();
            rig.stream.onSecuring(rig.now);
            assertThat(rig.timeLeft()).isEqualTo(20);
            rig.pass(20);
            rig.checkEnded(
                    true,
                    "HELLO_REQUEST 1 back HANDSHAKE_TIMEOUT",
                    "notice HANDSHAKE_TIMEOUT 1",
                    "notice CHANNEL_CLOSED 1");
        }
        try (StreamRig rig = StreamRig.connecting()) {
            rig.connect();
            rig.stream.onSecuring(rig.now);
            rig.pass(19);
            rig.stream.onSecured();
            assertThat(rig.timeLeft()).isEqualTo(-1);
            rig.write();
        }
    }

    // -- a frame

    @Test
    void aFrameThatDoesNotEndIsGivenUp() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(part(0, 1));
            assertThat(rig.timeLeft()).isEqualTo(30);
            rig.pass(29);
            rig.receive(part(1, 60));
            assertThat(rig.timeLeft()).as("more of it does not buy time").isEqualTo(1);

            rig.pass(1);

            rig.checkEnded(true, "notice FRAME_TIMEOUT 1", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aFrameThatEndsInTimeIsForgotten() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(part(0, 60));
            rig.pass(29);
            rig.receive(part(60, 116));

            assertThat(rig.timeLeft()).isEqualTo(-1);
            rig.pass(1_000);
            assertThat(rig.outlet.takeAll()).containsExactly("REQUEST 9 +100");
        }
    }

    @Test
    void everyFrameHasItsOwnTime() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(part(0, 60));
            rig.pass(20);
            rig.receive(part(60, 116));
            rig.receive(part(0, 10));
            assertThat(rig.timeLeft()).isEqualTo(30);
            rig.pass(20);

            byte[] restAndBegin = new byte[106 + 20];
            System.arraycopy(part(10, 116), 0, restAndBegin, 0, 106);
            System.arraycopy(part(0, 20), 0, restAndBegin, 106, 20);
            rig.receive(restAndBegin);

            assertThat(rig.timeLeft()).isEqualTo(30);
        }
    }

    @Test
    void aHalfFrameAndAByeHaveTwoDeadlines() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            rig.pass(5);
            rig.receive(part(0, 20));
            assertThat(rig.timeLeft()).as("the frame's").isEqualTo(30);
            rig.receive(part(20, 116));
            assertThat(rig.timeLeft()).as("the bye's").isEqualTo(40);
        }
    }

    // -- a bye

    @Test
    void aPeerThatIsSilentAfterOurByeIsGivenUp() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            assertThat(rig.timeLeft()).isEqualTo(40);
            rig.pass(39);
            assertThat(rig.state()).isEqualTo(State.BYE_SENT);

            rig.pass(1);

            rig.checkEnded(true, "notice CLOSE_TIMEOUT 1", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void whateverThePeerSendsBuysTime() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            rig.pass(39);
            rig.receive(Frame.signal(5));
            assertThat(rig.timeLeft()).isEqualTo(40);
            rig.pass(25);
            rig.receive(part(0, 20));
            rig.pass(25);
            assertThat(rig.state()).isEqualTo(State.BYE_SENT);
        }
    }

    @Test
    void whateverThePeerTakesBuysTime() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2).withBody(100), Frame.byeRequest(3));
            rig.pass(39);
            rig.write(10);
            rig.pass(39);
            rig.write(10);

            assertThat(rig.timeLeft()).isEqualTo(40);
        }
    }

    @Test
    void aByeThatCannotBeSentComesBackWithTheReason() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.byeRequest(3));
            rig.pass(40);

            rig.checkEnded(
                    true,
                    "BYE_REQUEST 3 back CLOSE_TIMEOUT",
                    "notice CLOSE_TIMEOUT 1",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    // -- a close

    @Test
    void aPeerThatDoesNotCloseAfterOurResponseIsGivenUp() {
        try (StreamRig rig = StreamRig.in(State.CLOSING)) {
            assertThat(rig.timeLeft()).isEqualTo(50);
            rig.pass(49);
            assertThat(rig.state()).isEqualTo(State.CLOSING);

            rig.pass(1);

            rig.checkEnded(true, "notice CLOSE_TIMEOUT 1", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void theTimeToCloseBeginsAnewWithWhatIsSent() {
        try (StreamRig rig = StreamRig.in(State.BYE_RECEIVED)) {
            rig.post(Frame.request(3).withBody(100), Frame.byeResponse(2));
            rig.pass(45);
            rig.write(10);
            assertThat(rig.timeLeft()).isEqualTo(50);
            rig.pass(45);
            rig.write();

            assertThat(rig.timeLeft()).isEqualTo(50);
        }
    }

    @Test
    void aGreetedPeerMayBeSilentForEver() {
        try (StreamRig rig = StreamRig.client()) {
            assertThat(rig.timeLeft()).isEqualTo(-1);
        }
        try (StreamRig rig = StreamRig.server()) {
            assertThat(rig.timeLeft()).isEqualTo(-1);
        }
        try (StreamRig rig = StreamRig.in(State.BYE_RECEIVED)) {
            assertThat(rig.timeLeft()).as("it is our turn").isEqualTo(-1);
        }
    }

    @Test
    void anEarlyTickDoesNothing() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            rig.stream.onTick(rig.now);
            rig.stream.onTick(rig.now + 39);

            assertThat(rig.state()).isEqualTo(State.BYE_SENT);
        }
    }

    // -- while we do not read

    /// Fills the receive window, with a part of a frame behind it.
    private static void fillWindow(StreamRig rig, int partLength) {
        byte[] full = new byte[7 * 16 + partLength];
        for (int i = 0; i < 7; i++) {
            System.arraycopy(Frame.signal(i).bytes(), 0, full, i * 16, 16);
        }
        System.arraycopy(LONG.bytes(), 0, full, 7 * 16, partLength);
        assertThat(rig.receive(full)).isEqualTo(full.length);
        assertThat(rig.readTarget()).as("the window is full").isNull();
    }

    @Test
    void aHalfFrameHasNoDeadlineWhileTheWindowIsFull() {
        try (StreamRig rig = StreamRig.client()) {
            fillWindow(rig, 10);

            rig.pass(1_000);

            assertThat(rig.state()).isEqualTo(State.OPEN);
        }
    }

    @Test
    void aHalfFrameHasADeadlineAgainOnceTheWindowIsOpen() {
        try (StreamRig rig = StreamRig.client()) {
            fillWindow(rig, 10);
            rig.pass(1_000);
            rig.outlet.takeAll();
            rig.turn();
            assertThat(rig.stream.inflow().isWanted()).isTrue();

            assertThat(rig.timeLeft()).isEqualTo(30);
            rig.pass(30);
            rig.checkEnded(true, "notice FRAME_TIMEOUT 1", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aDeadlineThatComesRightAfterTheWindowOpensFindsNobodyGuilty() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            fillWindow(rig, 0);
            rig.outlet.takeAll();

            rig.pass(40);

            assertThat(rig.state()).as("the answer may have come").isEqualTo(State.BYE_SENT);
            rig.turn();
            rig.receive(Frame.byeResponse(2));
            rig.checkEnded(false, "BYE_RESPONSE 2", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aByeHasTimeAsLongAsTheWindowIsFull() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            fillWindow(rig, 0);
            for (int i = 0; i < 5; i++) {
                rig.pass(39);
                rig.pass(1);
                assertThat(rig.state()).isEqualTo(State.BYE_SENT);
            }
            rig.outlet.takeAll();
            rig.turn();

            rig.receive(Frame.byeResponse(2));

            rig.checkEnded(false, "BYE_RESPONSE 2", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void afterTheLoopHasHeldReadingDeadlinesBeginAnew() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            rig.now += 39;
            rig.stream.inflow().onHeld(rig.now);
            assertThat(rig.timeLeft()).isEqualTo(40);
        }
        try (StreamRig rig = StreamRig.accepted()) {
            rig.now += 19;
            rig.stream.inflow().onHeld(rig.now);
            assertThat(rig.timeLeft()).isEqualTo(20);
        }
    }

    @Test
    void theEndOfAPeerIsAwaitedAnewWhileThereIsNoMemoryToReadInto() {
        try (StreamRig rig = StreamRig.in(State.CLOSING)) {
            rig.now += 49;
            rig.stream.inflow().onHeld(rig.now);
            assertThat(rig.timeLeft()).as("the window does not matter").isEqualTo(1);
            rig.stream.inflow().onMemoryLacking(rig.now);
            assertThat(rig.timeLeft()).isEqualTo(50);
            rig.now += 49;
            rig.stream.inflow().onMemoryCome(rig.now);
            assertThat(rig.timeLeft()).isEqualTo(50);
        }
        try (StreamRig rig = StreamRig.client()) {
            rig.stream.onGroupClosed(rig.now);
            rig.now += 49;
            rig.stream.inflow().onMemoryLacking(rig.now);
            assertThat(rig.timeLeft()).as("what drains needs no memory").isEqualTo(1);
        }
    }

    @Test
    void holdingReadingBuysNoTimeToConnectOrToClose() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.now += 9;
            rig.stream.inflow().onHeld(rig.now);
            assertThat(rig.timeLeft()).isEqualTo(1);
        }
        try (StreamRig rig = StreamRig.client()) {
            rig.stream.onSendFailure(Status.SEND_FAILED, rig.now);
            rig.now += 49;
            rig.stream.inflow().onHeld(rig.now);
            assertThat(rig.timeLeft()).isEqualTo(1);
        }
    }
}
