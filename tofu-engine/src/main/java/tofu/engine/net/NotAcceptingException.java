package tofu.engine.net;

import java.io.Serial;
import java.net.SocketException;

/// Says that there is a socket at a path, which takes no connection now: its backlog is full.
final class NotAcceptingException extends SocketException {
    @Serial private static final long serialVersionUID = 1L;

    NotAcceptingException(String message, Throwable cause) {
        super(message, cause);
    }
}
