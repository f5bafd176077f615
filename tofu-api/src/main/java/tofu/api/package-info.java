/// Asynchronous, full-duplex, peer-to-peer messaging over TCP and Unix domain sockets.
///
/// To listen, connect, talk or close, an application sends a [Message]; there is no other API.
/// Start at [Ampe#open(Options)].
@NullMarked
package tofu.api;

import org.jspecify.annotations.NullMarked;
