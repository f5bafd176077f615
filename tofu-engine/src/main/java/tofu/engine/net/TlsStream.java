package tofu.engine.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

/// A stream that speaks TLS over another one, by the JDK's [SSLEngine].
///
/// It makes its handshake by itself, as soon as it is connected or registered; until that is done
/// it takes and gives nothing. A server has no engine before its peer has begun, and a peer that
/// does not speak TLS is refused without one. A failure is told to whoever reads or writes, and so
/// is an end that TLS has not announced.
///
/// ```
///             read <- plain <- [engine] <- input <- | stream
///            write -----------> [engine] -> output -> | below
/// ```
///
/// What is between two calls in these three buffers is this stream's own; else it has none.
///
/// Long, as a handshake, both directions and their ends are the states of one engine.
///
/// Thread: the loop that it is registered with. While a task of the engine runs beside the loop
/// ([#busy]), the engine is that task's.
/// Owns: the stream below, and what it has of the loop's buffers.
/// Errors: a failure stays, and is thrown again and again.
final class TlsStream implements NetStream, NetHandler {
    /// A record begins with five bytes, and the first byte in it says what it is about.
    private static final int FIRST_BYTES = 6;

    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;

    /// How often one call reads from the stream below: records may be empty.
    private static final int MOST_FILLS = 4;

    /// How much is read of a peer that is not listened to any more; who sends more than tickets has
    /// been told of the end, and must do without it.
    private static final int MOST_UNREAD_BYTES = 64 << 10;

    private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

    private enum Phase {
        /// The stream below is not connected, or not registered.
        CONNECTING,
        /// The two ends agree on keys.
        HANDSHAKING,
        /// Bytes may travel.
        OPEN
    }

    /// Whom a client has dialled; `null` for a server.
    private final @Nullable InetSocketAddress dialled;

    /// Set once, before anything else happens.
    private @Nullable NetStream below;

    private @Nullable TlsNet net;
    private @Nullable NetHandler handler;

    private Phase phase = Phase.CONNECTING;
    private @Nullable SSLEngine engine;

    /// A task has the engine, or makes one.
    private boolean busy;

    /// What such a task could not do.
    private @Nullable Throwable taskFailure;

    /// The handshake is being made in a call further up.
    private boolean proceeding;

    /// What the handshake has proved; for those who look.
    private volatile PeerIdentity.@Nullable Tls identity;

    /// Bits of [Net], as our caller wants them.
    private int wanted;

    /// Among the net's due ones.
    private boolean queued;

    private @Nullable IOException failure;

    /// Why nothing can be sent any more. What the peer has sent before is still read: it may say
    /// why.
    private @Nullable IOException sendFailure;

    /// The peer's first bytes are those of TLS.
    private boolean speaksTls;

    /// The peer has said that it sends no more.
    private boolean inputEnded;

    /// We are to say so, as soon as all before it is sent; then have said it; then have ended the
    /// stream below, too.
    private boolean outputEnding;

    private boolean outputEnded;
    private boolean shutDown;
    private boolean closed;
    private volatile long lingerEnd;

    /// How much was read since it was closed.
    private int unreadBytes;

    /// Encrypted bytes that were received; `null` if there are none.
    private @Nullable ByteBuffer input;

    /// The first record of them is not whole.
    private boolean inputStarved;

    /// Decrypted bytes that nobody has taken; `null` if there are none.
    private @Nullable ByteBuffer plain;

    /// Encrypted bytes that the stream below has not taken; `null` if there are none.
    private @Nullable ByteBuffer output;

    private final ByteBuffer[] single = new ByteBuffer[1];

    private TlsStream(@Nullable InetSocketAddress dialled) {
        this.dialled = dialled;
    }

    /// Begins to connect.
    static TlsStream connect(TlsNet net, Net below, SocketAddress address, NetHandler handler)
            throws IOException {
        InetSocketAddress dialled =
                address instanceof InetSocketAddress inet ? inet : new InetSocketAddress(0);
        TlsStream stream = new TlsStream(dialled);
        stream.net = net;
        stream.handler = handler;
        stream.wanted = Net.CONNECT;
        stream.below = below.connect(address, stream);
        return stream;
    }

    /// Takes over a stream that is registered nowhere.
    static TlsStream accepted(NetStream below) {
        TlsStream stream = new TlsStream(null);
        stream.below = below;
        return stream;
    }

    void register(TlsNet ours, Net netBelow, NetHandler told) throws IOException {
        if (handler != null) {
            throw new IllegalStateException("registered already");
        }
        netBelow.register(below(), this);
        net = ours;
        handler = told;
        phase = Phase.HANDSHAKING;
        refresh();
    }

    private NetStream below() {
        return Objects.requireNonNull(below);
    }

    private TlsNet net() {
        return Objects.requireNonNull(net);
    }

    private SSLEngine engine() {
        return Objects.requireNonNull(engine);
    }

    // ---- who is told what

    @Override
    public void onReady(int ops) {
        if (closed) {
            sendRest();
            return;
        }
        if (phase == Phase.CONNECTING) {
            tell(ops & wanted);
            return;
        }
        proceed();
        tellReady(ops);
    }

    /// A stream that is due has its turn.
    void runDue() {
        queued = false;
        if (!closed) {
            tellReady(0);
        }
    }

    /// @param ops what the stream below is ready for
    private void tellReady(int ops) {
        int told = 0;
        if (failure != null) {
            told = wanted;
        } else if (phase == Phase.OPEN) {
            told = wanted & Net.CONNECT;
            if ((ops & Net.READ) != 0 || hasInput()) {
                told |= wanted & Net.READ;
            }
            if ((ops & Net.WRITE) != 0 && (output == null || sendFailure != null)) {
                told |= wanted & Net.WRITE;
            }
        }
        tell(told);
        if (!closed) {
            refresh();
        }
    }

    private void tell(int ops) {
        if (ops != 0 && handler != null) {
            handler.onReady(ops);
        }
    }

    private boolean hasInput() {
        return plain != null || inputEnded || (input != null && !inputStarved);
    }

    /// What there is to tell, though the stream below has nothing to.
    private boolean isDue() {
        if (failure != null) {
            return wanted != 0;
        }
        return phase == Phase.OPEN
                && ((wanted & Net.CONNECT) != 0 || ((wanted & Net.READ) != 0 && hasInput()));
    }

    /// After any change: what we want of the stream below, and whether we are due.
    private void refresh() {
        if (phase == Phase.CONNECTING) {
            return;
        }
        int ops = output == null || sendFailure != null ? 0 : Net.WRITE;
        if (failure == null && phase == Phase.HANDSHAKING && !busy && output == null) {
            ops |= Net.READ;
        } else if (failure == null && phase == Phase.OPEN) {
            ops |= wanted & (inputEnded ? Net.WRITE : Net.READ | Net.WRITE);
        }
        below().interest(ops);
        if (!queued && isDue()) {
            queued = true;
            net().addDue(this);
        }
    }

    @Override
    public void interest(int ops) {
        if (closed) {
            return;
        }
        if (handler == null && ops != 0) {
            throw new IllegalStateException("registered nowhere");
        }
        if (ops != wanted) {
            wanted = ops;
            refresh();
        }
    }

    // ---- the handshake

    @Override
    public boolean finishConnect() throws IOException {
        if (phase == Phase.CONNECTING) {
            if (!below().finishConnect()) {
                return false;
            }
            wanted &= ~Net.CONNECT;
            phase = Phase.HANDSHAKING;
            proceed();
            refresh();
        }
        return true;
    }

    @Override
    public boolean isSecuring() {
        return phase == Phase.HANDSHAKING && failure == null;
    }

    /// Goes on with the handshake as far as it goes now, and sends what there is to send.
    private void proceed() {
        if (proceeding || failure != null) {
            sendOutputQuietly();
            return;
        }
        proceeding = true;
        try {
            boolean on = sendOutput();
            while (on && phase == Phase.HANDSHAKING && !busy) {
                on = engine == null ? prepare() : step();
            }
        } catch (IOException e) {
            if (phase == Phase.HANDSHAKING || e != sendFailure) {
                fail(reasonBehind(e));
            }
        } finally {
            proceeding = false;
        }
    }

    /// A peer that has gone within the handshake may have said why.
    private IOException reasonBehind(IOException cause) {
        if (cause != sendFailure || engine == null || busy) {
            return cause;
        }
        ByteBuffer bytes = openInput();
        try {
            fill(bytes, TlsBuffers.RECORD_BYTES);
            while (bytes.hasRemaining()
                    && unwrap(bytes, net().buffers.plain()).bytesConsumed() > 0) {
                // until it throws what the peer has said
            }
            return cause;
        } catch (SSLException said) {
            return said;
        } catch (IOException e) {
            return cause;
        }
    }

    /// A server waits for its peer's first bytes; then there is an engine to be made.
    private boolean prepare() throws IOException {
        if (dialled == null) {
            ByteBuffer bytes = openInput();
            try {
                if (bytes.remaining() < FIRST_BYTES && fill(bytes, TlsBuffers.RECORD_BYTES) == 0) {
                    return false;
                }
                checkSpeaksTls(bytes);
                if (bytes.remaining() < FIRST_BYTES) {
                    return true;
                }
            } finally {
                closeInput(bytes);
            }
        }
        start(this::makeEngine);
        return true;
    }

    private void makeEngine() throws SSLException {
        engine =
                dialled == null
                        ? net().engines.server()
                        : net().engines.client(dialled.getHostString(), dialled.getPort());
    }

    /// What is computed beside the loop.
    private interface Work {
        void run() throws SSLException;
    }

    private void start(Work work) throws SSLException {
        busy = true;
        Runnable beside =
                () -> {
                    try {
                        work.run();
                    } catch (SSLException | RuntimeException | Error e) {
                        taskFailure = e; // some of it is the application's
                    }
                };
        if (!net().run(beside, this::onTaskDone)) {
            busy = false;
            throw new SSLException("too many handshakes at a time");
        }
    }

    /// The engine is the loop's again.
    private void onTaskDone() {
        busy = false;
        Throwable thrown = taskFailure;
        if (closed) {
            engine = null;
            return;
        }
        if (thrown != null) {
            fail(
                    thrown instanceof SSLException e
                            ? e
                            : new SSLException(thrown.toString(), thrown));
        }
        proceed();
        refresh();
    }

    /// One step of the handshake.
    ///
    /// @return false if it has to wait
    private boolean step() throws IOException {
        return switch (engine().getHandshakeStatus()) {
            case NEED_TASK -> {
                start(this::runTasks);
                yield true;
            }
            case NEED_WRAP -> wrapNothing();
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrapHandshake();
            case NOT_HANDSHAKING, FINISHED -> {
                secured();
                yield true;
            }
        };
    }

    private void runTasks() {
        SSLEngine own = engine();
        for (Runnable task = own.getDelegatedTask(); task != null; task = own.getDelegatedTask()) {
            task.run();
        }
    }

    private boolean unwrapHandshake() throws IOException {
        ByteBuffer bytes = openInput();
        try {
            while (true) {
                SSLEngineResult result = unwrap(bytes, net().buffers.plain());
                if (result.bytesProduced() > 0) {
                    throw new SSLException("bytes within the handshake");
                }
                switch (result.getStatus()) {
                    case CLOSED -> throw new SSLException("the peer has ended the handshake");
                    case BUFFER_OVERFLOW -> throw new SSLException("a record that is too long");
                    case OK -> {
                        if (result.bytesConsumed() > 0 || !needsInput()) {
                            return true;
                        }
                    }
                    case BUFFER_UNDERFLOW -> {}
                }
                if (fill(bytes, TlsBuffers.RECORD_BYTES) == 0) {
                    inputStarved = true;
                    return false;
                }
                checkSpeaksTls(bytes);
            }
        } finally {
            closeInput(bytes);
        }
    }

    private boolean needsInput() {
        return engine().getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP;
    }

    private void secured() throws TlsException {
        String protocol = engine().getApplicationProtocol();
        if (!TlsSettings.PROTOCOL.equals(protocol)) {
            throw new TlsException(
                    Status.TLS_NOT_TOFU,
                    "the peer has not agreed to speak " + TlsSettings.PROTOCOL + " (ALPN)");
        }
        SSLSession session = engine().getSession();
        identity =
                new PeerIdentity.Tls(
                        certificates(session), session.getProtocol(), session.getCipherSuite());
        phase = Phase.OPEN;
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

    @Override
    public PeerIdentity.@Nullable Credentials credentials() {
        return identity;
    }

    @Override
    public void keepAlive(KeepAlive values) {
        below().keepAlive(values);
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

    /// Ends all but telling it, and sends the alert that the engine may have for the peer.
    private void fail(IOException cause) {
        if (failure != null) {
            return;
        }
        failure = cause instanceof SSLException e ? TlsFailures.of(e) : cause;
        dropInput();
        if (failure instanceof TlsException && engine != null && !busy) {
            sendAlert();
        }
    }

    private void sendAlert() {
        for (int tries = 0; tries < 3 && output == null; tries++) {
            try {
                if (engine().isOutboundDone()) {
                    return;
                }
                engine().closeOutbound();
                wrapNothing();
            } catch (IOException again) {
                // The engine throws once more what has brought us here; or the peer has gone.
            }
        }
    }

    // ---- reading

    @Override
    public int read(ByteBuffer target) throws IOException {
        checkNotClosed();
        int start = target.position();
        takePlain(target);
        if (phase == Phase.OPEN && failure == null && !inputEnded && target.hasRemaining()) {
            decrypt(target);
        }
        if (phase != Phase.CONNECTING) {
            refresh();
        }
        int bytes = target.position() - start;
        if (bytes > 0) {
            return bytes;
        }
        if (failure != null) {
            throw failure;
        }
        return inputEnded ? -1 : 0;
    }

    private void checkNotClosed() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    private void takePlain(ByteBuffer target) {
        ByteBuffer from = plain;
        if (from == null) {
            return;
        }
        int count = Math.min(from.remaining(), target.remaining());
        target.put(target.position(), from, from.position(), count);
        target.position(target.position() + count);
        from.position(from.position() + count);
        if (!from.hasRemaining()) {
            net().buffers.giveRecord(from);
            plain = null;
        }
    }

    private void decrypt(ByteBuffer target) {
        ByteBuffer bytes = openInput();
        try {
            int fills = 0;
            while (target.hasRemaining()) {
                SSLEngineResult result = decryptOne(bytes, target);
                boolean whole = result.getStatus() != SSLEngineResult.Status.BUFFER_UNDERFLOW;
                if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                    inputEnded = true;
                    return;
                }
                if (whole && (result.bytesConsumed() > 0 || result.bytesProduced() > 0)) {
                    answer(result.getHandshakeStatus());
                } else if (fills == MOST_FILLS || fill(bytes, target.remaining()) == 0) {
                    inputStarved = true;
                    return;
                } else {
                    fills++;
                }
            }
        } catch (IOException e) {
            fail(e);
        } finally {
            closeInput(bytes);
        }
    }

    /// Decrypts a record; what does not fit is kept.
    private SSLEngineResult decryptOne(ByteBuffer bytes, ByteBuffer target) throws SSLException {
        SSLEngineResult result = unwrap(bytes, target);
        if (result.getStatus() != SSLEngineResult.Status.BUFFER_OVERFLOW) {
            return result;
        }
        TlsBuffers buffers = net().buffers;
        ByteBuffer record = buffers.plain();
        result = unwrap(bytes, record);
        if (record.flip().hasRemaining()) {
            plain = record;
            buffers.keepPlain();
            takePlain(target);
        }
        return result;
    }

    /// Answers what is no data: new keys are answered with new keys. A new handshake, which only
    /// TLS 1.2 knows, is refused.
    private void answer(HandshakeStatus status) throws IOException {
        switch (status) {
            case NEED_WRAP -> {
                if (output == null && sendFailure == null) {
                    wrapNothing();
                }
            }
            case NEED_TASK, NEED_UNWRAP, NEED_UNWRAP_AGAIN ->
                    throw new SSLException("the peer wants to renegotiate");
            case NOT_HANDSHAKING, FINISHED -> {}
        }
    }

    private SSLEngineResult unwrap(ByteBuffer bytes, ByteBuffer target) throws SSLException {
        try {
            return engine().unwrap(bytes, target);
        } catch (RuntimeException | Error e) {
            throw new SSLException("the engine of TLS is out of order", e);
        }
    }

    /// What was received and is not decrypted, in the loop's buffer, for the length of a call.
    private ByteBuffer openInput() {
        TlsBuffers buffers = net().buffers;
        ByteBuffer bytes = buffers.input.clear();
        ByteBuffer kept = input;
        if (kept != null) {
            bytes.put(kept);
            buffers.giveRecord(kept);
            input = null;
        }
        inputStarved = false;
        return bytes.flip();
    }

    private void closeInput(ByteBuffer bytes) {
        if (bytes.hasRemaining() && failure == null && !inputEnded) {
            input = net().buffers.kept(bytes);
        }
    }

    private void dropInput() {
        ByteBuffer kept = input;
        if (kept != null) {
            net().buffers.giveRecord(kept);
            input = null;
        }
    }

    /// Receives more behind what is there.
    ///
    /// @param wish how many decrypted bytes are wanted
    /// @return 0 if there are none now
    /// @throws TlsException if there will be none, and nobody has said so
    private int fill(ByteBuffer bytes, int wish) throws IOException {
        bytes.compact();
        int most = Math.max(wish + (wish >> 5), TlsBuffers.RECORD_BYTES);
        bytes.limit(Math.min(bytes.capacity(), bytes.position() + most));
        int count;
        try {
            count = below().read(bytes);
        } finally {
            bytes.flip();
        }
        if (count < 0) {
            throw new TlsException(
                    Status.TLS_TRUNCATED,
                    phase == Phase.OPEN
                            ? "the connection has ended without TLS's close_notify"
                            : "the peer has ended the connection within the handshake;"
                                    + " maybe it does not speak TLS");
        }
        return count;
    }

    // ---- writing

    @Override
    public int write(ByteBuffer source) throws IOException {
        single[0] = source;
        return write(single, 1);
    }

    @Override
    public int write(ByteBuffer[] sources, int count) throws IOException {
        checkNotClosed();
        if (failure != null) {
            throw failure;
        }
        if (outputEnding) {
            throw new ClosedChannelException();
        }
        if (phase != Phase.OPEN) {
            return 0;
        }
        int bytes = 0;
        try {
            while (sendOutput() && sources[count - 1].hasRemaining()) {
                bytes += encrypt(sources, count);
            }
        } catch (IOException e) {
            if (e != sendFailure) {
                fail(e);
            }
            if (bytes == 0) {
                throw failure == null ? e : failure;
            }
        } finally {
            refresh();
        }
        return bytes;
    }

    /// Encrypts as much as is sent at once, and sends it.
    ///
    /// @return how many bytes of the sources were taken
    private int encrypt(ByteBuffer[] sources, int count) throws IOException {
        ByteBuffer target = net().buffers.output();
        int bytes = 0;
        while (sources[count - 1].hasRemaining() && target.remaining() >= TlsBuffers.RECORD_BYTES) {
            SSLEngineResult result = wrap(sources, count, target);
            bytes += result.bytesConsumed();
            if (result.getStatus() != SSLEngineResult.Status.OK) {
                throw new SSLException("the engine of TLS takes no more: " + result.getStatus());
            }
        }
        send(target);
        return bytes;
    }

    private SSLEngineResult wrap(ByteBuffer[] sources, int count, ByteBuffer target)
            throws SSLException {
        try {
            return engine().wrap(sources, 0, count, target);
        } catch (RuntimeException | Error e) {
            throw new SSLException("the engine of TLS is out of order", e);
        }
    }

    /// Sends what the engine has to say by itself.
    ///
    /// @return whether the stream below has taken it
    private boolean wrapNothing() throws IOException {
        assert output == null : "out of order";
        ByteBuffer target = net().buffers.output();
        SSLEngineResult result;
        do {
            result = wrap(NOTHING, 1, target);
        } while (result.bytesProduced() > 0
                && result.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                && target.remaining() >= TlsBuffers.RECORD_BYTES);
        return send(target);
    }

    /// Sends what the loop's buffer has; what is not taken is this stream's.
    private boolean send(ByteBuffer target) throws IOException {
        target.flip();
        if (target.hasRemaining()) {
            writeBelow(target);
        }
        if (target.hasRemaining()) {
            output = target;
            net().buffers.keepOutput();
            return false;
        }
        return true;
    }

    private void writeBelow(ByteBuffer source) throws IOException {
        try {
            below().write(source);
        } catch (IOException e) {
            sendFailure = e;
            throw e;
        }
    }

    /// Sends what has waited, and then the end, if it is time for it.
    ///
    /// @return whether all is sent
    private boolean sendOutput() throws IOException {
        if (sendFailure != null) {
            throw sendFailure;
        }
        ByteBuffer waiting = output;
        if (waiting != null) {
            writeBelow(waiting);
            if (waiting.hasRemaining()) {
                return false;
            }
            net().buffers.giveOutput(waiting);
            output = null;
        }
        if (outputEnding && !outputEnded) {
            outputEnded = true;
            engine().closeOutbound();
            if (!wrapNothing()) {
                return false;
            }
        }
        if (outputEnded && !shutDown) {
            shutDown = true;
            below().shutdownOutput();
        }
        return true;
    }

    /// After a failure: nobody needs to know whether it succeeds.
    private void sendOutputQuietly() {
        ByteBuffer waiting = output;
        if (failure == null || waiting == null) {
            return;
        }
        try {
            below().write(waiting);
        } catch (IOException e) {
            waiting.position(waiting.limit());
        }
        if (!waiting.hasRemaining()) {
            net().buffers.giveOutput(waiting);
            output = null;
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        checkNotClosed();
        if (failure != null) {
            throw failure;
        }
        outputEnding = true;
        if (phase == Phase.OPEN) {
            try {
                sendOutput();
            } catch (IOException e) {
                if (e != sendFailure) {
                    fail(e);
                }
                throw failure == null ? e : failure;
            } finally {
                refresh();
            }
        }
    }

    // ---- the end

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        wanted = 0;
        if (net == null || phase == Phase.CONNECTING) {
            below().close();
            return;
        }
        outputEnding = phase == Phase.OPEN && failure == null;
        if (!sendRest()) {
            net().addLingering(this);
        }
    }

    /// Sends what a closed stream has still to send, as far as it can now, and awaits the end of a
    /// peer that could be told of ours: what comes before that, tickets, say, would make a closed
    /// socket reset the connection, and forget what it has not sent yet.
    ///
    /// @return whether it is over
    private boolean sendRest() {
        try {
            if (failure == null) {
                sendOutput();
            } else {
                sendOutputQuietly();
            }
        } catch (IOException e) {
            dropOutput(); // the peer has gone
        }
        boolean awaited = outputEnding && sendFailure == null;
        if (output != null || (!isPeersEnd() && awaited)) {
            below().interest(output == null ? Net.READ : Net.WRITE);
            return false;
        }
        net().removeLingering(this);
        below().close();
        release();
        return true;
    }

    /// Reads what nobody will read.
    private boolean isPeersEnd() {
        try {
            int count;
            do {
                count = below().read(net().buffers.input.clear());
                unreadBytes += count;
            } while (count > 0 && unreadBytes < MOST_UNREAD_BYTES);
            return count != 0;
        } catch (IOException e) {
            return true;
        }
    }

    private void release() {
        dropInput();
        if (plain != null) {
            net().buffers.giveRecord(plain);
            plain = null;
        }
        dropOutput();
    }

    private void dropOutput() {
        if (output != null) {
            net().buffers.giveOutput(output);
            output = null;
        }
    }

    /// A peer that was refused is to read why: then there is no reset.
    @Override
    public void reset() {
        if (closed) {
            return;
        }
        if (failure instanceof TlsException && phase == Phase.HANDSHAKING) {
            close();
            return;
        }
        closed = true;
        wanted = 0;
        below().reset();
        if (net != null) {
            release();
        }
    }

    /// The stream has lingered for long enough.
    void giveUp() {
        if (output == null) {
            below().close();
        } else {
            below().reset();
        }
        release();
    }

    void lingerUntil(long nanos) {
        lingerEnd = nanos;
    }

    long lingerEnd() {
        return lingerEnd;
    }

    // ---- as below

    @Override
    public int gatheredBytes() {
        return below().gatheredBytes();
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return below().localAddress();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return below().remoteAddress();
    }

    @Override
    public String toString() {
        return "TLS " + phase + " over " + below;
    }
}
