package tofu.engine.channel;

import tofu.api.Options;

/// What one channel needs of the [Options], with times as nanoseconds.
///
/// @param sendQueueMessages bound of the send queue
/// @param sendQueueBytes bound of the send queue
/// @param windowMessages bound of what is delivered and not taken
/// @param windowBytes bound of what is delivered and not taken
/// @param connectNanos deadline of connecting
/// @param handshakeNanos deadline of an accepted connection's HelloRequest
/// @param frameNanos deadline of one frame
/// @param byeNanos deadline of a peer's silence after a ByeRequest
/// @param closeNanos deadline of closing
/// @param sendNanos how long a peer may take nothing, 0 for ever
/// @param idleNanos silence of a peer that is told, 0 for none
public record Limits(
        int sendQueueMessages,
        int sendQueueBytes,
        int windowMessages,
        int windowBytes,
        long connectNanos,
        long handshakeNanos,
        long frameNanos,
        long byeNanos,
        long closeNanos,
        long sendNanos,
        long idleNanos) {

    /// Takes the values from the options.
    ///
    /// @param options the engine's options
    /// @return the limits
    public static Limits of(Options options) {
        return new Limits(
                options.sendQueueMessages(),
                Math.toIntExact(options.sendQueueBytes()),
                options.receiveWindowMessages(),
                Math.toIntExact(options.receiveWindowBytes()),
                options.connectTimeout().toNanos(),
                options.handshakeTimeout().toNanos(),
                options.frameTimeout().toNanos(),
                options.byeTimeout().toNanos(),
                options.closeTimeout().toNanos(),
                options.sendTimeout().toNanos(),
                options.idleNotice().toNanos());
    }
}
