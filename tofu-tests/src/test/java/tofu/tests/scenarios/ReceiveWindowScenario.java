package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Ampe;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// The bound of what is received and not taken: a slow application stops its own channel only.
class ReceiveWindowScenario {
    private static final Duration STALL = Duration.ofMillis(300);
    private static final int WINDOW = 8;

    @RegisterExtension final Stage stage = new Stage();

    private static final Frame BIG = Frame.of(OpCode.SIGNAL, 5, "b".repeat(50_000));

    private static Options.Builder smallWindow(Options.Builder builder) {
        return builder.receiveWindowMessages(WINDOW);
    }

    private RawPeer greeted(Peer server, String address) {
        return Greeted.open(stage, server, address).raw();
    }

    @ParameterizedTest
    @EnumSource
    void aSlowGroupStopsItsChannelAndAFastOneBesideItGoesOn(Transport transport) {
        Ampe engine = stage.engine(ReceiveWindowScenario::smallWindow);
        Peer slow = stage.peerOn(engine);
        Peer fast = stage.peerOn(engine);
        RawPeer flooding = greeted(slow, slow.listen(transport).address());
        Link link = Link.open(stage.peer(), fast, fast.listen(transport).address());

        long sent = flooding.sendUntilStalled(BIG.bytes(), STALL);
        for (int i = 0; i < 1000; i++) {
            link.echo("fast");
        }
        link.bye();

        flooding.finish();
        for (long i = 0; i < sent / BIG.bytes().length; i++) {
            assertThat(slow.expect(OpCode.SIGNAL, 5).body()).hasSize(50_000);
        }
        Received last = slow.next();
        assertThat(last.id()).as("the unfinished one is dropped").isEqualTo(Greeted.HELLO);
    }

    @ParameterizedTest
    @EnumSource
    void aBusyChannelDoesNotKeepAnotherOfItsGroupWaiting(Transport transport) {
        Peer server = stage.peer(ReceiveWindowScenario::smallWindow);
        String address = server.listen(transport).address();
        RawPeer busy = greeted(server, address);
        RawPeer quiet = greeted(server, address);
        busy.sendUntilStalled(BIG.bytes(), STALL);
        quiet.send(Frame.of(OpCode.SIGNAL, 6));
        // A window of the busy one's waits already, and another may come while that is taken.
        int before = 0;
        while (server.expect(OpCode.SIGNAL).id() != 6) {
            before++;
            assertThat(before).isLessThanOrEqualTo(3 * WINDOW);
        }
        server.ignoreRest();
    }

    @ParameterizedTest
    @EnumSource
    void whatWasHeldBackComesInOrderAndNothingIsLost(Transport transport) {
        int count = 3000;
        // The sender does not wait: all must have room, if the receiver is slow.
        Link link = stage.link(transport, o -> smallWindow(o).sendQueueMessages(count));
        Running<Boolean> sender =
                Running.run(
                        () -> {
                            for (int id = 1; id <= count; id++) {
                                link.client().say(OpCode.SIGNAL, link.clientChannel(), id);
                            }
                        });
        for (int id = 1; id <= count; id++) {
            link.server().expect(OpCode.SIGNAL, id);
        }
        sender.result();
        link.bye();
    }

    @ParameterizedTest
    @EnumSource
    void theWindowIsBoundedInBytesToo(Transport transport) {
        Peer server = stage.peer(o -> o.receiveWindowBytes(Options.MAX_MESSAGE_BYTES));
        RawPeer raw = greeted(server, server.listen(transport).address());
        long sent = raw.sendUntilStalled(BIG.bytes(), STALL);
        raw.finish();
        for (long i = 0; i < sent / BIG.bytes().length; i++) {
            server.expect(OpCode.SIGNAL, 5);
        }
        assertThat(server.next().id()).isEqualTo(Greeted.HELLO);
    }

    @ParameterizedTest
    @EnumSource
    void theDeadlineOfAFrameRestsWhileTheApplicationIsBehind(Transport transport) {
        Peer server = stage.peer(o -> smallWindow(o).frameTimeout(STALL));
        RawPeer raw = greeted(server, server.listen(transport).address());
        Frame small = Frame.of(OpCode.SIGNAL, 5, "small");
        Frame[] full = new Frame[WINDOW];
        Arrays.fill(full, small);
        raw.send(full).send(Arrays.copyOf(small.bytes(), 18));
        raw.expectSilence(STALL.multipliedBy(3));
        raw.send(Arrays.copyOfRange(small.bytes(), 18, small.bytes().length));
        for (int i = 0; i <= WINDOW; i++) {
            server.expect(OpCode.SIGNAL, 5);
        }
        raw.send(small);
        server.expect(OpCode.SIGNAL, 5);
    }
}
