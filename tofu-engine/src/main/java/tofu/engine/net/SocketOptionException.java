package tofu.engine.net;

import java.io.IOException;
import java.io.Serial;
import java.net.SocketOption;

/// Says that the system refused an option that a socket cannot do without.
public final class SocketOptionException extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    /// Names the option.
    ///
    /// @param option what could not be set
    /// @param cause why
    SocketOptionException(SocketOption<?> option, Throwable cause) {
        super(option.name() + " cannot be set: " + cause.getMessage(), cause);
    }
}
