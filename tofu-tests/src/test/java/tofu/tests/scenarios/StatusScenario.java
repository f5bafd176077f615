package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Status;
import tofu.tests.rigs.Stage;

/// Each status, by what produces it (wire spec, section 4). The switch is exhaustive: a new
/// status does not compile without a line here.
class StatusScenario {
    @RegisterExtension final Stage stage = new Stage();

    /// What a caller did wrong, or found.
    private final CallerStatuses caller = new CallerStatuses(stage);

    /// What happened on the network.
    private final NetworkStatuses network = new NetworkStatuses(stage);

    @ParameterizedTest
    @EnumSource
    void eachStatusIsProducedByWhatItStandsFor(Status status) throws Exception {
        switch (status) {
            case SUCCESS -> network.success();
            case WRONG_ADDRESS -> caller.wrongAddress();
            case NOT_ALLOWED -> caller.notAllowed();
            case NULL_MESSAGE -> caller.nullMessage();
            case INVALID_MESSAGE -> network.invalidMessage();
            case INVALID_OP_CODE -> caller.invalidOpCode();
            case INVALID_HEADERS_LEN -> caller.invalidHeadersLen();
            case INVALID_BODY_LEN -> caller.invalidBodyLen();
            case INVALID_MORE_USAGE -> caller.invalidMoreUsage();
            case INVALID_CHANNEL_NUMBER -> caller.invalidChannelNumber();
            case INVALID_CHANNEL_GROUP -> caller.invalidGroup();
            case INVALID_MESSAGE_ID -> caller.invalidMessageId();
            case INVALID_ADDRESS -> network.invalidAddress();
            case UDS_PATH_NOT_FOUND -> network.udsPathNotFound();
            case PEER_DISCONNECTED -> network.peerDisconnected();
            case COMMUNICATION_FAILED -> network.communicationFailed();
            case POOL_EMPTY -> network.poolEmpty();
            case ALLOCATION_FAILED -> caller.allocationFailed();
            case RECEIVER_UPDATE -> caller.receiverUpdate();
            case CHANNEL_CLOSED -> network.channelClosed();
            case SHUTDOWN_STARTED -> caller.shutdownStarted();
            case CONNECT_FAILED -> network.connectFailed();
            case LISTEN_FAILED -> network.listenFailed();
            case ACCEPT_FAILED -> producedElsewhere(status, "by DescriptorScenario");
            case SEND_FAILED -> network.sendFailed();
            case RECV_FAILED -> network.receiveFailed();
            case SEND_QUEUE_FULL -> network.sendQueueFull();
            case SEND_QUEUE_READY -> network.sendQueueReady();
            case ADDRESS_IN_USE -> network.addressInUse();
            case HANDSHAKE_TIMEOUT -> network.handshakeTimeout();
            case CONNECT_TIMEOUT -> network.connectTimeout();
            case FRAME_TIMEOUT -> network.frameTimeout();
            case CLOSE_TIMEOUT -> network.closeTimeout();
            case TOO_MANY_CHANNELS -> caller.tooManyChannels();
            case CONCURRENT_RECEIVE -> caller.concurrentReceive();
            case INVALID_HEADER -> caller.invalidHeader();
            case INBOX_FULL -> caller.inboxFull();
            case TLS_CERTIFICATE_UNKNOWN,
                    TLS_CERTIFICATE_EXPIRED,
                    TLS_WRONG_HOST,
                    TLS_CLIENT_CERTIFICATE_MISSING,
                    TLS_NO_COMMON_VERSION,
                    TLS_PLAINTEXT,
                    TLS_NOT_TOFU,
                    TLS_TRUNCATED,
                    TLS_FAILED ->
                    producedElsewhere(status, "by TlsFailureScenario and TlsScenario");
            case SEND_TIMEOUT -> network.sendTimeout();
            case CHANNEL_IDLE -> network.channelIdle();
            case SETSOCKOPT_FAILED, PROCESSING_FAILED ->
                    producedElsewhere(status, "in tofu-engine, with a net that fails");
            case NOT_IMPLEMENTED_YET, NOTIFICATION_DISABLED, NOTIFICATION_FAILED, UNKNOWN_ERROR ->
                    assertThat(ONLY_READ).contains(status);
        }
    }

    private static void producedElsewhere(Status status, String where) {
        abort(status + " is produced " + where);
    }

    // ---- those that this edition never produces

    /// The reference has these; here they only have names, for those who read its codes.
    private static final Set<Status> ONLY_READ =
            EnumSet.of(
                    Status.NOT_IMPLEMENTED_YET,
                    Status.NOTIFICATION_DISABLED,
                    Status.NOTIFICATION_FAILED,
                    Status.UNKNOWN_ERROR);

    @Test
    void notImplementedYetIsOnlyRead() {
        assertThat(Status.of(1)).isEqualTo(Status.NOT_IMPLEMENTED_YET);
    }

    @Test
    void notificationDisabledIsOnlyRead() {
        assertThat(Status.of(15)).isEqualTo(Status.NOTIFICATION_DISABLED);
    }

    @Test
    void notificationFailedIsOnlyRead() {
        assertThat(Status.of(16)).isEqualTo(Status.NOTIFICATION_FAILED);
    }

    @Test
    void unknownErrorIsOnlyRead() {
        assertThat(Status.of(31)).isEqualTo(Status.UNKNOWN_ERROR);
    }

    @ParameterizedTest
    @EnumSource
    void eachCodeReadsAsItsStatus(Status status) {
        assertThat(Status.of(status.code())).isEqualTo(status);
        assertThat(status.code())
                .satisfiesAnyOf(
                        code -> assertThat(code).isBetween(0, 31),
                        code -> assertThat(code).isBetween(128, 255));
    }
}
