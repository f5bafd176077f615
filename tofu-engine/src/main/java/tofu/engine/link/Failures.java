package tofu.engine.link;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.nio.file.NoSuchFileException;
import tofu.api.Status;
import tofu.engine.net.SocketOptionException;

/// The one table that turns a failure of the network into a [Status].
///
/// Threads: any.
final class Failures {
    private Failures() {}

    static Status connecting(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> Status.UDS_PATH_NOT_FOUND;
            case ConnectException _, NoRouteToHostException _ -> Status.CONNECT_FAILED;
            case SocketOptionException _ -> Status.SETSOCKOPT_FAILED;
            default -> Status.COMMUNICATION_FAILED;
        };
    }

    /// `Net` says that somebody listens there by a [BindException], and means nothing else by it.
    static Status listening(IOException failure) {
        return failure instanceof BindException ? Status.ADDRESS_IN_USE : Status.LISTEN_FAILED;
    }

    static Status accepting(IOException failure) {
        return failure instanceof SocketOptionException
                ? Status.SETSOCKOPT_FAILED
                : Status.ACCEPT_FAILED;
    }
}
