package tofu.tests.scenarios;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Throttled;
import tofu.tests.rigs.Transport;

/// All scenarios, once more, over sockets that read and write 1 to 7 bytes at a time, with a read
/// buffer of 16 bytes: every frame is cut at every place.
///
/// Those that have to move a lot within a deadline are let move more by one call in eight. A few
/// that presume how fast a system's buffers fill or empty are left out, each with its reason.
class ThrottledFault {
    @Nested
    @Tag("long")
    @Throttled
    class SlowAbruptEnd extends AbruptEndScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowAccounting extends AccountingScenario {}

    @Nested
    @Tag("long")
    @Throttled(oneInFree = 8)
    class SlowByeDeadline extends ByeDeadlineScenario {}

    @Nested
    @Tag("long")
    @Throttled(oneInFree = 8)
    class SlowBye extends ByeScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowChannelNumber extends ChannelNumberScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowClosed extends ClosedScenario {}

    @Nested
    @Tag("long")
    @Throttled(oneInFree = 8)
    class SlowClosing extends ClosingScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowConnect extends ConnectScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowEnqueue extends EnqueueScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowHostilePeer extends HostilePeerScenario {
        @Override
        void aServerThatSpeaksOutOfTurnIsCutOff(Transport transport, Frame frame, Status reason) {
            // Not here: presumes that no byte of it is left unread, which would make it a reset.
        }
    }

    @Nested
    @Tag("long")
    @Throttled
    class SlowLeak extends LeakScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowLeftovers extends LeftoversScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowListen extends ListenScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowMany extends ManyScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowNameLookup extends NameLookupScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowNoDelay extends NoDelayScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowOutOfBand extends OutOfBandScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowOwnership extends OwnershipScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowPool extends PoolScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowReceive extends ReceiveScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowReceiveWindow extends ReceiveWindowScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowSendQueue extends SendQueueScenario {
        @Override
        void thereIsOneNoticeOfRoomForEachTimeOfBeingRefused(Transport transport) {
            // Not here: presumes that the system's buffers are full before the send queue is.
        }

        @Override
        void waitingForRoomEndsWithTheTimeAndTheMessageStaysTheCallers(Transport transport) {
            // Not here: the same.
        }

        @Override
        void waitingForRoomEndsWithTheChannel(Transport transport) {
            // Not here: the same.
        }

        @Override
        void waitingForRoomEndsWithTheGroup(Transport transport) {
            // Not here: the same.
        }

        @Override
        void waitingForRoomEndsWithAnInterrupt(Transport transport) {
            // Not here: the same.
        }
    }

    @Nested
    @Tag("long")
    @Throttled
    class SlowSlowPeer extends SlowPeerScenario {
        @Override
        void eachFrameHasADeadlineOfItsOwn(Transport transport) {
            // Not here: its frames have half a second each, which a busy machine may need by
            // itself.
        }
    }

    @Nested
    @Tag("long")
    @Throttled
    class SlowStarvation extends StarvationScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowStatus extends StatusScenario {
        /// Not of RECV_FAILED, which presumes that the system's buffers are full.
        @Override
        @ParameterizedTest
        @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RECV_FAILED")
        void eachStatusIsProducedByWhatItStandsFor(Status status) throws Exception {
            super.eachStatusIsProducedByWhatItStandsFor(status);
        }
    }

    @Nested
    @Tag("long")
    @Throttled
    class SlowTalk extends TalkScenario {}

    @Nested
    @Throttled
    class SlowTextHeader extends TextHeaderScenario {}

    @Nested
    @Tag("long")
    @Throttled
    class SlowUpdateReceiver extends UpdateReceiverScenario {
        @Override
        void anUpdateGoesBehindWhatThePeersHaveSaidBefore(Transport transport) {
            // Not here: presumes that a small write is read at once.
        }
    }
}
