package tofu.engine.net;

import java.io.IOException;
import java.io.Serial;

/// Says that a connection could not be accepted because of its peer; the next one is not affected.
public final class PeerException extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    /// Says what is wrong with the peer.
    ///
    /// @param message what is wrong
    /// @param cause how the JDK says it
    public PeerException(String message, Throwable cause) {
        super(message, cause);
    }
}
