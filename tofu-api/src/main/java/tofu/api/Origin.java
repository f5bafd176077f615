package tofu.api;

/// Who speaks in a message: an application, or the engine itself.
///
/// A peer cannot speak in the engine's name: the origin bit of a received frame is cleared.
///
/// There are no others, and a `switch` over both is complete: it is one bit of the wire.
public enum Origin {
    /// The message was written by an application, here or at the peer.
    APPLICATION,

    /// The message is a notice of the local engine, or a message that it gives back; see
    /// [Message#status()].
    ENGINE
}
