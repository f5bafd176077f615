package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Door;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// A receiver that drives the engine's loop while it waits: what can happen to it meanwhile, and
/// that nobody else suffers when it stays away.
class LeaderScenario {
    private static final int WAITS = 64;
    private static final Duration SHORT = Duration.ofMillis(1);

    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @EnumSource
    void aReceiverThatWaitsOftenDrivesTheLoop(Transport transport) {
        Peer server = leadable();
        server.listen(transport);

        Running<Status> receiver = lead(server.group());
        server.group().updateReceiver(null);

        assertThat(receiver.result()).isEqualTo(Status.RECEIVER_UPDATE);
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptReachesItAndTheEngineGoesOn(Transport transport) {
        Peer server = leadable();
        Door door = server.listen(transport);
        Running<Status> receiver = lead(server.group());

        receiver.interrupt();

        receiver.failure(InterruptedException.class);
        Link.open(stage.peer(), server, door.address()).echo("after the interrupt");
    }

    @ParameterizedTest
    @EnumSource
    void theEndOfItsGroupReachesIt(Transport transport) {
        Peer server = leadable();
        server.listen(transport);
        Running<Status> receiver = lead(server.group());

        server.group().close();

        receiver.expectRefusal(Status.SHUTDOWN_STARTED);
    }

    @ParameterizedTest
    @EnumSource
    void theEndOfTheEngineReachesIt(Transport transport) {
        Peer server = leadable();
        server.listen(transport);
        Running<Status> receiver = lead(server.group());

        server.ampe().close();

        receiver.expectRefusal(Status.SHUTDOWN_STARTED);
    }

    @ParameterizedTest
    @EnumSource
    void whenItStaysAwayWithItsMessageOthersAreServed(Transport transport) {
        Peer server = leadable();
        Door door = server.listen(transport);
        Running<Status> receiver = lead(server.group());
        server.group().updateReceiver(null);
        assertThat(receiver.result()).isEqualTo(Status.RECEIVER_UPDATE);

        // Nobody waits for the server's messages, and yet they come: the next look finds them.
        RawPeer raw = stage.raw(door.address());
        raw.send(Frame.of(OpCode.HELLO_REQUEST, 1));
        Eventually.holds("the hello is there without a wait", () -> isThere(server.group()));
    }

    @ParameterizedTest
    @EnumSource
    void anotherGroupOfTheEngineIsServedMeanwhile(Transport transport) {
        Peer server = leadable();
        server.listen(transport);
        Running<Status> receiver = lead(server.group());

        Peer other = stage.peerOn(server.ampe());
        Door door = other.listen(transport);
        Link.open(stage.peer(), other, door.address()).echo("beside a leader");

        server.group().updateReceiver(null);
        assertThat(receiver.result()).isEqualTo(Status.RECEIVER_UPDATE);
    }

    @ParameterizedTest
    @EnumSource
    void whatAnotherThreadSaysIsSentWhileItWaits(Transport transport) {
        Link link = stage.link(transport, options -> options.loops(1).leader(true));
        Running<Status> receiver = lead(link.client().group());

        for (int i = 0; i < 100; i++) {
            link.client().say(OpCode.SIGNAL, link.clientChannel(), 1 + i);
            link.server().expect(OpCode.SIGNAL, 1 + i);
        }

        link.client().group().updateReceiver(null);
        assertThat(receiver.result()).isEqualTo(Status.RECEIVER_UPDATE);
    }

    private Peer leadable() {
        return stage.peer(options -> options.loops(1).leader(true));
    }

    private static boolean isThere(ChannelGroup group) throws InterruptedException {
        try (Message message = group.waitReceiveNanos(0)) {
            return message != null && message.opCode() == OpCode.HELLO_REQUEST;
        }
    }

    /// Starts a receiver, and waits until it drives the loop.
    private static Running<Status> lead(ChannelGroup group) {
        Running<Status> receiver = Running.start(() -> receive(group));
        Eventually.holds("the receiver drives the loop", () -> isInLoop(receiver));
        return receiver;
    }

    private static Status receive(ChannelGroup group) throws InterruptedException {
        for (int i = 0; ; i++) {
            try (Message message = group.waitReceive(i < WAITS ? SHORT : Peer.PATIENCE)) {
                if (message != null) {
                    return message.status();
                }
                assertThat(i).as("waits in vain").isLessThan(WAITS);
            }
        }
    }

    private static boolean isInLoop(Running<Status> receiver) {
        assertThat(receiver.isDone()).isFalse();
        return receiver.drivesLoop();
    }
}
