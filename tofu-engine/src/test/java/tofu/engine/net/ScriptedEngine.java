package tofu.engine.net;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLSession;

/// An engine of TLS after its handshake that does what a test says, right or wrong.
///
/// Thread: one.
final class ScriptedEngine extends SSLEngine {
    /// More than any call of ours may take.
    private static final int MOST_CALLS = 20_000;

    /// What becomes of bytes.
    @FunctionalInterface
    interface Step {
        SSLEngineResult run(ByteBuffer source, ByteBuffer target);
    }

    private final Step unwrapping;
    private final Step wrapping;
    private int calls;

    ScriptedEngine(Step unwrapping, Step wrapping) {
        this.unwrapping = unwrapping;
        this.wrapping = wrapping;
    }

    static SSLEngineResult result(SSLEngineResult.Status status, int consumed, int produced) {
        return new SSLEngineResult(status, HandshakeStatus.NOT_HANDSHAKING, consumed, produced);
    }

    private void count() {
        if (++calls > MOST_CALLS) {
            throw new AssertionError("it is called for ever");
        }
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] targets, int offset, int length) {
        count();
        return unwrapping.run(source, targets[offset]);
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer target) {
        count();
        return wrapping.run(sources[offset], target);
    }

    @Override
    public HandshakeStatus getHandshakeStatus() {
        return HandshakeStatus.NOT_HANDSHAKING;
    }

    @Override
    public boolean getUseClientMode() {
        return true;
    }

    // ---- what nobody asks for after the handshake

    private static UnsupportedOperationException unused() {
        return new UnsupportedOperationException("nobody needs it here");
    }

    @Override
    public Runnable getDelegatedTask() {
        throw unused();
    }

    @Override
    public void closeInbound() {
        throw unused();
    }

    @Override
    public boolean isInboundDone() {
        throw unused();
    }

    @Override
    public void closeOutbound() {
        throw unused();
    }

    @Override
    public boolean isOutboundDone() {
        throw unused();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        throw unused();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        throw unused();
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {
        throw unused();
    }

    @Override
    public String[] getSupportedProtocols() {
        throw unused();
    }

    @Override
    public String[] getEnabledProtocols() {
        throw unused();
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {
        throw unused();
    }

    @Override
    public SSLSession getSession() {
        throw unused();
    }

    @Override
    public void beginHandshake() {
        throw unused();
    }

    @Override
    public void setUseClientMode(boolean mode) {
        throw unused();
    }

    @Override
    public void setNeedClientAuth(boolean need) {
        throw unused();
    }

    @Override
    public boolean getNeedClientAuth() {
        throw unused();
    }

    @Override
    public void setWantClientAuth(boolean want) {
        throw unused();
    }

    @Override
    public boolean getWantClientAuth() {
        throw unused();
    }

    @Override
    public void setEnableSessionCreation(boolean flag) {
        throw unused();
    }

    @Override
    public boolean getEnableSessionCreation() {
        throw unused();
    }
}
