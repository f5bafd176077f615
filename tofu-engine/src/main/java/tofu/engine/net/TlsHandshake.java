package tofu.engine.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import tofu.api.PeerIdentity;
import tofu.api.Status;
import tofu.api.TlsSettings;

/// How the two ends of one stream agree on keys, and learn who they are.
///
/// A server has no engine before its peer has begun, and a peer that does not speak TLS is refused
/// without one. What takes long is computed beside the loop; meanwhile ([#isBusy()]) the engine is
/// that task's.
///
/// Thread: the loop.
/// Errors: thrown as they come, but those of a task: [#taskFailure()].
final class TlsHandshake {
    /// A record begins with five bytes, and the first byte in it says what it is about.
    private static final int FIRST_BYTES = 6;

    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;

    /// How often one turn reads. The JDK passes over warnings, however many, so a peer that warns
    /// for ever would keep the loop; the rest is there in the next turn.
    private static final int MOST_FILLS = 4;

    private final TlsEngines engines;
    private final TlsTasks tasks;

    /// Whom a client has dialled; `null` for a server.
    private final @Nullable InetSocketAddress dialled;

    private final TlsEngine engine;
    private final TlsInput input;
    private final TlsOutput output;
    private final Runnable onTaskDone;

    /// A task has the engine, or makes one.
    private boolean busy;

    /// Nobody waits for what a task computes any more; for the task, which may be in line still.
    private volatile boolean abandoned;

    /// What such a task could not do.
    private @Nullable Throwable taskFailure;

    /// The peer's first bytes are those of TLS.
    private boolean speaksTls;

    /// How often this turn has read.
    private int fills;

    /// What the peer has proved, once all is done.
    private PeerIdentity.@Nullable Tls identity;

    /// A handshake that has not begun.
    ///
    /// @param onTaskDone called on the loop when a task has ended, well or not
    TlsHandshake(
            TlsEngines engines,
            TlsTasks tasks,
            @Nullable InetSocketAddress dialled,
            TlsEngine engine,
            TlsInput input,
            TlsOutput output,
            Runnable onTaskDone) {
        this.engines = engines;
        this.tasks = tasks;
        this.dialled = dialled;
        this.engine = engine;
        this.input = input;
        this.output = output;
        this.onTaskDone = onTaskDone;
    }

    /// A task runs beside the loop.
    boolean isBusy() {
        return busy;
    }

    /// Bytes may travel.
    boolean isDone() {
        return identity != null;
    }

    PeerIdentity.@Nullable Tls identity() {
        return identity;
    }

    /// The stream is closed: a task that has not begun has nothing to do. So it is the living that
    /// wait in line for what takes long, however many come and go.
    void abandon() {
        abandoned = true;
    }

    /// What a task could not do, for ever; `null` if there is nothing.
    @Nullable SSLException taskFailure() {
        return switch (taskFailure) {
            case null -> null;
            case SSLException e -> e;
            case Throwable e -> new SSLException(e.toString(), e);
        };
    }

    /// Goes on as far as it goes now.
    void proceed() throws IOException {
        fills = 0;
        boolean on = true;
        while (on && identity == null && !busy && taskFailure == null) {
            on = engine.exists() ? step() : prepare();
        }
    }

    /// A server waits for its peer's first bytes; then there is an engine to be made.
    private boolean prepare() throws IOException {
        if (dialled == null) {
            ByteBuffer bytes = input.open();
            try {
                if (bytes.remaining() < FIRST_BYTES && fill(bytes) == 0) {
                    return false;
                }
                checkSpeaksTls(bytes);
                if (bytes.remaining() < FIRST_BYTES) {
                    return true;
                }
            } finally {
                input.close(bytes);
            }
        }
        start(this::makeEngine);
        return true;
    }

    private void makeEngine() throws SSLException {
        engine.set(
                dialled == null
                        ? engines.server()
                        : engines.client(dialled.getHostString(), dialled.getPort()));
    }

    // ---- beside the loop

    /// What is computed there.
    private interface Work {
        void run() throws SSLException;
    }

    private void start(Work work) throws SSLException {
        busy = true;
        Runnable beside =
                () -> {
                    try {
                        if (!abandoned) {
                            work.run();
                        }
                    } catch (SSLException | RuntimeException | Error e) {
                        taskFailure = e; // some of it is the application's
                    }
                };
        if (!tasks.run(beside, this::endTask)) {
            busy = false;
            throw new SSLException("too many handshakes at a time");
        }
    }

    /// The engine is the loop's again.
    private void endTask() {
        busy = false;
        onTaskDone.run();
    }

    private void runTasks() {
        SSLEngine own = engine.get();
        for (Runnable task = own.getDelegatedTask(); task != null; task = own.getDelegatedTask()) {
            task.run();
        }
    }

    // ---- step by step

    /// One step.
    ///
    /// @return false if it has to wait
    private boolean step() throws IOException {
        return switch (engine.get().getHandshakeStatus()) {
            case NEED_TASK -> {
                start(this::runTasks);
                yield true;
            }
            case NEED_WRAP -> output.wrapNothing();
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrap();
            case NOT_HANDSHAKING, FINISHED -> {
                finish();
                yield true;
            }
        };
    }

    private boolean unwrap() throws IOException {
        ByteBuffer bytes = input.open();
        try {
            while (true) {
                SSLEngineResult result = input.unwrap(bytes);
                if (result.bytesProduced() > 0) {
                    throw new SSLException("bytes within the handshake");
                }
                switch (result.getStatus()) {
                    case CLOSED -> throw new SSLException("the peer has ended the handshake");
                    case BUFFER_OVERFLOW -> throw new SSLException("a record that is too long");
                    case OK -> {
                        if (!needsInput()) {
                            return true;
                        }
                        if (result.bytesConsumed() > 0) {
                            continue;
                        }
                    }
                    case BUFFER_UNDERFLOW -> {}
                }
                if (fill(bytes) == 0) {
                    return false;
                }
                checkSpeaksTls(bytes);
            }
        } finally {
            input.close(bytes);
        }
    }

    private boolean needsInput() {
        return engine.get().getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP;
    }

    /// Receives more, but never more than one record: the JDK would wait for longer ones.
    ///
    /// @return 0 if there is no more in this turn
    private int fill(ByteBuffer bytes) throws IOException {
        int room = TlsBuffers.RECORD_BYTES - bytes.remaining();
        if (room <= 0) {
            throw new SSLException("a record that is too long");
        }
        if (fills == MOST_FILLS) {
            return 0;
        }
        fills++;
        int count = input.fill(bytes, room);
        if (count < 0) {
            throw new TlsException(
                    Status.TLS_TRUNCATED,
                    "the peer has ended the connection within the handshake;"
                            + " maybe it does not speak TLS");
        }
        return count;
    }

    /// Looks at the peer's first bytes, as far as they are there. A frame of tofu without TLS is
    /// no hello of TLS.
    private void checkSpeaksTls(ByteBuffer bytes) throws TlsException {
        if (speaksTls) {
            return;
        }
        int count = bytes.remaining();
        int start = bytes.position();
        int kind = count > 0 ? bytes.get(start) : HANDSHAKE;
        boolean good = kind == HANDSHAKE || (kind == ALERT && dialled != null);
        good &= count < 2 || bytes.get(start + 1) == 3; // SSL 3, which all versions pretend to be
        good &=
                count < FIRST_BYTES
                        || dialled != null
                        || bytes.get(start + FIRST_BYTES - 1) == CLIENT_HELLO;
        if (!good) {
            throw new TlsException(Status.TLS_PLAINTEXT, "the peer does not speak TLS");
        }
        speaksTls = count >= FIRST_BYTES;
    }

    private void finish() throws TlsException {
        String protocol = engine.get().getApplicationProtocol();
        if (!TlsSettings.PROTOCOL.equals(protocol)) {
            throw new TlsException(
                    Status.TLS_NOT_TOFU,
                    "the peer has not agreed to speak " + TlsSettings.PROTOCOL + " (ALPN)");
        }
        SSLSession session = engine.get().getSession();
        identity =
                PeerIdentity.Tls.of(
                        certificates(session), session.getProtocol(), session.getCipherSuite());
    }

    private static List<X509Certificate> certificates(SSLSession session) {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            for (Certificate certificate : session.getPeerCertificates()) {
                if (certificate instanceof X509Certificate x509) {
                    certificates.add(x509);
                }
            }
        } catch (SSLPeerUnverifiedException e) {
            // A client may have none, if it need not.
        }
        return certificates;
    }

    /// A peer that takes nothing any more may have said why.
    ///
    /// @return that, or the same failure
    IOException reasonBehind(IOException cause) {
        if (cause != output.failure() || !engine.exists() || busy) {
            return cause;
        }
        ByteBuffer bytes = input.open();
        try {
            if (input.fill(bytes, TlsBuffers.RECORD_BYTES) < 0) {
                return cause;
            }
            while (bytes.hasRemaining() && input.unwrap(bytes).bytesConsumed() > 0) {
                // until it throws what the peer has said
            }
            return cause;
        } catch (SSLException said) {
            return said;
        } catch (IOException e) {
            return cause;
        }
    }
}
