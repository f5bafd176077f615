/// The protocol, without any I/O: what a channel is, what may be said on it and when. Time comes as
/// an argument, bytes come in buffers, and what happens goes out through
/// [tofu.engine.channel.Outlet].
@NullMarked
package tofu.engine.channel;

import org.jspecify.annotations.NullMarked;
