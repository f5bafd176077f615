package tofu.cli;

import java.time.Duration;
import tofu.api.Ampe;
import tofu.api.Options;
import tofu.api.Status;
import tofu.kit.Dispatcher;

/// An engine, with a dispatcher that runs.
///
/// Owns: both; closing it ends them.
final class Station implements AutoCloseable {
    /// How long commands wait for what should come at once.
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Ampe ampe;
    private final Dispatcher dispatcher;

    private Station(Ampe ampe) {
        this.ampe = ampe;
        this.dispatcher = new Dispatcher(ampe);
    }

    /// Opens both.
    ///
    /// @param options of the engine, as [TlsOptions] has them
    static Station open(Options options) {
        Station station = new Station(Ampe.open(options));
        station.dispatcher.start();
        return station;
    }

    Ampe ampe() {
        return ampe;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    /// What a status means to who sees it on a terminal.
    static String reason(Status status) {
        return switch (status) {
            case CONNECT_FAILED -> "CONNECT_FAILED, nobody listens there";
            case UDS_PATH_NOT_FOUND -> "UDS_PATH_NOT_FOUND, there is no such file";
            case INVALID_ADDRESS -> "INVALID_ADDRESS, no such host";
            case ADDRESS_IN_USE -> "ADDRESS_IN_USE, somebody listens there already";
            case LISTEN_FAILED -> "LISTEN_FAILED, the system does not allow it";
            case TLS_CERTIFICATE_UNKNOWN ->
                    "TLS_CERTIFICATE_UNKNOWN, nobody who is trusted vouches for it";
            case TLS_PLAINTEXT -> "TLS_PLAINTEXT, the peer does not speak TLS";
            case TLS_WRONG_HOST -> "TLS_WRONG_HOST, the certificate is for another name";
            case PEER_DISCONNECTED -> "PEER_DISCONNECTED, the peer closed without a bye";
            default -> status.toString();
        };
    }

    @Override
    public void close() {
        dispatcher.close();
        ampe.close();
    }
}
