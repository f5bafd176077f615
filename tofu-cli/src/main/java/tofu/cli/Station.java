package tofu.cli;

import java.time.Duration;
import tofu.api.Ampe;
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

    static Station open() {
        Station station = new Station(Ampe.open());
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
