package tofu.engine.net;

import java.nio.ByteBuffer;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The JDK's [SSLEngine] of one stream, which there is as soon as its handshake has made one.
///
/// Thread: the loop; while a task of it runs beside the loop, whoever runs the task.
/// Errors: whatever the JDK throws is an [SSLException].
final class TlsEngine {
    private @Nullable SSLEngine engine;

    void set(SSLEngine made) {
        engine = made;
    }

    /// The stream is closed, and what a task has left behind is nobody's.
    void forget() {
        engine = null;
    }

    boolean exists() {
        return engine != null;
    }

    SSLEngine get() {
        return Objects.requireNonNull(engine);
    }

    SSLEngineResult unwrap(ByteBuffer bytes, ByteBuffer target) throws SSLException {
        try {
            return get().unwrap(bytes, target);
        } catch (RuntimeException | Error e) {
            throw outOfOrder(e);
        }
    }

    SSLEngineResult wrap(ByteBuffer[] sources, int count, ByteBuffer target) throws SSLException {
        try {
            return get().wrap(sources, 0, count, target);
        } catch (RuntimeException | Error e) {
            throw outOfOrder(e);
        }
    }

    private static SSLException outOfOrder(Throwable cause) {
        return new SSLException("the engine of TLS is out of order", cause);
    }
}
