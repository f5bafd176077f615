package tofu.engine.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What a [TlsStream] consists of, once the stream below is connected and registered.
///
/// Thread: the loop.
///
/// @param engine the state of TLS, and its arithmetic
/// @param input what is received
/// @param output what is sent
/// @param handshake what comes first
record TlsParts(TlsEngine engine, TlsInput input, TlsOutput output, TlsHandshake handshake) {
    /// Parts of a stream that has not begun.
    ///
    /// @param dialled whom a client has dialled; `null` for a server
    /// @param onTaskDone called on the loop when something beside it has ended, well or not
    static TlsParts of(
            TlsEngines engines,
            TlsTasks tasks,
            TlsBuffers buffers,
            NetStream below,
            @Nullable InetSocketAddress dialled,
            Runnable onTaskDone) {
        TlsEngine engine = new TlsEngine();
        TlsInput input = new TlsInput(below, buffers, engine);
        TlsOutput output = new TlsOutput(below, buffers, engine);
        return new TlsParts(
                engine,
                input,
                output,
                new TlsHandshake(engines, tasks, dialled, engine, input, output, onTaskDone));
    }

    /// Bytes may travel.
    boolean isOpen() {
        return handshake.isDone();
    }

    /// The stream has failed: what was received is thrown away, and the peer gets the alert that
    /// the engine may have for it.
    void onFailure(IOException failure) {
        input.drop();
        if (failure instanceof TlsException && engine.exists() && !handshake.isBusy()) {
            output.sendAlert();
        }
    }

    /// Gives back what there is of the loop's buffers.
    void release() {
        input.release();
        output.release();
    }
}
