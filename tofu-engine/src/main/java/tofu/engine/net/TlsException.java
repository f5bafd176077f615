package tofu.engine.net;

import java.io.IOException;
import java.io.Serial;
import tofu.api.Status;

/// Says that TLS has failed, or that its peer does not speak it; the message says how, for people.
public final class TlsException extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    private final Status status;

    /// Says what has failed.
    ///
    /// @param status which of the failures it is
    /// @param message the same in words
    /// @param cause what the JDK says; it may be the application's
    public TlsException(Status status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    TlsException(Status status, String message) {
        super(message);
        this.status = status;
    }

    /// What has failed, in words.
    ///
    /// @return text that a text header may have
    public String text() {
        return TlsFailures.text(this);
    }

    /// Which of the failures it is.
    ///
    /// @return one of those whose names begin with `TLS_`
    public Status status() {
        return status;
    }
}
